import type { Mask, Volume } from "../core/volume.js";
import { checkFiniteVoxels, checkMask } from "../internal/check.js";

/**
 * Mean of a volume over a mask, e.g. of an {@link ssimMap} over a lesion.
 *
 * @param volume finite inside the mask
 * @returns the mean, in the volume's unit
 * @throws `grid-mismatch` if the mask lies on another grid, `empty-mask` if it has no voxel, `out-of-range` if a voxel inside is NaN or infinite
 * @example
 * const similarityOfLesion = regionMean(ssimMap(post, restored, { dataRange: 1, window: "wang" }), lesion);
 */
export function regionMean(volume: Volume, mask: Mask): number {
  return namedRegionMean("The volume", volume, "mask", mask);
}

/** The same with the names that a message should use. */
export function namedRegionMean(name: string, { data, grid }: Volume, maskName: string, mask: Mask): number {
  const count = checkMask(maskName, mask, grid);
  const inside = mask.data;
  let sum = 0;
  for (let i = 0; i < data.length; i++) if (inside[i]) sum += data[i]!;
  if (!Number.isFinite(sum)) checkFiniteVoxels(name, data);
  return sum / count;
}
