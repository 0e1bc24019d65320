import type { Grid, Vec3 } from "../core/grid.js";
import { applyAffine, invertAffine } from "./affine.js";

/**
 * World position of a voxel's centre.
 *
 * @param grid  where the voxels are
 * @param voxel (i, j, k); fractions and voxels beyond the grid are allowed
 * @returns (x, y, z) in mm, RAS+
 * @example
 * voxelToWorld(createGrid({ shape: [3, 3, 3] }), [0, 1, 2]); // [-1, 0, 1]
 */
export function voxelToWorld(grid: Grid, voxel: Vec3): Vec3 {
  return applyAffine(grid.affine, voxel);
}

/**
 * The voxel coordinates of a point in the world, the inverse of {@link voxelToWorld}.
 *
 * @param grid  where the voxels are
 * @param point (x, y, z) in mm, RAS+
 * @returns (i, j, k) with fractions; may lie beyond the grid
 * @throws `out-of-range` if the grid's affine can't be inverted
 * @example
 * worldToVoxel(createGrid({ shape: [3, 3, 3] }), [-1, 0, 1]); // [0, 1, 2]
 */
export function worldToVoxel(grid: Grid, point: Vec3): Vec3 {
  return applyAffine(invertAffine(grid.affine), point);
}
