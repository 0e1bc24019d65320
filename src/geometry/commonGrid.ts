import type { Box } from "../core/boundingBox.js";
import { GadoliniteError } from "../core/errors.js";
import type { Grid, Vec3 } from "../core/grid.js";
import { shiftedGrid } from "./shiftedGrid.js";
import { ROUNDING, voxelMap } from "./voxelMap.js";

/**
 * The voxels of `grid`, with as many more on its lattice as it takes to reach every voxel centre of `other`.
 *
 * @returns a grid of the same spacing and directions that contains `grid`; all of `other`'s box of centres lies within it
 * @throws `out-of-range` if an affine can't be inverted
 * @example
 * const whole = unionGrid(pre.grid, post.grid);
 */
export function unionGrid(grid: Grid, other: Grid): Grid {
  const { low, high } = reach(grid, other);
  const from = low.map((v) => Math.min(0, Math.floor(v + ROUNDING)));
  const to = high.map((v, axis) => Math.max(grid.shape[axis]! - 1, Math.ceil(v - ROUNDING)));
  return shiftedGrid(grid, boxOf(from, to));
}

/**
 * The part of `grid` that reaches no farther, along its own axes, than the voxel centres of `other`: where both have values.
 * If `other` is rotated against `grid`, corners of that part may still lie beyond it.
 *
 * @returns a grid that is a box of `grid`
 * @throws `out-of-range` if they have no part in common, or an affine can't be inverted
 * @example
 * const shared = intersectionGrid(pre.grid, post.grid);
 */
export function intersectionGrid(grid: Grid, other: Grid): Grid {
  const { low, high } = reach(grid, other);
  const from = low.map((v) => Math.max(0, Math.ceil(v - ROUNDING)));
  const to = high.map((v, axis) => Math.min(grid.shape[axis]! - 1, Math.floor(v + ROUNDING)));
  if (from.some((v, axis) => v > to[axis]!))
    throw new GadoliniteError(
      "out-of-range",
      "The two grids have no voxels in common. Check their affines, or register the scans first.",
    );
  return shiftedGrid(grid, boxOf(from, to));
}

/** How far the voxel centres of `other` reach along the axes of `grid`, in its voxels. */
function reach(grid: Grid, other: Grid): { readonly low: readonly number[]; readonly high: readonly number[] } {
  const map = voxelMap(grid, other);
  const low: number[] = [];
  const high: number[] = [];
  for (let row = 0; row < 12; row += 4) {
    const ends = other.shape.map((n, axis) => map[row + axis]! * (n - 1));
    low.push(ends.reduce((sum, end) => sum + Math.min(0, end), map[row + 3]!));
    high.push(ends.reduce((sum, end) => sum + Math.max(0, end), map[row + 3]!));
  }
  return { low, high };
}

const boxOf = (from: readonly number[], to: readonly number[]): Box => ({
  start: from as unknown as Vec3,
  shape: to.map((v, axis) => v - from[axis]! + 1) as unknown as Vec3,
});
