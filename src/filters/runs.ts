import type { Vec3 } from "../core/grid.js";
import { type Connectivity, type NeighbourRow, neighbourRows } from "./neighbours.js";

/** A mask as its runs of voxels along i, in memory order, grouped into components. */
export interface Runs {
  /** Index of each run's first voxel, and of the one behind its last. */
  readonly start: Int32Array;
  readonly end: Int32Array;
  /** For each run the first run of its component. */
  readonly root: Int32Array;
}

/**
 * Finds the runs of voxels equal to `value` (0 or not) and unites those that touch.
 *
 * @see He, Chao and Suzuki 2008, "A run-based two-scan labeling algorithm", IEEE Trans Image Process 17(5)
 */
export function connectedRuns(inside: Uint8Array, value: 0 | 1, shape: Vec3, connectivity: Connectivity): Runs {
  const { start, end, firstOfRow } = findRuns(inside, value, shape);
  const parent = new Int32Array(start.length);
  for (let run = 0; run < parent.length; run++) parent[run] = run;
  const earlier = neighbourRows(connectivity).filter(({ dj, dk }) => dk < 0 || (dk === 0 && dj < 0));
  const [ni, nj, nk] = shape;
  for (let k = 0, row = 0; k < nk; k++)
    for (let j = 0; j < nj; j++, row++)
      for (const { dj, dk, reach } of earlier) {
        if (j + dj < 0 || j + dj >= nj || k + dk < 0) continue;
        const other = row + dj + nj * dk;
        uniteRows(parent, start, end, firstOfRow, row, other, (row - other) * ni, reach);
      }
  // Parents come before their children, so one pass in order flattens the trees.
  for (let run = 0; run < parent.length; run++) parent[run] = parent[parent[run]!]!;
  return { start, end, root: parent };
}

function findRuns(inside: Uint8Array, value: 0 | 1, [ni, nj, nk]: Vec3) {
  const firstOfRow = new Int32Array(nj * nk + 1);
  let start = new Int32Array(1024);
  let end = new Int32Array(1024);
  let runs = 0;
  for (let row = 0, at = 0; row < nj * nk; row++) {
    // A row has at most this many runs.
    if (runs + ni > start.length) {
      start = enlarged(start, runs + ni);
      end = enlarged(end, runs + ni);
    }
    const stop = at + ni;
    while (at < stop) {
      while (at < stop && (inside[at] === 0) === (value === 1)) at++;
      if (at === stop) break;
      start[runs] = at;
      while (at < stop && (inside[at] === 0) === (value === 0)) at++;
      end[runs++] = at;
    }
    firstOfRow[row + 1] = runs;
  }
  return { start: start.subarray(0, runs), end: end.subarray(0, runs), firstOfRow };
}

function enlarged(array: Int32Array<ArrayBuffer>, needed: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(needed, 2 * array.length));
  larger.set(array);
  return larger;
}

/** Walks along two rows at once and unites the runs that touch; `shift` moves the other row's indices onto this one's. */
function uniteRows(
  parent: Int32Array,
  start: Int32Array,
  end: Int32Array,
  firstOfRow: Int32Array,
  row: number,
  other: number,
  shift: number,
  reach: NeighbourRow["reach"],
): void {
  const lastA = firstOfRow[row + 1]!;
  const lastB = firstOfRow[other + 1]!;
  let a = firstOfRow[row]!;
  let b = firstOfRow[other]!;
  while (a < lastA && b < lastB) {
    const startB = start[b]! + shift;
    const endB = end[b]! + shift;
    if (start[a]! < endB + reach && startB < end[a]! + reach) unite(parent, a, b);
    if (end[a]! < endB) a++;
    else b++;
  }
}

function unite(parent: Int32Array, a: number, b: number): void {
  const rootA = rootOf(parent, a);
  const rootB = rootOf(parent, b);
  if (rootA < rootB) parent[rootB] = rootA;
  else parent[rootA] = rootB;
}

function rootOf(parent: Int32Array, run: number): number {
  let at = run;
  while (parent[at] !== at) {
    parent[at] = parent[parent[at]!]!;
    at = parent[at]!;
  }
  return at;
}

/** The components' first runs, the largest component first (of equal ones the earlier), and the number of voxels by first run. */
export function bySize({ start, end, root }: Runs): { readonly order: Int32Array; readonly size: Int32Array } {
  const size = new Int32Array(root.length);
  for (let run = 0; run < root.length; run++) size[root[run]!]! += end[run]! - start[run]!;
  let largest = 0;
  for (let run = 0; run < size.length; run++) largest = Math.max(largest, size[run]!);
  // Counting sort: speckle has components by the hundred thousand.
  const place = new Int32Array(largest + 2);
  for (let run = 0; run < size.length; run++) if (size[run]! > 0) place[largest - size[run]! + 1]!++;
  for (let n = 1; n < place.length; n++) place[n]! += place[n - 1]!;
  const order = new Int32Array(place[largest]!);
  for (let run = 0; run < size.length; run++) if (size[run]! > 0) order[place[largest - size[run]!]!++] = run;
  return { order, size };
}
