import type { Mask } from "../core/volume.js";
import { type Connectivity, checkConnectivity } from "./neighbours.js";
import { connectedRuns } from "./runs.js";

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
  const { start, end, root } = connectedRuns(mask.data, 0, mask.grid.shape, connectivity);
  const open = new Uint8Array(root.length);
  for (let run = 0; run < root.length; run++) {
    const row = Math.floor(start[run]! / ni);
    const j = row % nj;
    const k = (row - j) / nj;
    const atEdge = start[run] === row * ni || end[run] === (row + 1) * ni || j === 0 || j === nj - 1 || k === 0 || k === nk - 1;
    if (atEdge) open[root[run]!] = 1;
  }
  const data = new Uint8Array(mask.data.length).fill(1);
  for (let run = 0; run < root.length; run++) if (open[root[run]!]) data.fill(0, start[run]!, end[run]!);
  return { grid: mask.grid, data };
}
