import { GadoliniteError } from "../core/errors.js";
import type { Grid } from "../core/grid.js";
import type { Mask } from "../core/volume.js";
import { type Connectivity, checkConnectivity } from "./neighbours.js";
import { connectedRuns } from "./runs.js";
import { sizesOf, writeLabels } from "./runVoxels.js";

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
  const { order, size } = sizesOf(runs);
  const { sizes, labelOf } = numberBySize(order, size);
  const labels = new Int32Array(mask.data.length);
  writeLabels(labels, runs, labelOf);
  return { grid: mask.grid, labels, sizes };
}

/** Sizes by label, and labels by component. Counts instead of sorting, as speckle has many components of few sizes. */
function numberBySize(order: Int32Array, size: Int32Array) {
  let largest = 0;
  for (let n = 0; n < size.length; n++) largest = Math.max(largest, size[n]!);
  const place = new Int32Array(largest + 1);
  const distinct: number[] = [];
  for (let n = 0; n < size.length; n++) if (place[size[n]!]!++ === 0) distinct.push(size[n]!);
  const sizes = new Array<number>(size.length);
  let label = 0;
  for (const voxels of distinct.sort((a, b) => b - a)) {
    const end = label + place[voxels]!;
    place[voxels] = label;
    for (; label < end; label++) sizes[label] = voxels;
  }
  const labelOf = new Int32Array(size.length);
  for (let n = 0; n < order.length; n++) labelOf[order[n]!] = ++place[size[order[n]!]!]!;
  return { sizes, labelOf };
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
