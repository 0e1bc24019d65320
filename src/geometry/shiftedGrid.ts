import type { Box } from "../core/boundingBox.js";
import type { Affine, Grid } from "../core/grid.js";
import { voxelToWorld } from "./voxelToWorld.js";

/** The grid on the same lattice of voxels that covers a box of it; the box may reach beyond the grid. */
export function shiftedGrid(grid: Grid, { start, shape }: Box): Grid {
  const affine = Float64Array.from(grid.affine);
  voxelToWorld(grid, start).forEach((at, row) => {
    affine[4 * row + 3] = at;
  });
  return { shape: [shape[0], shape[1], shape[2]], affine: affine as Affine };
}
