import type { Volume } from "../core/volume.js";
import { checkPositive } from "../internal/check.js";

export interface EnhancementMaskOptions {
  /** Noise level σ of the normalised subtraction image: `normalizeNoise(…).sigma` of the low dose. */
  readonly sigma: number;
}

/**
 * How surely a voxel enhances, 0 to 1: a logistic function that is 0.01 at σ and 0.99 at 4σ.
 *
 *     p = 1 / (1 + e^−(w·z + b)),   w = 2·ln 99 / (3σ),   b = −(5/3)·ln 99
 *
 * @param normalized subtraction image with even noise ({@link normalizeNoise})
 * @returns a new volume of 0…1, rising with z, 0.5 at 2.5σ; ±Infinity give 1 and 0, NaN gives NaN
 * @throws `out-of-range` if σ is not positive
 * @see Pinetz et al. 2024, equation (2); w and b follow from f(σ) = 0.01 and f(4σ) = 0.99
 * @example
 * const p = enhancementMask(normalized, { sigma });
 */
export function enhancementMask(normalized: Volume, { sigma }: EnhancementMaskOptions): Volume {
  checkPositive("sigma", sigma);
  const w = (2 * Math.log(99)) / (3 * sigma);
  const b = (-5 / 3) * Math.log(99);
  const z = normalized.data;
  const out = new Float32Array(z.length);
  // For z far below σ the power overflows to Infinity and its reciprocal is 0, as it should be.
  for (let i = 0; i < out.length; i++) out[i] = 1 / (1 + Math.exp(-(w * z[i]! + b)));
  return { grid: normalized.grid, data: out };
}
