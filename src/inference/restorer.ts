import type { TaskOptions } from "../core/progress.js";
import type { Mask, Volume } from "../core/volume.js";
import { extrapolateDose } from "../dose/extrapolateDose.js";
import { enhancementMask } from "../enhancement/enhancementMask.js";
import { noiseLevel } from "../enhancement/noiseLevel.js";
import { normalizeNoise } from "../enhancement/normalizeNoise.js";
import { subtract } from "../enhancement/subtract.js";
import { synthesize } from "../enhancement/synthesize.js";
import { gaussian } from "../filters/gaussian.js";
import { nonLocalMeans } from "../filters/nonLocalMeans.js";
import { checkNonNegative, checkWithin } from "../internal/check.js";

/** What a restorer is given: nothing that a clinic would not have. */
export interface LowDoseScan {
  /** Scan before the agent; the brain's 95th percentile is 1. */
  readonly pre: Volume;
  /** Scan at the low dose, calibrated to `pre`. */
  readonly low: Volume;
  /** Dose of `low` as a fraction of the standard dose, above 0 and up to 1. */
  readonly dose: number;
  readonly brain: Mask;
}

/** Computes the contrast signal of the standard dose from a low-dose scan. */
export interface Restorer {
  /** Short name, used in tables. */
  readonly name: string;
  /**
   * The signal y of the standard dose: `synthesize(pre, y)` is the restored scan, `synthesize(low, y)` one beyond the standard dose.
   */
  signal(scan: LowDoseScan, options?: TaskOptions): Volume | Promise<Volume>;
}

/**
 * Restores a low-dose scan: x̂ = pre + ŷ.
 *
 * @throws `out-of-range` if the dose is 0 (nothing was enhanced, so nothing can be restored) or above 1
 * @see Pinetz et al. 2024, section 3.3
 * @example
 * const restored = await restoreDose(maskedExtrapolation(), { pre, low, dose: 0.1, brain });
 */
export async function restoreDose(restorer: Restorer, scan: LowDoseScan, options?: TaskOptions): Promise<Volume> {
  checkDose(scan.dose);
  return synthesize(scan.pre, await restorer.signal(scan, options));
}

/** Leaves the low-dose scan as it is: ŷ = low − pre. What every restorer must beat. */
export function doNothing(): Restorer {
  return { name: "none", signal: ({ pre, low }) => subtract(pre, low) };
}

/** Multiplies the enhancement, and its noise: ŷ = (low − pre) / d. Exact for a linear low dose without noise. */
export function linearExtrapolation(): Restorer {
  return { name: "linear", signal: extrapolatedSignal };
}

// On real scans the local standard deviation is then off by less than 0.1 %, far less than it varies by chance, in half of the time.
const MOMENTS_TOLERANCE = 1e-2;

/**
 * Linear extrapolation where the agent is seen in the low-dose scan: ŷ = p ⊙ (low − pre − m) / d, with the CE mask p and the local
 * mean m of the noise-normalised subtraction image.
 *
 * @see Pinetz et al. 2024, equations (1) and (2), applied to the low-dose scan
 */
export function maskedExtrapolation(): Restorer {
  return {
    name: "masked",
    signal({ pre, low, dose, brain }) {
      checkDose(dose);
      const difference = subtract(pre, low);
      const { normalized, mean, sigma } = normalizeNoise(difference, { brain, tolerance: MOMENTS_TOLERANCE });
      const { data: p } = enhancementMask(normalized, { sigma });
      const signal = new Float32Array(p.length);
      // Where nothing at all has changed (the empty ground of a stripped scan) the local mean is no one's signal.
      for (let i = 0; i < signal.length; i++)
        signal[i] = difference.data[i] === 0 ? 0 : (p[i]! * (difference.data[i]! - mean.data[i]!)) / dose;
      return { grid: pre.grid, data: signal };
    },
  };
}

export interface SmoothedExtrapolationOptions {
  /** Standard deviation of the Gaussian in voxels, 0 or more. Default 1. */
  readonly sigmaVoxels?: number;
}

/** Linear extrapolation of the smoothed enhancement: ŷ = G_σ ∗ (low − pre) / d. Trades noise for sharpness. */
export function smoothedExtrapolation({ sigmaVoxels = 1 }: SmoothedExtrapolationOptions = {}): Restorer {
  checkNonNegative("sigmaVoxels", sigmaVoxels);
  return {
    name: sigmaVoxels === 1 ? "smoothed" : `smoothed-${sigmaVoxels}`,
    signal: (scan) => (sigmaVoxels === 0 ? extrapolatedSignal(scan) : gaussian(extrapolatedSignal(scan), { sigmaVoxels })),
  };
}

/**
 * Linear extrapolation of the enhancement without its noise: ŷ = NLM(low − pre) / d, by non-local means with the noise level of the
 * subtraction image (high-pass median). The strongest of the classical restorers, and the slowest.
 *
 * @see Buades et al. 2011, Image Processing On Line 1:208
 */
export function denoisedExtrapolation(): Restorer {
  return {
    name: "denoised",
    signal({ pre, low, dose, brain }) {
      checkDose(dose);
      const difference = subtract(pre, low);
      const sigma = noiseLevel(difference, { brain, estimator: "highpass-mad" });
      const { data, grid } = nonLocalMeans(difference, { sigma });
      for (let i = 0; i < data.length; i++) data[i] = data[i]! / dose;
      return { grid, data };
    },
  };
}

/** The fast restorers that need no network, with their default options. */
export function classicalRestorers(): readonly Restorer[] {
  return [doNothing(), linearExtrapolation(), maskedExtrapolation(), smoothedExtrapolation()];
}

function extrapolatedSignal({ pre, low, dose }: LowDoseScan): Volume {
  checkDose(dose);
  return subtract(pre, extrapolateDose(pre, low, { dose }));
}

function checkDose(dose: number): void {
  checkWithin("dose", dose, Number.MIN_VALUE, 1);
}
