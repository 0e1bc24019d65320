import type { Vec3 } from "../../core/grid.js";
import type { Draws } from "./draws.js";

/**
 * A smooth random field of zero mean and unit variance: white noise on a lattice with cells of the given size in voxels, between whose points cubic
 * B-splines interpolate. It has no scale much finer than a cell, costs four multiplications a voxel, and knows no border.
 *
 * @param cell size of a cell along i, j, k in voxels, above 0; one number for all three
 */
export function smoothField(draws: Draws, shape: Vec3, cell: number | Vec3): Float32Array {
  const cells = typeof cell === "number" ? [cell, cell, cell] : cell;
  const [a, b, c] = [0, 1, 2].map((axis) => splineWeights(shape[axis]!, cells[axis]!, draws.uniform())) as [
    SplineWeights,
    SplineWeights,
    SplineWeights,
  ];
  const [ni, nj, nk] = shape;
  const lattice = draws.normals(a.points * b.points * c.points);
  // The last axis stretches whole slices, which run in memory's order.
  const lines = stretch(lattice, 1, a, ni, b.points * c.points);
  const slices = stretch(lines, ni, b, nj, c.points);
  return stretch(slices, ni * nj, c, nk, 1);
}

/** The field seen from the opposite corner: another one, for the price of a copy. */
export const opposite = (field: Float32Array): Float32Array => field.slice().reverse();

interface SplineWeights {
  readonly points: number;
  readonly first: Int32Array;
  /** Four a voxel. */
  readonly weights: Float64Array;
}

/** Mean over the phase of the sum of the four squared weights, ∫ B₃² = 151/315: what interpolation leaves of the variance along an axis. */
const VARIANCE_LEFT = 151 / 315;

function splineWeights(n: number, cell: number, phase: number): SplineWeights {
  const first = new Int32Array(n);
  const weights = new Float64Array(4 * n);
  const gain = 1 / (6 * Math.sqrt(VARIANCE_LEFT));
  for (let i = 0; i < n; i++) {
    const x = phase + i / cell;
    const p = Math.floor(x);
    const t = x - p;
    first[i] = p;
    weights[4 * i] = gain * (1 - t) ** 3;
    weights[4 * i + 1] = gain * (4 - 6 * t * t + 3 * t ** 3);
    weights[4 * i + 2] = gain * (1 + 3 * t + 3 * t * t - 3 * t ** 3);
    weights[4 * i + 3] = gain * t ** 3;
  }
  return { points: first[n - 1]! + 4, first, weights };
}

/** Interpolates each of `blocks` arrays [points, row] to [n, row]. */
function stretch(from: Float32Array, row: number, { points, first, weights }: SplineWeights, n: number, blocks: number) {
  const out = new Float32Array(blocks * n * row);
  for (let block = 0, to = 0; block < blocks; block++)
    for (let v = 0; v < n; v++) {
      const p = (block * points + first[v]!) * row;
      const [w0, w1, w2, w3] = [weights[4 * v]!, weights[4 * v + 1]!, weights[4 * v + 2]!, weights[4 * v + 3]!];
      for (let r = 0; r < row; r++, to++)
        out[to] = w0 * from[p + r]! + w1 * from[p + row + r]! + w2 * from[p + 2 * row + r]! + w3 * from[p + 3 * row + r]!;
    }
  return out;
}
