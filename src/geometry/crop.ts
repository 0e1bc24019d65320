import type { Box } from "../core/boundingBox.js";
import { GadoliniteError } from "../core/errors.js";
import { type Grid, type Vec3, voxelCount } from "../core/grid.js";
import type { Volume, VoxelArray } from "../core/volume.js";
import { checkSameGrid } from "../internal/check.js";
import { shiftedGrid } from "./shiftedGrid.js";
import { copyBox, voxelsLike } from "./voxels.js";

const ORIGIN: Vec3 = [0, 0, 0];

/**
 * Cuts a box out of a volume. The affine follows, so every voxel stays where it is in the world.
 *
 * @param volume volume or mask
 * @param box first voxel and number of voxels along i, j, k; wholly within the volume
 * @returns new volume of the same voxel type, of shape `box.shape`
 * @throws `out-of-range` if the box reaches beyond the volume, is empty, or is not made of integers
 * @example
 * const lesion = crop(volume, boundingBox(mask, { marginVoxels: 8 }));
 */
export function crop<T extends VoxelArray>(volume: Volume<T>, box: Box): Volume<T> {
  checkBox(box, volume.grid);
  const grid = shiftedGrid(volume.grid, box);
  const data = voxelsLike(volume.data, voxelCount(grid), 0);
  copyBox(
    { data: volume.data, shape: volume.grid.shape, start: box.start },
    { data, shape: box.shape, start: ORIGIN },
    box.shape,
  );
  return { grid, data };
}

export interface UncropOptions {
  /** Value of the voxels outside the box. Default 0. */
  readonly outside?: number;
}

/**
 * Puts a volume that was cropped from a grid back onto it, the inverse of {@link crop} within the box.
 *
 * @param volume volume or mask on the cropped grid
 * @param box the box it was cropped with
 * @param grid the grid it was cropped from
 * @returns new volume of the same voxel type, on `grid`
 * @throws `grid-mismatch` if the volume does not lie on that part of the grid; `out-of-range` if the box reaches beyond the
 * grid, or `outside` can't be held by the voxel type
 * @example
 * const restored = uncrop(restore(crop(volume, box)), box, volume.grid);
 */
export function uncrop<T extends VoxelArray>(
  volume: Volume<T>,
  box: Box,
  grid: Grid,
  { outside = 0 }: UncropOptions = {},
): Volume<T> {
  checkBox(box, grid);
  checkSameGrid(shiftedGrid(grid, box), volume.grid);
  const data = voxelsLike(volume.data, voxelCount(grid), outside);
  copyBox({ data: volume.data, shape: box.shape, start: ORIGIN }, { data, shape: grid.shape, start: box.start }, box.shape);
  return { grid, data };
}

function checkBox({ start, shape }: Box, grid: Grid): void {
  const fits = (axis: number) => {
    const [first, size] = [start[axis]!, shape[axis]!];
    return (
      Number.isSafeInteger(first) && Number.isSafeInteger(size) && first >= 0 && size >= 1 && first + size <= grid.shape[axis]!
    );
  };
  if (start.length !== 3 || shape.length !== 3 || ![0, 1, 2].every(fits))
    throw new GadoliniteError(
      "out-of-range",
      `A box of [${shape}] voxels from [${start}] does not lie within a grid of [${grid.shape}]. Use whole voxels; pad the volume first if it must reach beyond.`,
    );
}
