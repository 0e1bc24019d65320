import type { Vec3 } from "../core/grid.js";

/** Rows of voxels along i as bits, the lowest first; each row begins with a new word. */
export interface BitRows {
  readonly bits: Int32Array;
  readonly wordsPerRow: number;
  /** Rows of a slice, and slices: those of the grid, and empty ones behind them up to a multiple of `multiple`. */
  readonly rowsPerSlice: number;
  readonly slices: number;
}

/** The voxels equal to `value` (0 or not). */
export function bitRows(inside: Uint8Array, value: 0 | 1, [ni, nj, nk]: Vec3, multiple: number): BitRows {
  const packed = packedBits(inside);
  const wordsPerRow = Math.ceil(ni / 32);
  const rowsPerSlice = Math.ceil(nj / multiple) * multiple;
  const slices = Math.ceil(nk / multiple) * multiple;
  const bits = new Int32Array(slices * rowsPerSlice * wordsPerRow);
  const flip = value - 1;
  const tail = ni % 32 === 0 ? -1 : (1 << (ni % 32)) - 1;
  for (let k = 0, at = 0; k < nk; k++)
    for (let j = 0; j < nj; j++) {
      const end = (k * rowsPerSlice + j + 1) * wordsPerRow;
      for (let word = end - wordsPerRow, voxel = at; word < end; word++, voxel += 32) {
        const shift = voxel & 31;
        const here = (packed[voxel >>> 5]! >>> shift) | ((packed[(voxel >>> 5) + 1]! << 1) << (31 - shift));
        bits[word] = here ^ flip;
      }
      bits[end - 1]! &= tail;
      at += ni;
    }
  return { bits, wordsPerRow, rowsPerSlice, slices };
}

/** All voxels as bits, and a spare word. */
function packedBits(inside: Uint8Array): Int32Array {
  // Four voxels at once, which only aligned ones can be.
  const aligned = inside.byteOffset % 4 === 0 ? inside : inside.slice();
  const fours = new Int32Array(aligned.buffer, aligned.byteOffset, aligned.length >>> 2);
  const packed = new Int32Array((aligned.length >>> 5) + 2);
  const whole = aligned.length >>> 5;
  for (let word = 0, n = 0; word < whole; word++, n += 8) {
    const low =
      fourBits(fours[n]!) | (fourBits(fours[n + 1]!) << 4) | (fourBits(fours[n + 2]!) << 8) | (fourBits(fours[n + 3]!) << 12);
    const high =
      fourBits(fours[n + 4]!) | (fourBits(fours[n + 5]!) << 4) | (fourBits(fours[n + 6]!) << 8) | (fourBits(fours[n + 7]!) << 12);
    packed[word] = low | (high << 16);
  }
  for (let at = 32 * whole; at < aligned.length; at++) if (aligned[at]) packed[whole]! |= 1 << (at & 31);
  return packed;
}

/** One bit for each of four bytes that isn't 0. */
function fourBits(four: number): number {
  const set = ((four | ((four & 0x7f7f7f7f) + 0x7f7f7f7f)) >>> 7) & 0x01010101;
  return Math.imul(set, 0x10204080) >>> 28;
}

/** Number of bits set. */
export function ones(word: number): number {
  let n = word - ((word >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
