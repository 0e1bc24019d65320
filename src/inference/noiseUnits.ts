import type { Vec3 } from "../core/grid.js";

/** Writes asinh(u): what is far above the noise, compressed. */
export function writeAsinh(to: Float32Array, u: Float32Array): void {
  for (let v = 0; v < u.length; v++) {
    const size = Math.abs(u[v]!);
    // Several times faster than Math.asinh, and right to float32.
    const log = Math.log(size + Math.sqrt(size * size + 1));
    to[v] = u[v]! < 0 ? -log : log;
  }
}

/** Writes u held within ±3: what is near the noise, as it is. */
export function writeClamped(to: Float32Array, u: Float32Array): void {
  for (let v = 0; v < u.length; v++) to[v] = Math.max(-3, Math.min(3, u[v]!));
}

/** Half of the kernel [1 6 1]/8 along each axis, about a Gaussian of half a voxel. */
export const FINE_KERNEL = Float64Array.of(6 / 8, 1 / 8);

/**
 * Writes u less its blur by [1 6 1]/8 along each axis, held within ±6: noise as it is on top of any signal, which in u itself is lost in the signal's
 * size. Beyond the border the last voxel goes on.
 */
export function writeFine(to: Float32Array, u: Float32Array, [ni, nj, nk]: Vec3): void {
  to.set(u);
  blurRows(to, 1, ni);
  blurRows(to, ni, nj);
  blurRows(to, ni * nj, nk);
  for (let v = 0; v < u.length; v++) to[v] = Math.max(-6, Math.min(6, u[v]! - to[v]!));
}

/** Blurs along the middle axis of [blocks, n, row] in place. */
function blurRows(data: Float32Array, row: number, n: number): void {
  const [middle, side] = FINE_KERNEL as unknown as readonly [number, number];
  const before = new Float32Array(row);
  for (let block = 0; block < data.length; block += n * row) {
    before.set(data.subarray(block, block + row));
    for (let m = 0, at = block; m < n; m++, at += row) {
      const behind = m + 1 < n ? row : 0;
      for (let r = 0; r < row; r++) {
        const here = data[at + r]!;
        data[at + r] = middle * here + side * (before[r]! + data[at + behind + r]!);
        before[r] = here;
      }
    }
  }
}
