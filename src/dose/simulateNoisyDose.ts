import type { Mask, Volume } from "../core/volume.js";
import { checkFraction, checkOneOf } from "../internal/check.js";
import { addNoiseInPlace, type NoiseDistribution } from "./addNoise.js";
import { simulateDose } from "./simulateDose.js";

/** The noise that a simulated low dose is to have. */
export interface DoseNoise {
  /** Noise level σ_z of the standard dose's *subtraction* image (`noiseLevel`, `"highpass-mad"`), ≥ 0: a number, or one a voxel. */
  readonly sigma: number | Volume;
  /**
   * What is to be as noisy as in a real low dose: its `"subtraction"` image (default; what a network on subtraction images sees)
   * or the `"image"` itself. They differ because the simulated image shares its noise with both scans.
   */
  readonly matching?: "subtraction" | "image";
  /** Default `"gaussian"`. */
  readonly distribution?: NoiseDistribution;
}

export interface SimulateNoisyDoseOptions {
  /** Simulated dose as a fraction of the standard dose (= 1), 0 to 1. */
  readonly dose: number;
  readonly noise: DoseNoise;
  /** Integer from 0 to 2^53 − 1; one seed gives each dose its own noise. */
  readonly seed: number;
  /** Voxels that get noise, e.g. the head of a stripped scan; default all. */
  readonly mask?: Mask;
}

/**
 * Simulates a smaller dose with the noise that a real scan of it would have: the linear mix of {@link simulateDose}
 * averages noise away, and what is missing is added.
 *
 *     low = (1 − d)·pre + d·post + n,   n ~ N(0, τ²)
 *     matching "subtraction": τ² = (1 − d²)·σ_z²        matching "image": τ² = d·(1 − d)·σ_z²
 *
 * With σ₁ the noise of each scan, σ_z² = 2σ₁². The mix has noise ((1 − d)² + d²)·σ₁², and its subtraction image d²·σ_z²; n makes up
 * the difference to σ₁² or to σ_z².
 *
 * @param pre  scan before the agent
 * @param post scan at the standard dose, on the same grid and calibrated to `pre`
 * @returns a new volume. Dose 1 gives `post` exactly; dose 0 gives a repeat of the pre-contrast scan (`"subtraction"`) or `pre` itself
 *   (`"image"`). With `"rician"` noise τ is that of each channel.
 * @throws `grid-mismatch`, `empty-mask`; `out-of-range` for a dose, σ or seed out of range or an unknown choice
 * @see Chen et al. 2025, "Patient population and data preparation", for the mix, and its discussion, which names the missing
 *   noise; τ follows from independent noise of equal variance in both scans
 * @example
 * const sigma = noiseLevel(subtract(pre, post), { brain, estimator: "highpass-mad" });
 * const third = simulateNoisyDose(pre, post, { dose: 1 / 3, noise: { sigma }, seed: 1 });
 */
export function simulateNoisyDose(pre: Volume, post: Volume, { dose, noise, seed, mask }: SimulateNoisyDoseOptions): Volume {
  const { sigma, matching = "subtraction", distribution = "gaussian" } = noise;
  checkFraction("dose", dose);
  checkOneOf("matching", matching, ["subtraction", "image"]);
  const low = simulateDose(pre, post, { dose });
  const factor = Math.sqrt(matching === "subtraction" ? 1 - dose * dose : dose * (1 - dose));
  // The dose names the stream: doses of a series are independent, and each the same alone or in any series.
  const stream = Math.round(1e6 * dose);
  addNoiseInPlace(low, { sigma, seed, distribution, stream, ...(mask && { mask }) }, factor);
  return low;
}
