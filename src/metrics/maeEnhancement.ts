import type { Volume } from "../core/volume.js";
import { checkSameGrid } from "../internal/check.js";
import { type EnhancementRegionOptions, enhancementRegion } from "./enhancementRegion.js";
import { mae } from "./mae.js";

export type MaeEnhancementOptions = EnhancementRegionOptions;

/**
 * Mean absolute error in the contrast-enhancing part of the brain, MAE_CE.
 *
 *     MAE_CE = mean(|test − reference|) over enhancementRegion(pre, reference)
 *
 * Where many test scans share a reference, take {@link enhancementRegion} once and {@link mae} over it.
 *
 * @param pre scan before the agent, scaled so that the brain's 95th percentile is 1; finite
 * @param reference scan at the standard dose, on the same grid and scaled alike; finite
 * @param test scan to judge, likewise; finite inside the region
 * @returns a number ≥ 0 in units of the brain's 95th percentile; `NaN` where nothing enhances
 * @throws `grid-mismatch` if the grids differ, `empty-mask` if `brain` has no voxel, `out-of-range` if `sigmaVoxels` is negative, or a number or voxel is NaN or infinite
 * @see Pinetz et al. 2024, section 4.3, table 2
 * @example
 * const error = maeEnhancement(pre, post, restored, { brain });
 */
export function maeEnhancement(pre: Volume, reference: Volume, test: Volume, options: MaeEnhancementOptions): number {
  checkSameGrid(pre.grid, test.grid);
  const mask = enhancementRegion(pre, reference, options);
  return mask.data.includes(1) ? mae(reference, test, { mask }) : Number.NaN;
}
