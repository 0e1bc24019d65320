import { GadoliniteError } from "../core/errors.js";
import type { Mask, Volume } from "../core/volume.js";
import { localMoments } from "../filters/localMoments.js";
import { checkFiniteVoxels, checkMask, checkPositive, checkSameGrid } from "../internal/check.js";
import { noiseLevel } from "./noiseLevel.js";

export interface NormalizeNoiseOptions {
  /** Where the noise levels are estimated. */
  readonly brain: Mask;
  /**
   * Noise level σ to normalise to, in the image's unit. Default: that of this image, estimated from its negatives. Give the
   * low dose's when normalising the standard dose of the same study, so that the two compare.
   */
  readonly sigma?: number;
  /**
   * Half width of the band of voxels taken as noise: |z̃| < 2 · maskSigma, over the whole volume. Default: Huber's scale of
   * the negatives, as in the public code.
   */
  readonly maskSigma?: number;
  /** Width of the Gaussian of the local mean and standard deviation, in voxels; default 16, as in the paper. */
  readonly sigmaVoxels?: number;
  /**
   * Corrects the local standard deviation for the band: noise of standard deviation σ, cut off at ±2σ, has only 0.8796 σ. Default
   * false, as in the public code: normalised noise then has 1.137 σ.
   */
  readonly correctTruncation?: boolean;
  /** How far the Gaussian of the local moments may be off at most, as in `gaussian`. Default 1.5e-4. */
  readonly tolerance?: number;
}

export interface NormalizedNoise {
  /** z of equation (1). */
  readonly normalized: Volume;
  /** Local mean m of the noise, in the input's unit. */
  readonly mean: Volume;
  /** Local standard deviation s of the noise as it was divided by: not below 1e-6. */
  readonly sd: Volume;
  /** Noise level σ that was normalised to. */
  readonly sigma: number;
}

/** √(1 − 4φ(2) / (2Φ(2) − 1)): standard deviation of a standard normal variable within ±2. */
export const SD_WITHIN_TWO = 0.8796256610342398;
/** Where there is no noise at all (a stripped background) the division stays finite, as in the public code. */
export const SD_FLOOR = 1e-6;

/**
 * Evens out the noise of a subtraction image, which parallel imaging and coils make vary in space, and takes out its slow offset.
 *
 *     z = (z̃ − m) / s · σ,   m, s: local mean and standard deviation where |z̃| < 2σ_huber
 *
 * @param difference subtraction image z̃, finite values; brain intensities of about 1 (s is floored at 1e-6)
 * @returns z, m and s on the input's grid and in its unit, and σ; {@link denormalizeNoise} undoes it
 * @throws `grid-mismatch`, `empty-mask` for the brain; `out-of-range` for NaN or infinite voxels or a σ that is not positive;
 *   `not-prepared` if a noise level is to be estimated and no voxel in the brain is negative
 * @see Pinetz et al. 2024, section 3.1 and equation (1)
 * @example
 * const low = normalizeNoise(subtract(pre, lowDose), { brain });
 * const standard = normalizeNoise(subtract(pre, post), { brain, sigma: low.sigma });
 */
export function normalizeNoise(
  difference: Volume,
  { brain, sigma, maskSigma, sigmaVoxels = 16, correctTruncation = false, tolerance = 1.5e-4 }: NormalizeNoiseOptions,
): NormalizedNoise {
  checkMask("The brain mask", brain, difference.grid);
  checkFiniteVoxels("The subtraction image", difference.data);
  const level = sigma ?? estimated(noiseLevel(difference, { brain }));
  checkPositive("sigma", level);
  const band = maskSigma ?? estimated(noiseLevel(difference, { brain, estimator: "huber" }));
  checkPositive("maskSigma", band);
  const { mean, sd } = localMoments(difference, noiseMask(difference, 2 * band), { sigmaVoxels, tolerance });
  const z = difference.data;
  const normalized = new Float32Array(z.length);
  const divisor = new Float32Array(z.length);
  const correction = correctTruncation ? 1 / SD_WITHIN_TWO : 1;
  for (let i = 0; i < z.length; i++) {
    divisor[i] = Math.max(sd.data[i]! * correction, SD_FLOOR);
    normalized[i] = ((z[i]! - mean.data[i]!) / divisor[i]!) * level;
  }
  const { grid } = difference;
  return { normalized: { grid, data: normalized }, mean, sd: { grid, data: divisor }, sigma: level };
}

/** The level, unless there was nothing to estimate it from. */
export function estimated(sigma: number): number {
  if (Number.isNaN(sigma))
    throw new GadoliniteError(
      "not-prepared",
      "No voxel of the subtraction image is negative within the brain, so its noise can't be told from them. Subtract scans that were not clipped, calibrate the post-contrast scan first, or give sigma and maskSigma.",
    );
  return sigma;
}

function noiseMask({ data, grid }: Volume, limit: number): Mask {
  const inside = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) inside[i] = Math.abs(data[i]!) < limit ? 1 : 0;
  return { grid, data: inside };
}

export type DenormalizeNoiseOptions = Pick<NormalizedNoise, "mean" | "sd" | "sigma">;

/**
 * Undoes {@link normalizeNoise}.
 *
 *     z̃ = z · s / σ + m
 *
 * @param normalized z, on the grid of `mean` and `sd`
 * @param options `mean`, `sd` and `sigma` as normalizeNoise returned them
 * @throws `grid-mismatch` if the grids differ, `out-of-range` if σ is not positive
 * @see Pinetz et al. 2024, equation (1) solved for z̃
 * @example
 * const result = normalizeNoise(difference, { brain });
 * denormalizeNoise(result.normalized, result); // the difference again
 */
export function denormalizeNoise(normalized: Volume, { mean, sd, sigma }: DenormalizeNoiseOptions): Volume {
  checkSameGrid(normalized.grid, mean.grid, sd.grid);
  checkPositive("sigma", sigma);
  const z = normalized.data;
  const out = new Float32Array(z.length);
  for (let i = 0; i < out.length; i++) out[i] = (z[i]! * sd.data[i]!) / sigma + mean.data[i]!;
  return { grid: normalized.grid, data: out };
}
