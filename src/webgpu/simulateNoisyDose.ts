import type { DoseNoise } from "../dose/simulateNoisyDose.js";
import { checkFraction, checkOneOf } from "../internal/check.js";
import { addScaledNoise } from "./addNoise.js";
import { dispose, type GpuMask, type GpuVolume } from "./gpuVolume.js";
import { simulateDose } from "./simulateDose.js";

/** Options of {@link simulateNoisyDose}: those of the CPU's, with a local σ and a mask on the GPU. */
export interface SimulateGpuNoisyDoseOptions {
  /** Simulated dose as a fraction of the standard dose (= 1), 0 to 1. */
  readonly dose: number;
  readonly noise: Omit<DoseNoise, "sigma"> & { readonly sigma: number | GpuVolume };
  /** Integer from 0 to 2^53 − 1; one seed gives each dose its own noise. */
  readonly seed: number;
  readonly mask?: GpuMask;
}

/**
 * Simulates a smaller dose with the noise that a real scan of it would have, on the GPU: as `simulateNoisyDose` of `gadolinite/dose`, with the same
 * noise for the same seed.
 *
 * @throws `grid-mismatch`; `out-of-range` for a dose, σ or seed out of range or an unknown choice
 * @example
 * const third = simulateNoisyDose(pre, post, { dose: 1 / 3, noise: { sigma: 0.05 }, seed: 1 });
 */
export function simulateNoisyDose(
  pre: GpuVolume,
  post: GpuVolume,
  { dose, noise, seed, mask }: SimulateGpuNoisyDoseOptions,
): GpuVolume {
  const { sigma, matching = "subtraction", distribution = "gaussian" } = noise;
  checkFraction("dose", dose);
  checkOneOf("matching", matching, ["subtraction", "image"]);
  const mix = simulateDose(pre, post, { dose });
  const factor = Math.sqrt(matching === "subtraction" ? 1 - dose * dose : dose * (1 - dose));
  // The dose names the stream, as on the CPU.
  const stream = Math.round(1e6 * dose);
  const low = addScaledNoise(mix, { sigma, seed, distribution, stream, ...(mask && { mask }) }, factor);
  dispose(mix);
  return low;
}
