import type { Mask, Volume } from "../core/volume.js";
import { namedRegionMean } from "./regionMean.js";

/**
 * Contrast-to-noise ratio of a lesion.
 *
 *     CNR = (SI_lesion − SI_brain) / SD_brain
 *
 * SI is the mean over the region, SD the population standard deviation (divisor n) in healthy brain. Several lesions of a case are pooled voxel by
 * voxel: give their union. With {@link lbr}: CNR = (LBR − 1) · SI_brain / SD_brain.
 *
 * @param volume finite inside both masks, any unit; CNR is unchanged by a gain and an offset
 * @param lesion lesions of the case
 * @param brain healthy brain, without the lesions
 * @returns a ratio without unit; where the brain is constant ±`Infinity`, or `NaN` if the lesion has that value too
 * @throws `grid-mismatch` if a mask lies on another grid, `empty-mask` if one has no voxel, `out-of-range` if a voxel inside is NaN or infinite
 * @see Bône et al. 2022, Invest Radiol 57:527, "Performance metrics"
 * @example
 * const contrast = cnr(post, lesion, whiteMatter);
 */
export function cnr(volume: Volume, lesion: Mask, brain: Mask): number {
  const inLesion = namedRegionMean("The volume", volume, "lesion", lesion);
  const inBrain = namedRegionMean("The volume", volume, "brain", brain);
  return (inLesion - inBrain) / standardDeviation(volume, brain, inBrain);
}

function standardDeviation({ data }: Volume, mask: Mask, mean: number): number {
  const inside = mask.data;
  let squares = 0;
  let count = 0;
  for (let i = 0; i < data.length; i++)
    if (inside[i]) {
      const d = data[i]! - mean;
      squares += d * d;
      count++;
    }
  return Math.sqrt(squares / count);
}
