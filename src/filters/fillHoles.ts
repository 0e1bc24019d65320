import type { Mask } from "../core/volume.js";
import { type Connectivity, checkConnectivity } from "./neighbours.js";
import { connectedRuns, runAt } from "./runs.js";
import { writeLabels } from "./runVoxels.js";

export interface FillHolesOptions {
  /** How background voxels touch: 6, 18 or 26. Default 6 (SciPy's), the counterpart of a 26-connected mask. */
  readonly connectivity?: Connectivity;
}

/**
 * Fills the holes of a mask: background from which no path through background leads to the edge of the grid.
 *
 * @returns a new mask. On a grid of one slice every voxel lies at the edge, so nothing is filled.
 * @throws `out-of-range` if `connectivity` is not 6, 18 or 26
 * @see SciPy `ndimage.binary_fill_holes`
 * @example
 * const head = fillHoles(largestComponent(bright));
 */
export function fillHoles(mask: Mask, { connectivity = 6 }: FillHolesOptions = {}): Mask {
  checkConnectivity(connectivity);
  const [ni, nj, nk] = mask.grid.shape;
  const runs = connectedRuns(mask.data, 0, mask.grid.shape, connectivity);
  const hole = new Uint8Array(runs.components).fill(1);
  for (let k = 0, row = 0; k < nk; k++)
    for (let j = 0; j < nj; j++, row += ni) {
      const atEdge = j === 0 || j === nj - 1 || k === 0 || k === nk - 1;
      const step = atEdge ? 1 : Math.max(1, ni - 1);
      for (let i = 0; i < ni; i += step) if (!mask.data[row + i]) hole[runs.component[runAt(runs, i, j, k)]!] = 0;
    }
  const data = mask.data.slice();
  writeLabels(data, runs, hole);
  return { grid: mask.grid, data };
}
