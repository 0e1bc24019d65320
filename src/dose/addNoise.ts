import type { Mask, Volume } from "../core/volume.js";
import { checkMask, checkNonNegative, checkNonNegativeInteger, checkOneOf, checkWithin } from "../internal/check.js";
import { fillNormal } from "../internal/random.js";
import { checkLocalSigma } from "./localSigma.js";

/** Noise of a magnitude image: `"rician"` exactly, `"gaussian"` as its limit where the signal is well above it. */
export type NoiseDistribution = "gaussian" | "rician";

export interface AddNoiseOptions {
  /** Standard deviation of the noise (for Rician, of each of the two channels), in the image's unit, ≥ 0; a number, or one a voxel. */
  readonly sigma: number | Volume;
  /** Integer from 0 to 2^53 − 1: the same seed gives the same noise, voxel for voxel, on every machine. */
  readonly seed: number;
  /** Default `"gaussian"`. */
  readonly distribution?: NoiseDistribution;
  /** Number of an independent stream under the same seed, 0 (default) to 2^31 − 1: one a scan of a study, say. */
  readonly stream?: number;
  /** Voxels that get noise; default all. The others are copied. */
  readonly mask?: Mask;
}

/**
 * Adds noise as a scanner would.
 *
 *     gaussian: A + σ·n₁        rician: √((A + σ·n₁)² + (σ·n₂)²)        n₁, n₂ ~ N(0, 1)
 *
 * Rician noise is what the magnitude of a complex signal A has when both channels carry noise σ: its mean is above A,
 * the more the smaller A/σ; in air (A = 0) it is σ·√(π/2). Voxel i's n₁ and n₂ depend on the seed, the stream and i alone: not
 * on the mask, σ or the order in which voxels are made.
 *
 * @param volume noise-free image A; a negative voxel of a magnitude image (spline ringing) counts by its size
 * @returns a new volume; where σ is 0 a voxel is unchanged. NaN voxels stay NaN.
 * @throws `grid-mismatch` for a σ volume or a mask of another grid, `empty-mask`, `out-of-range` for a negative or NaN σ, a seed or a
 *   stream out of range, or an unknown distribution
 * @see Gudbjartsson and Patz 1995, Magn Reson Med 34:910 (Rician distribution of MRI data)
 * @example
 * const noisy = addNoise(volume, { sigma: 0.02, seed: 1, distribution: "rician" });
 */
export function addNoise(volume: Volume, options: AddNoiseOptions): Volume {
  const data = volume.data.slice();
  addNoiseInPlace({ grid: volume.grid, data }, options, 1);
  return { grid: volume.grid, data };
}

// Normal numbers are made in blocks, so that no second volume is needed, and none where the mask is empty; a multiple of 4 (see fillNormal).
const BLOCK = 256;

/** {@link addNoise} with σ multiplied by `factor`, written into the volume. For volumes that nobody else has seen. */
export function addNoiseInPlace(
  volume: Volume,
  { sigma, seed, distribution = "gaussian", stream = 0, mask }: AddNoiseOptions,
  factor: number,
): void {
  checkOneOf("distribution", distribution, ["gaussian", "rician"]);
  checkNonNegativeInteger("stream", stream);
  checkWithin("stream", stream, 0, 2 ** 31 - 1);
  if (typeof sigma === "number") checkNonNegative("sigma", sigma);
  else checkLocalSigma(sigma, volume.grid);
  if (mask) checkMask("The mask", mask, volume.grid);
  const { data } = volume;
  const real = new Float32Array(BLOCK);
  const imaginary = new Float32Array(distribution === "rician" ? BLOCK : 0);
  fillNormal(real.subarray(0, 0), seed); // refuses a bad seed even where nothing is to be done
  if (factor === 0 || sigma === 0) return;
  const local = typeof sigma === "number" ? undefined : sigma.data;
  for (let start = 0; start < data.length; start += BLOCK) {
    const size = Math.min(BLOCK, data.length - start);
    if (mask && isEmpty(mask.data, start, size)) continue;
    fillNormal(real.subarray(0, size), seed, 2 * stream, start);
    fillNormal(imaginary.subarray(0, size), seed, 2 * stream + 1, start);
    for (let n = 0; n < size; n++) {
      const i = start + n;
      const s = factor * (local ? local[i]! : (sigma as number));
      if (s === 0 || (mask && !mask.data[i])) continue;
      const a = data[i]! + s * real[n]!;
      data[i] = distribution === "rician" ? Math.sqrt(a * a + (s * imaginary[n]!) ** 2) : a;
    }
  }
}

function isEmpty(inside: Uint8Array, start: number, size: number): boolean {
  for (let i = start; i < start + size; i++) if (inside[i]) return false;
  return true;
}
