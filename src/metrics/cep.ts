import type { Mask, Volume } from "../core/volume.js";
import { checkSameGrid } from "../internal/check.js";
import { namedRegionMean } from "./regionMean.js";

/**
 * Contrast enhancement percentage of a lesion, as a fraction: 0.856 is the paper's 85.6 %.
 *
 *     CEP = (SI_post − SI_pre) / SI_pre
 *
 * SI is the mean over the lesion. Several lesions of a case are pooled voxel by voxel: give their union.
 *
 * @param pre scan before the agent; finite inside the mask, any unit with a true zero
 * @param post scan after the agent, on the same grid and calibrated to `pre`
 * @param lesion lesions of the case
 * @returns a fraction; ±`Infinity` where SI_pre is 0, `NaN` if SI_post is 0 too
 * @throws `grid-mismatch` if the grids differ, `empty-mask` if the mask has no voxel, `out-of-range` if a voxel inside is NaN or infinite
 * @see Bône et al. 2022, Invest Radiol 57:527, "Performance metrics"
 * @example
 * const percentage = 100 * cep(pre, post, lesion);
 */
export function cep(pre: Volume, post: Volume, lesion: Mask): number {
  checkSameGrid(pre.grid, post.grid);
  const before = namedRegionMean("The pre-contrast scan", pre, "lesion", lesion);
  const after = namedRegionMean("The post-contrast scan", post, "lesion", lesion);
  return (after - before) / before;
}
