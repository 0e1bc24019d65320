import type { Vec3 } from "../../core/grid.js";

/** A linear map along one axis: output o is Σ weights[o · taps + t] · input[first[o] + t], within the axis. */
export interface AxisOperator {
  readonly first: Int32Array;
  readonly weights: Float32Array;
  readonly taps: number;
}

/**
 * Convolution with a kernel given as a function of the distance in voxels, shifted by a fraction of a voxel. The weights sum to 1; what lies
 * beyond the border counts for the last voxel.
 */
export function convolutionOperator(n: number, kernel: (t: number) => number, radius: number, shift = 0): AxisOperator {
  const reach = Math.ceil(radius + Math.abs(shift));
  const taps = Array.from({ length: 2 * reach + 1 }, (_, t) => ({ from: t - reach, weight: kernel(t - reach - shift) }));
  const least = NEGLIGIBLE * Math.max(...taps.map(({ weight }) => weight));
  const kept = taps.filter(({ weight }) => Math.abs(weight) > least);
  return fromRows(n, (add, o) => kept.forEach(({ from, weight }) => add(o + from, weight)));
}

/** Weights below this part of the largest are left out. */
const NEGLIGIBLE = 0.004;

/** e^(−t²/2s²). */
export const gaussianKernel = (s: number) => (t: number) => Math.exp((-t * t) / (2 * s * s));

/** A low-pass with the given share of the band, as of a scan interpolated by zero filling: sin(πct)/(πct), tapered to 0 at 4 voxels. */
export const bandKernel = (band: number) => (t: number) => {
  const x = Math.PI * band * t;
  const taper = Math.abs(t) < 4 ? Math.cos((Math.PI * t) / 8) : 0;
  return (Math.abs(x) < 1e-9 ? 1 : Math.sin(x) / x) * taper;
};

export interface SliceOptions {
  /** Distance of the slices' centres in voxels, 1 or more. */
  readonly distance: number;
  /** Position of one centre. */
  readonly phase: number;
  /** Part of the distance that a slice averages over, 0 (a sample) to 1. */
  readonly thickness: number;
}

/** Thick slices, brought back to the grid by linear interpolation between their centres. */
export function sliceOperator(n: number, { distance, phase, thickness }: SliceOptions): AxisOperator {
  const reach = (thickness * distance) / 2;
  return fromRows(n, (add, o) => {
    const p = (o - phase) / distance;
    const below = Math.floor(p);
    for (const slice of [below, below + 1]) {
      const share = 1 - Math.abs(p - slice);
      const centre = phase + slice * distance;
      const low = Math.ceil(centre - reach);
      const high = Math.floor(centre + reach);
      if (high <= low) add(Math.round(centre), share);
      else for (let v = low; v <= high; v++) add(v, share / (high - low + 1));
    }
  });
}

function fromRows(n: number, write: (add: (from: number, weight: number) => void, o: number) => void): AxisOperator {
  const rows: { low: number; row: Float64Array }[] = [];
  let taps = 1;
  for (let o = 0; o < n; o++) {
    const row = new Float64Array(n);
    let low = n - 1;
    let high = 0;
    let sum = 0;
    write((from, weight) => {
      const v = Math.max(0, Math.min(n - 1, from));
      row[v]! += weight;
      low = Math.min(low, v);
      high = Math.max(high, v);
      sum += weight;
    }, o);
    for (let v = low; v <= high; v++) row[v]! /= sum;
    taps = Math.max(taps, high - low + 1);
    rows.push({ low, row });
  }
  const first = new Int32Array(n);
  const weights = new Float32Array(n * taps);
  rows.forEach(({ low, row }, o) => {
    first[o] = Math.min(low, n - taps);
    for (let t = 0; t < taps; t++) weights[o * taps + t] = row[first[o]! + t]!;
  });
  return { first, weights, taps };
}

/** Applies an operator to each axis; `undefined` leaves one as it is. Gives the input itself if there is nothing to do. */
export function applyOperators(data: Float32Array, shape: Vec3, operators: readonly (AxisOperator | undefined)[]): Float32Array {
  const [ni, nj, nk] = shape;
  let out = data;
  if (operators[0]) out = alongRows(out, ni, operators[0]);
  if (operators[1]) out = acrossRows(out, ni, nj, nk, operators[1]);
  if (operators[2]) out = acrossRows(out, ni * nj, nk, 1, operators[2]);
  return out;
}

function alongRows(data: Float32Array, ni: number, { first, weights, taps }: AxisOperator): Float32Array {
  const out = new Float32Array(data.length);
  const fours = taps - (taps % 4);
  for (let row = 0; row < data.length; row += ni)
    for (let i = 0, w = 0; i < ni; i++) {
      let from = row + first[i]!;
      let sum = 0;
      let t = 0;
      for (; t < fours; t += 4, w += 4, from += 4)
        sum +=
          weights[w]! * data[from]! +
          weights[w + 1]! * data[from + 1]! +
          weights[w + 2]! * data[from + 2]! +
          weights[w + 3]! * data[from + 3]!;
      for (; t < taps; t++, w++, from++) sum += weights[w]! * data[from]!;
      out[row + i] = sum;
    }
  return out;
}

/** Along the middle axis of [blocks, n, row]. */
function acrossRows(data: Float32Array, row: number, n: number, blocks: number, { first, weights, taps }: AxisOperator) {
  const out = new Float32Array(data.length);
  const fours = taps - (taps % 4);
  for (let block = 0, to = 0; block < blocks; block++)
    for (let o = 0; o < n; o++, to += row) {
      let from = (block * n + first[o]!) * row;
      let w = o * taps;
      for (let t = 0; t < fours; t += 4, w += 4, from += 4 * row)
        addRows(out, to, data, from, row, weights[w]!, weights[w + 1]!, weights[w + 2]!, weights[w + 3]!);
      for (let t = fours; t < taps; t++, w++, from += row) addRows(out, to, data, from, row, weights[w]!, 0, 0, 0);
    }
  return out;
}

/** out[to + r] += Σ wₙ · data[from + n·row + r]; rows of weight 0 are not read. */
function addRows(
  out: Float32Array,
  to: number,
  data: Float32Array,
  from: number,
  row: number,
  w0: number,
  w1: number,
  w2: number,
  w3: number,
): void {
  if (w0 === 0 && w1 === 0 && w2 === 0 && w3 === 0) return;
  if (w1 === 0 && w2 === 0 && w3 === 0) {
    for (let r = 0; r < row; r++) out[to + r]! += w0 * data[from + r]!;
    return;
  }
  const [a, b, c] = [from + row, from + 2 * row, from + 3 * row];
  for (let r = 0; r < row; r++) out[to + r]! += w0 * data[from + r]! + w1 * data[a + r]! + w2 * data[b + r]! + w3 * data[c + r]!;
}
