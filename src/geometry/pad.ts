import { GadoliniteError } from "../core/errors.js";
import { type Vec3, voxelCount } from "../core/grid.js";
import type { Volume, VoxelArray } from "../core/volume.js";
import { shiftedGrid } from "./shiftedGrid.js";
import { copyBox, voxelsLike } from "./voxels.js";

export interface PadOptions {
  /** Voxels added before the first one along i, j, k: integers ≥ 0. Default [0, 0, 0]. */
  readonly before?: Vec3;
  /** Voxels added after the last one along i, j, k: integers ≥ 0. Default [0, 0, 0]. */
  readonly after?: Vec3;
  /** Value of the voxels added. Default 0. */
  readonly value?: number;
}

/**
 * Adds voxels of one value around a volume. The affine follows, so every voxel stays where it is in the world.
 *
 * @param volume volume or mask
 * @returns new volume of the same voxel type, `before` + shape + `after` voxels along each axis
 * @throws `out-of-range` if a width is not an integer ≥ 0, or `value` can't be held by the voxel type
 * @example
 * const even = pad(volume, { after: [0, 0, 5] }); // 155 slices become 160
 */
export function pad<T extends VoxelArray>(
  volume: Volume<T>,
  { before = [0, 0, 0], after = [0, 0, 0], value = 0 }: PadOptions,
): Volume<T> {
  checkWidths("before", before);
  checkWidths("after", after);
  const inner = volume.grid.shape;
  const shape = inner.map((n, axis) => before[axis]! + n + after[axis]!) as unknown as Vec3;
  const grid = shiftedGrid(volume.grid, { start: before.map((width) => -width) as unknown as Vec3, shape });
  const data = voxelsLike(volume.data, voxelCount(grid), value);
  copyBox({ data: volume.data, shape: inner, start: [0, 0, 0] }, { data, shape, start: before }, inner);
  return { grid, data };
}

function checkWidths(name: string, widths: Vec3): void {
  if (widths.length !== 3 || !widths.every((width) => Number.isSafeInteger(width) && width >= 0))
    throw new GadoliniteError("out-of-range", `${name} must be three integers of 0 or more, but is [${widths}].`);
}
