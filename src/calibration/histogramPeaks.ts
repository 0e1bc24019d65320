import { GadoliniteError } from "../core/errors.js";
import type { Mask, Volume } from "../core/volume.js";
import { histogram } from "../filters/histogram.js";
import { percentiles } from "../filters/percentile.js";
import {
  checkFiniteVoxels,
  checkFraction,
  checkMask,
  checkNonNegative,
  checkPositiveInteger,
  checkWithin,
} from "../internal/check.js";

export interface HistogramPeaksOptions {
  /** Number of bins, 16 or more; default 256. Fewer for an image of few grey levels. */
  readonly bins?: number;
  /** Standard deviation of the Gaussian that smooths the counts, in bins; default 2, 0 for none. */
  readonly smoothing?: number;
  /**
   * Upper end of the histogram as a percentile of the voxels that aren't padding, 50 to 100; default 99.5. The lower end is the
   * opposite percentile (0.5), or the padding where that is lower.
   */
  readonly percentile?: number;
  /** Voxels that count; default all. */
  readonly mask?: Mask;
  /** Least prominence of the tissue peak, 0 to 1; default 0.05. */
  readonly minProminence?: number;
}

export interface HistogramPeaks {
  /** Intensity of the first peak, the background; 0 if the histogram has none (an image cropped to tissue). */
  readonly background: number;
  /** Intensity of the second peak, the tissue. */
  readonly tissue: number;
  /** Full width of the tissue peak at half its height; NaN where the counts don't fall to half on both sides of it. */
  readonly width: number;
  /** How far the tissue peak stands out of the valley, as a fraction of its height, 0 to 1. */
  readonly prominence: number;
  /** Intensity of the lowest point between the peaks; left out where there is no background peak. */
  readonly valley?: number;
  /** The smoothed counts; bin n reaches from `low` + n·`binWidth` to `low` + (n + 1)·`binWidth`. */
  readonly counts: Float64Array;
  readonly low: number;
  readonly binWidth: number;
}

/** The background is dark: its peak is looked for in the lowest tenth of the histogram. */
const BACKGROUND_PART = 0.1;

/**
 * Finds the background and the tissue peak of an image's histogram.
 *
 * The counts are smoothed (Gaussian, reflected at the ends). The first peak is the padding's exact value if that makes a spike, or else
 * the highest bin of the lowest tenth. From there the counts are followed down to the first valley behind which they rise
 * again by `minProminence`; the second peak is the highest bin beyond it, refined by a parabola through three bins.
 * Padding is what most of the volume's eight corners hold; a spike holds a hundredth of all voxels and half of its bin's. How
 * much padding there is beyond that changes nothing.
 *
 * @param volume finite values; stripped or not, offset or negative voxels don't matter
 * @returns peaks in the image's unit. Where the lowest tenth has no peak of its own, the tissue is the highest bin of all.
 * @throws `not-converged` if no peak stands out by `minProminence`; `out-of-range` for a constant image, NaN or infinite voxels, or an
 *   option out of range; `grid-mismatch`, `empty-mask`
 * @see Chen et al. 2025, "Patient population and data preparation" ("the second peak of each histogram"); bins, smoothing and the
 *   walk to the valley are not given there
 * @example
 * const { background, tissue } = histogramPeaks(t1);
 */
export function histogramPeaks(
  volume: Volume,
  { bins = 256, smoothing = 2, percentile = 99.5, mask, minProminence = 0.05 }: HistogramPeaksOptions = {},
): HistogramPeaks {
  checkPositiveInteger("bins", bins);
  checkWithin("bins", bins, 16, 65536);
  checkNonNegative("smoothing", smoothing);
  checkWithin("percentile", percentile, 50, 100);
  checkFraction("minProminence", minProminence);
  checkFiniteVoxels("The volume", volume.data);
  if (mask) checkMask("The mask", mask, volume.grid);
  const padding = paddingOf(volume, mask);
  const range = rangeOf(volume, padding.value, percentile, mask);
  const { counts: raw, low, binWidth } = histogram(volume, { bins, range, ...(mask && { mask }) });
  const counts = smoothed(raw, smoothing);
  const spike = spikeOf(padding, raw, low, binWidth);
  const { first, peak, valley, prominence } = backgroundAndTissue(counts, minProminence, spike);
  const intensity = (bin: number) => low + (bin + 0.5) * binWidth;
  return {
    background: first === undefined ? 0 : first === spike ? padding.value : intensity(vertex(counts, first)),
    tissue: intensity(vertex(counts, peak)),
    width: widthAt(counts, peak, valley ?? 0) * binWidth,
    prominence,
    ...(valley !== undefined && { valley: intensity(valley) }),
    counts,
    low,
    binWidth,
  };
}

interface Padding {
  readonly value: number;
  /** Its part of the voxels that count. */
  readonly part: number;
  readonly count: number;
}

/** The value that most of the eight corner voxels share: 0 in a stripped scan, anything where there is no padding. */
function paddingOf({ grid, data }: Volume, mask: Mask | undefined): Padding {
  const [ni, nj, nk] = grid.shape;
  const corners = [0, nk - 1].flatMap((k) => [0, nj - 1].flatMap((j) => [0, ni - 1].map((i) => data[i + ni * (j + nj * k)]!)));
  const times = (value: number) => corners.filter((v) => v === value).length;
  const value = corners.reduce((best, v) => (times(v) > times(best) ? v : best));
  let count = 0;
  let total = 0;
  for (let i = 0; i < data.length; i++) {
    if (mask && !mask.data[i]) continue;
    total++;
    if (data[i] === value) count++;
  }
  return { value, count, part: count / total };
}

/** The bin of the padding, if it is a spike there: more than half of the bin's voxels and a hundredth of all are exactly it. */
function spikeOf({ value, count, part }: Padding, raw: Float64Array, low: number, binWidth: number): number | undefined {
  const bin = Math.min(Math.floor((value - low) / binWidth), raw.length - 1);
  return part > 0.01 && bin >= 0 && count > raw[bin]! / 2 ? bin : undefined;
}

function rangeOf(volume: Volume, padding: number, percentile: number, mask: Mask | undefined): [number, number] {
  const { data, grid } = volume;
  const content: Mask = { grid, data: new Uint8Array(data.length) };
  let count = 0;
  let padded = false;
  for (let i = 0; i < data.length; i++) {
    if (mask && !mask.data[i]) continue;
    if (data[i] === padding) padded = true;
    else {
      content.data[i] = 1;
      count++;
    }
  }
  const ends = count ? percentiles(volume, [100 - percentile, percentile], { mask: content }) : [padding, padding];
  const range: [number, number] = [padded ? Math.min(ends[0]!, padding) : ends[0]!, ends[1]!];
  if (!(range[0] < range[1]))
    throw new GadoliniteError(
      "out-of-range",
      `The image is constant (${range[0]}) or nearly so: its histogram has no two peaks.`,
    );
  return range;
}

/** Gaussian smoothing with a radius of 4 standard deviations; the ends are reflected (c b a | a b c). */
function smoothed(counts: Float64Array, sigma: number): Float64Array {
  if (sigma === 0) return counts;
  const radius = Math.floor(4 * sigma + 0.5);
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, n) => Math.exp(-0.5 * ((n - radius) / sigma) ** 2));
  const total = weights.reduce((sum, w) => sum + w, 0);
  const n = counts.length;
  return Float64Array.from(counts, (_, bin) => {
    let sum = 0;
    for (let offset = -radius; offset <= radius; offset++) {
      const period = (((bin + offset) % (2 * n)) + 2 * n) % (2 * n);
      sum += weights[offset + radius]! * counts[period < n ? period : 2 * n - 1 - period]!;
    }
    return sum / total;
  });
}

interface FoundPeaks {
  /** Bin of the background peak, and of the valley behind it. */
  readonly first?: number;
  readonly valley?: number;
  /** Bin of the tissue peak. */
  readonly peak: number;
  readonly prominence: number;
}

function backgroundAndTissue(counts: Float64Array, minProminence: number, spike: number | undefined): FoundPeaks {
  const last = counts.length - 1;
  const first = spike ?? highest(counts, 0, Math.floor(counts.length * BACKGROUND_PART) - 1);
  if (spike === undefined && counts[first + 1]! > counts[first]!) return tissueAlone(counts, minProminence);
  let best = 0;
  for (let bin = first + 1; bin < last; bin++) {
    if (counts[bin]! > counts[bin - 1]! || counts[bin]! > counts[bin + 1]!) continue;
    const peak = highest(counts, bin + 1, last);
    const valley = lowest(counts, bin, peak);
    const prominence = 1 - counts[valley]! / counts[peak]!;
    if (prominence >= minProminence) return { first, valley, peak, prominence };
    if (prominence > best) best = prominence;
  }
  return noPeak(best, minProminence);
}

function tissueAlone(counts: Float64Array, minProminence: number): FoundPeaks {
  const last = counts.length - 1;
  const peak = highest(counts, 0, last);
  const left = peak > 0 ? counts[lowest(counts, 0, peak)]! : 0;
  const right = peak < last ? counts[lowest(counts, peak, last)]! : 0;
  const prominence = 1 - Math.max(left, right) / counts[peak]!;
  return prominence >= minProminence ? { peak, prominence } : noPeak(prominence, minProminence);
}

function noPeak(best: number, wanted: number): never {
  throw new GadoliniteError(
    "not-converged",
    `No tissue peak stands out of the histogram: the best has prominence ${best.toPrecision(2)}, and ${wanted} is wanted. Try more smoothing, a mask, or another calibration (matchRadiometric).`,
  );
}

function highest(counts: Float64Array, from: number, to: number): number {
  let best = from;
  for (let bin = from + 1; bin <= to; bin++) if (counts[bin]! > counts[best]!) best = bin;
  return best;
}

function lowest(counts: Float64Array, from: number, to: number): number {
  let best = from;
  for (let bin = from + 1; bin <= to; bin++) if (counts[bin]! < counts[best]!) best = bin;
  return best;
}

/** Where the parabola through a peak and its neighbours has its top, in bins; the ends are reflected. */
function vertex(counts: Float64Array, peak: number): number {
  const here = counts[peak]!;
  const before = counts[Math.max(peak - 1, 0)]!;
  const after = counts[Math.min(peak + 1, counts.length - 1)]!;
  const curvature = before - 2 * here + after;
  return curvature < 0 ? peak + (0.5 * (before - after)) / curvature : peak;
}

/** Width at half height in bins, with crossings interpolated; NaN if one is not reached from the peak outwards. */
function widthAt(counts: Float64Array, peak: number, floor: number): number {
  const half = counts[peak]! / 2;
  let left = peak;
  while (left > floor && counts[left]! > half) left--;
  let right = peak;
  while (right < counts.length - 1 && counts[right]! > half) right++;
  if (counts[left]! > half || counts[right]! > half) return Number.NaN;
  const leftCross = left + (half - counts[left]!) / (counts[left + 1]! - counts[left]!);
  const rightCross = right - (half - counts[right]!) / (counts[right - 1]! - counts[right]!);
  return rightCross - leftCross;
}
