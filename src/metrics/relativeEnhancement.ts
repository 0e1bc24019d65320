import type { Mask, Volume } from "../core/volume.js";
import { checkFiniteVoxels, checkMask, checkSameGrid } from "../internal/check.js";

/** How much of the true enhancement a scan shows; 1 is all of it. */
export interface RelativeEnhancement {
  /** c̄, ratio of the summed enhancements: strength, inner structure and outline together. */
  readonly mean: number;
  /** ĉ, ratio of the largest enhancements, each at its own voxel: strength alone. */
  readonly max: number;
}

/**
 * Mean and maximal relative enhancement of one lesion.
 *
 *     c̄ = Σ(test − pre) / Σ(post − pre),   ĉ = max(test − pre) / max(post − pre)   over the mask
 *
 * A noise-free linear simulation at dose d has c̄ = ĉ = d in every lesion.
 *
 * @param pre scan before the agent; finite inside the mask
 * @param post scan at the standard dose, on the same grid and calibrated to `pre`
 * @param test scan to judge: low dose or restored, likewise
 * @param mask the lesion
 * @returns ratios without unit. A lesion that doesn't enhance has no ratio: ±`Infinity` where the denominator is 0, `NaN` for 0/0
 * @throws `grid-mismatch` if the grids differ, `empty-mask` if the mask has no voxel, `out-of-range` if a voxel inside is NaN or infinite
 * @see Pinetz et al. 2024, section 4, "Evaluation" (the equations for c̄ and ĉ)
 * @example
 * const { mean, max } = relativeEnhancement(pre, post, restored, lesion);
 */
export function relativeEnhancement(pre: Volume, post: Volume, test: Volume, mask: Mask): RelativeEnhancement {
  checkSameGrid(pre.grid, post.grid, test.grid);
  checkMask("mask", mask, pre.grid);
  const inside = mask.data;
  let [trueSum, testSum, trueMax, testMax] = [0, 0, -Infinity, -Infinity];
  for (let i = 0; i < inside.length; i++) {
    if (!inside[i]) continue;
    const base = pre.data[i]!;
    const truth = post.data[i]! - base;
    const seen = test.data[i]! - base;
    trueSum += truth;
    testSum += seen;
    if (truth > trueMax) trueMax = truth;
    if (seen > testMax) testMax = seen;
  }
  if (!Number.isFinite(trueSum + testSum)) {
    checkFiniteVoxels("The pre-contrast scan", pre.data);
    checkFiniteVoxels("The post-contrast scan", post.data);
    checkFiniteVoxels("The test scan", test.data);
  }
  return { mean: testSum / trueSum, max: testMax / trueMax };
}
