import type { Volume } from "../core/volume.js";
import { noiseLevel } from "../enhancement/noiseLevel.js";
import { listed, PAIRS, padded, readFeatures, thinned } from "./neighbourhoods.js";
import type { LowDoseScan } from "./restorer.js";

/** A smoothed signal below this is none; the brain's 95th percentile is 1. */
export const FAINT = 0.05;
/** Width of the Gaussian that smooths it. */
export const FAINT_SIGMA_VOXELS = 1.5;
/** Fewer voxels than this don't tell what noise is; of more than `MOST` one in so many does. */
const FEWEST = 1000;
const MOST = 40_000;
/** Share of the noise's variance that voxels have in common with those whose faces they touch, from which on it has grain. */
const GRAIN_SHARE = 0.05;
/** Share of grain's variance that a restorer takes for signal, in its broad part. */
const BELIEVED_SHARE = 0.025;

/** Noise of low − pre, brought to the standard dose, of which the standard dose has its own share. */
export interface ExtrapolationNoise {
  /** (1 − d²) · (σ/d)². */
  readonly variance: number;
  /** What a voxel has in common with each of {@link PAIRS}; 0 if the noise is white. */
  readonly shared: Float64Array;
}

export function whiteNoise(sigma: number, { dose }: LowDoseScan): ExtrapolationNoise {
  return { variance: (1 - dose * dose) * (sigma / dose) ** 2, shared: new Float64Array(PAIRS.length) };
}

/**
 * The noise where nothing enhances, as elsewhere fine enhancement passes for noise; of the whole brain, and white, if there is no such place. A scan's grain is what
 * neighbours share of what the restorer leaves there, and a little more.
 *
 * @param first what the restorer makes of it
 * @param smoothed the same, smoothed by {@link FAINT_SIGMA_VOXELS}
 */
export function measuredNoise(first: Volume, smoothed: Volume, difference: Volume, scan: LowDoseScan): ExtrapolationNoise {
  const { dose, brain } = scan;
  const data = brain.data.map((within, v) => (within && difference.data[v] !== 0 && Math.abs(smoothed.data[v]!) < FAINT ? 1 : 0));
  const [, voxels] = listed(data, 2) as [Uint32Array, Uint32Array];
  const enough = voxels.length >= FEWEST;
  const white = whiteNoise(
    noiseLevel(difference, { brain: enough ? { grid: brain.grid, data } : brain, estimator: "highpass-mad" }),
    scan,
  );
  if (!enough || white.variance === 0) return white;
  const left = first.data.map((s, v) => difference.data[v]! / dose - s);
  const { variance, shared } = covariance({ grid: first.grid, data: left }, thinned(voxels, MOST));
  const ofFaces = shared.filter((_, n) => PAIRS[n]!.reduce((sum, step) => sum + Math.abs(step), 0) === 1);
  if (!(ofFaces.reduce((sum, c) => sum + c, 0) > GRAIN_SHARE * variance * ofFaces.length)) return white;
  const believed = BELIEVED_SHARE * variance;
  return { variance: Math.max(white.variance, variance + believed), shared: shared.map((c) => c + believed) };
}

function covariance(left: Volume, voxels: Uint32Array): ExtrapolationNoise {
  const neighbourhoods = padded(left);
  const features = new Float64Array(PAIRS.length + 1);
  const sums = new Float64Array(PAIRS.length + 1);
  for (const voxel of voxels) {
    const middle = readFeatures(features, 0, 1, neighbourhoods, neighbourhoods.place(voxel));
    for (let m = 0; m < sums.length; m++) sums[m]! += features[m]! * middle;
  }
  const means = sums.map((sum) => sum / voxels.length);
  return { variance: means[PAIRS.length]!, shared: means.subarray(0, PAIRS.length) };
}
