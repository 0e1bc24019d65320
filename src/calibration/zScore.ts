import { GadoliniteError } from "../core/errors.js";
import type { Mask, Volume } from "../core/volume.js";
import { checkFiniteVoxels, checkMask } from "../internal/check.js";
import { linearMap } from "./linearMap.js";

export interface ZScoreOptions {
  /** Voxels that give the mean and standard deviation; default all. All voxels are mapped. */
  readonly mask?: Mask;
}

/**
 * Brings a volume to mean 0 and standard deviation 1.
 *
 *     out = (x − mean) / sd
 *
 * @param volume finite values
 * @returns the new volume, the mean and the population standard deviation (divided by n)
 * @throws `grid-mismatch`, `empty-mask`; `out-of-range` if a voxel is NaN or infinite or all voxels are equal
 * @see Bône et al. 2022, "Image processing" (inside the brain mask)
 * @example
 * const { volume } = zScore(t1, { mask: brain });
 */
export function zScore(
  volume: Volume,
  { mask }: ZScoreOptions = {},
): { readonly volume: Volume; readonly mean: number; readonly sd: number } {
  checkFiniteVoxels("The volume", volume.data);
  const { data } = volume;
  const count = mask ? checkMask("The mask", mask, volume.grid) : data.length;
  // Sums of what exceeds some one voxel: accurate under a large offset, and exactly 0 for a constant volume.
  const origin = data[mask ? mask.data.indexOf(1) : 0]!;
  let sum = 0;
  for (let i = 0; i < data.length; i++) if (!mask || mask.data[i]) sum += data[i]! - origin;
  const excess = sum / count;
  let squares = 0;
  for (let i = 0; i < data.length; i++) if (!mask || mask.data[i]) squares += (data[i]! - origin - excess) ** 2;
  const mean = origin + excess;
  const sd = Math.sqrt(squares / count);
  if (!(sd > 0))
    throw new GadoliniteError(
      "out-of-range",
      `All ${count} voxels are ${mean}: a constant volume has no standard deviation to divide by.`,
    );
  return { volume: linearMap(volume, 1 / sd, -mean / sd), mean, sd };
}
