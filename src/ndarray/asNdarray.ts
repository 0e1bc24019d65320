import ndarray, { type NdArray } from "ndarray";
import type { Volume, VoxelArray } from "../core/volume.js";

/**
 * A volume or mask as an ndarray: a view of the same memory, not a copy, so writing to it writes to the volume.
 *
 * @param volume volume or mask
 * @returns ndarray of shape [ni, nj, nk] and stride [1, ni, ni·nj]: `view.get(i, j, k)` is voxel (i, j, k)
 * @see https://github.com/scijs/ndarray
 * @example
 * const slice = asNdarray(volume).pick(null, null, 77);
 */
export function asNdarray<T extends VoxelArray>({ data, grid }: Volume<T>): NdArray<T> {
  const [ni, nj, nk] = grid.shape;
  return ndarray(data, [ni, nj, nk], [1, ni, ni * nj]);
}
