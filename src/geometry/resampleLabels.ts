import { type Affine, type Grid, voxelCount } from "../core/grid.js";
import type { Volume, VoxelArray } from "../core/volume.js";
import { sampleNearest } from "./sampleNearest.js";
import { voxelMap } from "./voxelMap.js";
import { voxelsLike } from "./voxels.js";

export interface ResampleLabelsOptions {
  /** Row-major 4×4, world (mm, RAS+) of `grid` → world of the labels. Default: identity. */
  readonly transform?: Affine;
  /** Label where the volume does not reach. Default 0. */
  readonly outside?: number;
}

/**
 * The labels, or the mask, at the voxel centres of another grid: each voxel takes the value of the nearest one, so no label
 * arises that was not there, and the voxel type stays. Points are handled as by {@link resample}.
 *
 * @param volume labels of any voxel type, or a mask
 * @param grid   where the labels are wanted
 * @returns new volume of the same voxel type on `grid`; of a mask, a mask
 * @throws `out-of-range` if the transform is not a finite affine, or `outside` can't be held by the voxel type
 * @example
 * const brainOnPost = resampleLabels(brain, post.grid, { transform });
 */
export function resampleLabels<T extends VoxelArray>(
  volume: Volume<T>,
  grid: Grid,
  { transform, outside = 0 }: ResampleLabelsOptions = {},
): Volume<T> {
  const map = voxelMap(volume.grid, grid, transform);
  const data = voxelsLike(volume.data, voxelCount(grid), outside);
  sampleNearest(data, grid.shape, volume.data, volume.grid.shape, map);
  return { grid, data };
}
