import { GadoliniteError } from "../core/errors.js";
import type { Mask, Volume } from "../core/volume.js";
import { checkFiniteNumber, checkFiniteVoxels, checkMask, checkPositiveInteger } from "../internal/check.js";
import { valuesInside } from "./finiteInside.js";

export interface HistogramOptions {
  /** Number of bins, 1 or more. */
  readonly bins: number;
  /** Lower edge of the first bin and upper edge of the last, in the volume's unit. Default: minimum and maximum of the voxels that count. */
  readonly range?: readonly [number, number];
  /** Voxels that count, on the volume's grid. Default: all. */
  readonly mask?: Mask;
}

/** Counts in bins of equal width: bin b holds low + b·binWidth ≤ value < low + (b + 1)·binWidth. */
export interface Histogram {
  readonly counts: Float64Array;
  /** Lower edge of the first bin. */
  readonly low: number;
  readonly binWidth: number;
}

/**
 * Counts voxels by intensity in bins of equal width.
 *
 * Each bin holds its lower edge and not its upper one, except the last, which holds both. Voxels outside the range are left out. Where
 * the range is a single value v (a constant image) it is widened to v ± 0.5. All of this is numpy's convention.
 *
 * @throws `out-of-range` if `bins` is not a positive integer, the range not finite and rising, or a voxel that counts NaN or infinite;
 *   `grid-mismatch`; `empty-mask`
 * @see numpy.histogram
 * @example
 * const { counts, low, binWidth } = histogram(volume, { bins: 256 });
 */
export function histogram(volume: Volume, { bins, range, mask }: HistogramOptions): Histogram {
  checkPositiveInteger("bins", bins);
  const voxels = mask ? checkMask("The mask", mask, volume.grid) : volume.data.length;
  const values = mask ? valuesInside(volume.data, mask.data, voxels) : volume.data;
  const found = extrema(mask ? "The volume inside the mask" : "The volume", values);
  const [low, high] = widened(range ? checkedRange(range) : found);
  const counts = new Float64Array(bins);
  count(counts, values, low, high);
  return { counts, low, binWidth: (high - low) / bins };
}

function checkedRange([low, high]: readonly [number, number]): readonly [number, number] {
  checkFiniteNumber("The range's lower edge", low);
  checkFiniteNumber("The range's upper edge", high);
  if (low > high) throw new GadoliniteError("out-of-range", `The range must rise, but goes from ${low} to ${high}.`);
  return [low, high];
}

const widened = ([low, high]: readonly [number, number]): readonly [number, number] =>
  low === high ? [low - 0.5, high + 0.5] : [low, high];

/** Smallest and largest value. */
function extrema(name: string, values: Float32Array): readonly [number, number] {
  let low = Infinity;
  let high = -Infinity;
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!;
    if (v < low) low = v;
    if (v > high) high = v;
    sum += v;
  }
  // A finite sum of float32 tells that all are finite.
  if (!Number.isFinite(sum)) checkFiniteVoxels(name, values);
  return [low, high];
}

function count(counts: Float64Array, values: Float32Array, low: number, high: number): void {
  const last = counts.length - 1;
  const perUnit = counts.length / (high - low);
  const edges = Float64Array.from({ length: counts.length + 1 }, (_, b) => low + (b * (high - low)) / counts.length);
  edges[counts.length] = high;
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!;
    if (v < low || v > high) continue;
    let bin = Math.min(last, Math.floor((v - low) * perUnit));
    // The product may round across an edge.
    if (v < edges[bin]!) bin--;
    else if (bin < last && v >= edges[bin + 1]!) bin++;
    counts[bin]!++;
  }
}
