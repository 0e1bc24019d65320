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
  const parent = Int32Array.from(start, (_, run) => run);
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
  for (let row = 0, at = 0, runs = 0; row < nj * nk; row++) {
    for (let i = 0, before = 0; i < ni; i++, at++) {
      const now = (inside[at] ? 1 : 0) === value ? 1 : 0;
      runs += now & ~before;
      before = now;
    }
    firstOfRow[row + 1] = runs;
  }
  const start = new Int32Array(firstOfRow[nj * nk]!);
  const end = new Int32Array(start.length);
  for (let row = 0, run = 0; row < nj * nk; row++) {
    if (firstOfRow[row] === firstOfRow[row + 1]) continue;
    const stop = (row + 1) * ni;
    for (let at = row * ni, before = 0; at <= stop; at++) {
      const now = at < stop && (inside[at] ? 1 : 0) === value ? 1 : 0;
      if (now > before) start[run] = at;
      else if (now < before) end[run++] = at;
      before = now;
    }
  }
  return { start, end, firstOfRow };
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

/** The components' first runs, the largest component first, and the number of voxels by first run. */
export function bySize({ start, end, root }: Runs) {
  const size = new Int32Array(root.length);
  for (let run = 0; run < root.length; run++) size[root[run]!]! += end[run]! - start[run]!;
  const order: number[] = [];
  for (let run = 0; run < root.length; run++) if (root[run] === run) order.push(run);
  order.sort((a, b) => size[b]! - size[a]! || a - b);
  return { order, size };
}
