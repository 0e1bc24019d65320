import type { Mask, Volume } from "../core/volume.js";
import { boxMean } from "../filters/boxMean.js";
import { percentile } from "../filters/percentile.js";
import { checkFiniteVoxels, checkMask, checkOneOf } from "../internal/check.js";

/** How the noise of a subtraction image is estimated; see {@link noiseLevel}. */
export type NoiseEstimator = "negatives" | "huber" | "highpass-mad";

export interface NoiseLevelOptions {
  /** Where to look; enhancement outside the brain (skin, mucosa) and air are left out. */
  readonly brain: Mask;
  /** Default `"negatives"`, the paper's. */
  readonly estimator?: NoiseEstimator;
}

/**
 * Standard deviation of the noise in a subtraction image, in the image's unit. Enhancement is positive, so each estimator
 * looks where there is none:
 *
 * - `"negatives"`: √(mean of z² over z < 0), the mirrored second moment. For N(0, σ²) it is σ. (The standard deviation of the
 *   negatives would be 0.603 σ.) Misregistration, bias field and vessels make negatives too: on real pairs it reads several
 *   times the thermal noise.
 * - `"huber"`: Huber's proposal 2 for the scale of the negatives, centre 0, c = 1.5: robust against a few large negatives.
 * - `"highpass-mad"`: 1.4826 · MAD(z − mean of its 3×3×3 box) / √(1 − 1/27), the noise of voxel against voxel alone: what to add to
 *   a simulated low dose. For white noise it is σ; for smooth (interpolated) noise, less.
 *
 * @param difference subtraction image, finite values
 * @returns noise level > 0. NaN where there is nothing to estimate from: the first two if no voxel in the brain is negative
 *   (a clipped image, say). 0 from `"highpass-mad"` if more than half of the voxels equal their box's mean.
 * @throws `grid-mismatch`, `empty-mask` for the brain; `out-of-range` if a voxel is NaN or infinite, or for an unknown estimator
 * @see Pinetz et al. 2024, section 3.1; Huber 1964, Ann Math Stat 35:73 (proposal 2)
 * @example
 * const sigma = noiseLevel(subtract(pre, post), { brain });
 */
export function noiseLevel(difference: Volume, { brain, estimator = "negatives" }: NoiseLevelOptions): number {
  checkOneOf("estimator", estimator, ["negatives", "huber", "highpass-mad"]);
  checkMask("The brain mask", brain, difference.grid);
  checkFiniteVoxels("The subtraction image", difference.data);
  if (estimator === "highpass-mad") return highpassMad(difference, brain);
  const negatives = negativesOf(difference, brain);
  const sigma = rootMeanSquare(negatives);
  return estimator === "negatives" ? sigma : huberScale(negatives, 0.9 * sigma);
}

function negativesOf({ data }: Volume, brain: Mask): Float32Array {
  let count = 0;
  for (let i = 0; i < data.length; i++) if (brain.data[i] && data[i]! < 0) count++;
  const negatives = new Float32Array(count);
  for (let i = 0, n = 0; i < data.length; i++) if (brain.data[i] && data[i]! < 0) negatives[n++] = data[i]!;
  return negatives;
}

function rootMeanSquare(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! ** 2;
  return Math.sqrt(sum / values.length); // 0/0 is NaN: nothing to estimate from
}

export const HUBER_C = 1.5;
/** E[min(Z², c²)] for standard normal Z and c = 1.5, which makes the scale consistent. */
export const HUBER_GAMMA = 0.7784652161744698;

/** s² ← [Σ_{|z| ≤ cs} z² + (cs)² · #{|z| > cs}] / (n·γ), at most 50 times. */
function huberScale(values: Float32Array, start: number): number {
  let scale = start;
  for (let iteration = 0; iteration < 50; iteration++) {
    const limit = (HUBER_C * scale) ** 2;
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += Math.min(values[i]! ** 2, limit);
    const next = Math.sqrt(sum / (values.length * HUBER_GAMMA));
    const settled = Math.abs(next - scale) <= 1e-10 * scale;
    scale = next;
    if (settled) break;
  }
  return scale;
}

/** 1 / Φ⁻¹(3/4): makes the median absolute deviation that of a normal distribution. */
export const MAD_TO_SIGMA = 1.482602218505602;

function highpassMad(difference: Volume, brain: Mask): number {
  const residual = boxMean(difference, { radius: 1 });
  const rest = residual.data;
  for (let i = 0; i < rest.length; i++) rest[i] = difference.data[i]! - rest[i]!;
  const centre = percentile(residual, 50, { mask: brain });
  for (let i = 0; i < rest.length; i++) rest[i] = Math.abs(rest[i]! - centre);
  // A voxel takes part in its own box's mean, which takes 1/27 of white noise's variance away.
  return (MAD_TO_SIGMA * percentile(residual, 50, { mask: brain })) / Math.sqrt(1 - 1 / 27);
}
