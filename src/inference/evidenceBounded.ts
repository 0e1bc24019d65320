import { subtract } from "../enhancement/subtract.js";
import { gaussian } from "../filters/gaussian.js";
import { gaussianKernel } from "../filters/gaussianKernel.js";
import { breathe } from "../internal/breathe.js";
import { checkFiniteVoxels, checkNonNegative, checkPositive } from "../internal/check.js";
import { type ExtrapolationNoise, FAINT, FAINT_SIGMA_VOXELS, measuredNoise, whiteNoise } from "./extrapolationNoise.js";
import { PAIRS } from "./neighbourhoods.js";
import type { Restorer } from "./restorer.js";

export interface EvidenceBoundedOptions {
  /** Signal that is shown without evidence, positive; the brain's 95th percentile is 1. Default 0.18, a little below what `falseSignal` counts. */
  readonly above?: number;
  /**
   * Standard deviation of the noise of low − pre, if it is white. Default: `noiseLevel`, `"highpass-mad"`, over the brain where the restorer finds nothing that
   * enhances; and the grain of what it leaves there.
   */
  readonly sigma?: number;
}

/** What is evidence of a bright signal: standing so many standard deviations of its noise above a level, of a voxel (0) or of the mean over a Gaussian. */
const evidenceOf = (above: number) => [
  // There are more voxels than neighbourhoods to be wrong by chance.
  { sigmaVoxels: 0, level: above, sds: 4 },
  { sigmaVoxels: 1, level: FAINT, sds: 3 },
  // Not `FAINT`, which a wide mean exceeds beside any vessel.
  { sigmaVoxels: 2, level: above, sds: 3 },
];

/**
 * A restorer that shows no bright signal of which the scan itself has no evidence. What a restorer makes of a clump of noise looks like a small vessel or lesion,
 * and there are millions of voxels for such clumps to be among. So its signal ŝ stays as it is only where it is no brighter than `above`, or where the linear
 * extrapolation y = (low − pre)/d stands out of its noise, in the voxel or about it:
 *
 *     y ≥ above + 4 σ₀   or   G₁ ∗ y ≥ 0.05 + 3 σ₁   or   G₂ ∗ y ≥ above + 3 σ₂
 *
 * and is `above` elsewhere in the brain. σ₀ = √(1 − d²) · σ/d is the standard deviation of y's noise, of which the standard dose has its own share, and σ₁, σ₂ are
 * those of its means over Gaussians of 1 and 2 voxels: 0.15 and 0.053 σ₀ if it is white. A lesion too small or too faint to stand out at this dose is still shown,
 * but no brighter than `above`.
 *
 * Nothing is bounded outside the brain, nor anywhere if there is no noise or d = 1.
 *
 * @param restorer any; keeps its name
 * @returns a restorer whose `signal` throws what that of `restorer` does, `out-of-range` if a voxel is NaN or infinite, `empty-mask` for the brain
 * @throws `out-of-range` for a negative `sigma`, or if `above` isn't positive
 * @example
 * const restored = await restoreDose(evidenceBounded(smoothedExtrapolation()), { pre, low, dose: 0.33, brain });
 */
export function evidenceBounded(restorer: Restorer, { above = 0.18, sigma }: EvidenceBoundedOptions = {}): Restorer {
  checkPositive("above", above);
  if (sigma !== undefined) checkNonNegative("sigma", sigma);
  return {
    name: restorer.name,
    async signal(scan, task = {}) {
      const { dose, brain } = scan;
      const claimed = await restorer.signal(scan, task);
      const difference = subtract(scan.pre, scan.low);
      checkFiniteVoxels("The subtraction image", difference.data);
      const noise =
        sigma === undefined
          ? measuredNoise(claimed, gaussian(claimed, { sigmaVoxels: FAINT_SIGMA_VOXELS }), difference, scan)
          : whiteNoise(sigma, scan);
      if (!(noise.variance > 0)) return claimed;
      const signal = Float32Array.from(claimed.data);
      const doubted = new Uint8Array(signal.length);
      for (let v = 0; v < doubted.length; v++) if (brain.data[v] && signal[v]! > above) doubted[v] = 1;
      for (const { sigmaVoxels, level, sds } of evidenceOf(above)) {
        await breathe(task.signal);
        const enough = dose * (level + sds * Math.sqrt(varianceOfMean(noise, sigmaVoxels)));
        const { data } = sigmaVoxels === 0 ? difference : gaussian(difference, { sigmaVoxels });
        for (let v = 0; v < doubted.length; v++) if (data[v]! >= enough) doubted[v] = 0;
      }
      for (let v = 0; v < signal.length; v++) if (doubted[v]) signal[v] = above;
      return { grid: claimed.grid, data: signal };
    },
  };
}

/** The noise's variance in the mean over a Gaussian: Σ a(δ) c(δ), with the sum a of its products with itself δ further on. */
function varianceOfMean({ variance, shared }: ExtrapolationNoise, sigmaVoxels: number): number {
  const half = gaussianKernel(sigmaVoxels);
  const weight = (n: number) => half[Math.abs(n)] ?? 0;
  const products = [0, 1, 2].map((step) => {
    let sum = 0;
    for (let n = -half.length; n <= half.length; n++) sum += weight(n) * weight(n + step);
    return sum;
  });
  let total = products[0]! ** 3 * variance;
  for (const [n, steps] of PAIRS.entries())
    total += 2 * shared[n]! * steps.reduce((product, step) => product * products[Math.abs(step)]!, 1);
  return total;
}
