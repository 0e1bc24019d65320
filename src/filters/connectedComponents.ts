import { GadoliniteError } from "../core/errors.js";
import type { Grid } from "../core/grid.js";
import type { Mask } from "../core/volume.js";
import { type Connectivity, checkConnectivity } from "./neighbours.js";
import { bySize, connectedRuns, type Runs } from "./runs.js";

export interface ConnectedComponentsOptions {
  /** Which voxels touch: by a face (6), also by an edge (18), also by a corner (26). Default 26, as lesions are counted. */
  readonly connectivity?: Connectivity;
}

/** The connected parts of a mask, the largest first. */
export interface Components {
  readonly grid: Grid;
  /** 0 outside the mask, 1 in the largest component, 2 in the next, … */
  readonly labels: Int32Array;
  /** Number of voxels of each: label n has `sizes[n − 1]`. */
  readonly sizes: readonly number[];
}

/**
 * Tells the connected parts of a mask apart.
 *
 * @returns labels by falling size; of two of one size the one that comes first in memory order has the lower label. An empty mask has no
 *   component: all labels 0, `sizes` empty.
 * @throws `out-of-range` if `connectivity` is not 6, 18 or 26
 * @see SciPy `ndimage.label`, whose default is 6-connectivity and whose labels come in memory order
 * @example
 * const { labels, sizes } = connectedComponents(lesions);
 */
export function connectedComponents(mask: Mask, { connectivity = 26 }: ConnectedComponentsOptions = {}): Components {
  checkConnectivity(connectivity);
  const runs = connectedRuns(mask.data, 1, mask.grid.shape, connectivity);
  const { order, size } = bySize(runs);
  const sizes = new Array<number>(order.length);
  // From here on a component's size isn't needed, and its place holds its label.
  const labelOf = size;
  for (let n = 0; n < order.length; n++) {
    sizes[n] = size[order[n]!]!;
    labelOf[order[n]!] = n + 1;
  }
  const labels = new Int32Array(mask.data.length);
  writeLabels(labels, runs, labelOf);
  return { grid: mask.grid, labels, sizes };
}

function writeLabels(labels: Int32Array, { start, end, root }: Runs, labelOf: Int32Array): void {
  for (let run = 0; run < root.length; run++) {
    const label = labelOf[root[run]!]!;
    const stop = end[run]!;
    for (let v = start[run]!; v < stop; v++) labels[v] = label;
  }
}

/**
 * One component as a mask.
 *
 * @param label 1 (the largest) to the number of components
 * @throws `out-of-range` if there is no such component
 * @example
 * const masks = components.sizes.map((_, n) => componentMask(components, n + 1));
 */
export function componentMask({ grid, labels, sizes }: Components, label: number): Mask {
  if (!(Number.isInteger(label) && label >= 1 && label <= sizes.length))
    throw new GadoliniteError(
      "out-of-range",
      `label must be an integer from 1 to the number of components, ${sizes.length}, but is ${label}.`,
    );
  const data = new Uint8Array(labels.length);
  for (let i = 0; i < data.length; i++) data[i] = labels[i] === label ? 1 : 0;
  return { grid, data };
}
