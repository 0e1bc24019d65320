import type { Mask, Volume } from "../core/volume.js";
import { namedRegionMean } from "./regionMean.js";

/**
 * Lesion-to-brain ratio.
 *
 *     LBR = SI_lesion / SI_brain
 *
 * SI is the mean over the region. Several lesions of a case are pooled voxel by voxel: give their union.
 *
 * @param volume finite inside both masks, any unit with a true zero; LBR is unchanged by a gain, not by an offset
 * @param lesion lesions of the case
 * @param brain healthy brain, without the lesions
 * @returns a ratio without unit; ±`Infinity` where SI_brain is 0, `NaN` if SI_lesion is 0 too
 * @throws `grid-mismatch` if a mask lies on another grid, `empty-mask` if one has no voxel, `out-of-range` if a voxel inside is NaN or infinite
 * @see Bône et al. 2022, Invest Radiol 57:527, "Performance metrics"
 * @example
 * const ratio = lbr(post, lesion, whiteMatter);
 */
export function lbr(volume: Volume, lesion: Mask, brain: Mask): number {
  return namedRegionMean("The volume", volume, "lesion", lesion) / namedRegionMean("The volume", volume, "brain", brain);
}
