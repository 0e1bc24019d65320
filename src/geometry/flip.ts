import { GadoliniteError } from "../core/errors.js";
import type { Volume, VoxelArray } from "../core/volume.js";
import { rearrange } from "./axes.js";

/**
 * Reverses the order of the voxels along one axis. The affine follows, so every voxel stays where it is in the world: an
 * LAS volume becomes RAS, the patient is not mirrored. (For a mirrored patient put the flipped voxels on the old grid:
 * `createVolume(flip(volume, 0).data, volume.grid)`.)
 *
 * @param volume volume or mask
 * @param axis 0, 1 or 2: i, j or k
 * @returns new volume of the same voxel type and shape; flipped twice is the same again
 * @throws `out-of-range` if there is no such axis
 * @example
 * const reversed = flip(volume, 0);
 */
export function flip<T extends VoxelArray>(volume: Volume<T>, axis: 0 | 1 | 2): Volume<T> {
  if (axis !== 0 && axis !== 1 && axis !== 2)
    throw new GadoliniteError("out-of-range", `axis must be 0, 1 or 2 (i, j or k), but is ${String(axis)}.`);
  return rearrange(
    volume,
    [0, 1, 2].map((a) => ({ axis: a, reversed: a === axis })),
  );
}
