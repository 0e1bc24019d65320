import type { Vec3 } from "../../src/index.js";

interface Voxels {
  readonly data: ArrayLike<number>;
}

/** Largest absolute difference of two volumes; NaN if any voxel is. */
export function maxAbsDifference(a: Voxels, b: Voxels): number {
  if (a.data.length !== b.data.length) throw new Error(`lengths ${a.data.length} and ${b.data.length} differ`);
  let max = 0;
  for (let i = 0; i < a.data.length; i++) {
    const d = Math.abs(a.data[i]! - b.data[i]!);
    if (!(d <= max)) max = d;
  }
  return max;
}

/** Largest absolute voxel, at least 1: the scale against which float32 rounding is judged. */
export const scaleOf = (...volumes: readonly Voxels[]): number =>
  Math.max(1, ...volumes.map(({ data }) => Array.from(data).reduce((m, v) => Math.max(m, Math.abs(v)), 0)));

/** Calls `visit(i, j, k, index)` for each voxel, i fastest. */
export function eachVoxel([ni, nj, nk]: Vec3, visit: (i: number, j: number, k: number, index: number) => void): void {
  for (let k = 0, index = 0; k < nk; k++)
    for (let j = 0; j < nj; j++) for (let i = 0; i < ni; i++, index++) visit(i, j, k, index);
}
