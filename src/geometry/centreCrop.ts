import { GadoliniteError } from "../core/errors.js";
import type { Grid, Vec3 } from "../core/grid.js";
import type { Volume, VoxelArray } from "../core/volume.js";
import { checkPositiveInteger } from "../internal/check.js";
import type { UncropOptions } from "./crop.js";
import { resampleLabels } from "./resampleLabels.js";
import { shiftedGrid } from "./shiftedGrid.js";
import { voxelMap } from "./voxelMap.js";

export interface CentreCropOptions {
  /** Number of voxels along i, j, k; Bône et al. have [160, 192, 160]. */
  readonly shape: Vec3;
  /** Value of voxels that are added where the volume is smaller than `shape`. Default 0. */
  readonly outside?: number;
}

/**
 * Brings a volume to a given number of voxels about its middle: cuts off what is too much along an axis, adds what is missing.
 *
 *     first voxel = ⌊(n − shape) / 2⌋
 *
 * Voxels keep their values, bit for bit, and their places in the world; {@link undoCrop} puts them back.
 *
 * @param volume volume or mask
 * @returns new volume of the same voxel type, of shape `shape`
 * @throws `out-of-range` if `shape` is not three positive integers, or `outside` can't be held by the voxel type
 * @see Bône et al. 2022, "Preprocessing" (160×192×160 at 1 mm)
 * @example
 * const input = centreCrop(volume, { shape: [160, 192, 160] });
 */
export function centreCrop<T extends VoxelArray>(volume: Volume<T>, { shape, outside = 0 }: CentreCropOptions): Volume<T> {
  for (const axis of [0, 1, 2]) checkPositiveInteger(`shape[${axis}]`, shape[axis]!);
  const start = volume.grid.shape.map((n, axis) => Math.floor((n - shape[axis]!) / 2)) as unknown as Vec3;
  return resampleLabels(volume, shiftedGrid(volume.grid, { start, shape }), { outside });
}

/**
 * Puts a volume that was cut from a grid, or reached beyond it, back on that grid: the inverse of {@link centreCrop} wherever both have
 * voxels, bit for bit.
 *
 * @param volume volume or mask on a part of the grid's lattice of voxels
 * @param grid   the grid that it was made from
 * @returns new volume of the same voxel type on `grid`, `outside` (default 0) where the volume has no voxel
 * @throws `grid-mismatch` if the volume's voxels are not voxels of the grid, or of its continuation; `out-of-range` if `outside` can't be
 * held by the voxel type
 * @example
 * const asScanned = undoCrop(restored, scan.grid);
 */
export function undoCrop<T extends VoxelArray>(volume: Volume<T>, grid: Grid, { outside = 0 }: UncropOptions = {}): Volume<T> {
  const isShift = voxelMap(volume.grid, grid).every((v, at) =>
    at % 5 === 0 ? v === 1 : at % 4 === 3 ? Number.isInteger(v) : v === 0,
  );
  if (!isShift)
    throw new GadoliniteError(
      "grid-mismatch",
      "The volume's voxels are not voxels of that grid: give the grid of the volume that was cropped, or use resample.",
    );
  return resampleLabels(volume, grid, { outside });
}
