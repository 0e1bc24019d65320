import { createVolume, type Mask, type Volume } from "../core/volume.js";
import { gaussian } from "../filters/gaussian.js";
import { checkFiniteNumber, checkFiniteVoxels, checkMask, checkNonNegative, checkSameGrid } from "../internal/check.js";

export interface EnhancementRegionOptions {
  /** The brain; nothing outside it belongs to the region. */
  readonly brain: Mask;
  /** Enhancement above which a voxel belongs, in units of the brain's 95th percentile. Default 0.1 (Pinetz et al. 2023, source). */
  readonly threshold?: number;
  /** Standard deviation of the smoothing in voxels, ≥ 0; 0 for none. Default 1 (Pinetz et al. 2023, source). */
  readonly sigmaVoxels?: number;
}

/**
 * The contrast-enhancing part of the brain.
 *
 *     region = brain ∧ (G_σ ∗ (post − pre) > threshold)
 *
 * The paper doesn't define the region; this is the mask that the authors' published training loss uses.
 *
 * @param pre scan before the agent, scaled so that the brain's 95th percentile is 1; finite
 * @param post scan at the standard dose, on the same grid, scaled alike and calibrated to `pre`; finite
 * @returns a mask on that grid; without a voxel where nothing enhances
 * @throws `grid-mismatch` if the grids differ, `empty-mask` if `brain` has no voxel, `out-of-range` if `sigmaVoxels` is negative, or a number or voxel is NaN or infinite
 * @see Pinetz et al. 2023, MICCAI 14220:607 (contrast-enhancing regions of the loss)
 * @example
 * const enhancing = enhancementRegion(pre, post, { brain });
 */
export function enhancementRegion(
  pre: Volume,
  post: Volume,
  { brain, threshold = 0.1, sigmaVoxels = 1 }: EnhancementRegionOptions,
): Mask {
  checkSameGrid(pre.grid, post.grid);
  checkMask("brain", brain, pre.grid);
  checkFiniteNumber("threshold", threshold);
  checkNonNegative("sigmaVoxels", sigmaVoxels);
  // The smoothing would spread a bad voxel.
  checkFiniteVoxels("The pre-contrast scan", pre.data);
  checkFiniteVoxels("The post-contrast scan", post.data);
  const difference = new Float32Array(pre.data.length);
  for (let i = 0; i < difference.length; i++) difference[i] = post.data[i]! - pre.data[i]!;
  const raw = createVolume(difference, pre.grid);
  const smooth = (sigmaVoxels > 0 ? gaussian(raw, { sigmaVoxels }) : raw).data;
  const inside = new Uint8Array(difference.length);
  for (let i = 0; i < inside.length; i++) inside[i] = brain.data[i] && smooth[i]! > threshold ? 1 : 0;
  return { grid: pre.grid, data: inside };
}
