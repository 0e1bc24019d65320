import type { Mask, Volume } from "../core/volume.js";
import { MAD_TO_SIGMA, noiseLevel } from "../enhancement/noiseLevel.js";
import { subtract } from "../enhancement/subtract.js";
import { gaussian } from "../filters/gaussian.js";
import { gaussianKernel } from "../filters/gaussianKernel.js";
import { percentile } from "../filters/percentile.js";
import { breathe } from "../internal/breathe.js";
import { checkFiniteVoxels, checkNonNegative, checkPositive } from "../internal/check.js";
import { FAINT, quietBrain } from "./quietBrain.js";
import type { LowDoseScan, Restorer } from "./restorer.js";

export interface EvidenceBoundedOptions {
  /** Signal that is shown without evidence, positive; the brain's 95th percentile is 1. Default 0.18, a little below what `falseSignal` counts. */
  readonly above?: number;
  /**
   * Standard deviation of the noise of low − pre, if it is white. Default: `noiseLevel`, `"highpass-mad"`, over the brain where the restorer finds nothing that
   * enhances; or what varies there beside the restorer's signal, if that is more, as where neighbours share their noise.
   */
  readonly sigma?: number;
}

/** Neighbourhoods are Gaussians of this width, as those of `falseSignal`. */
const SIGMA_VOXELS = 1;
/** Standard deviations of its noise that a neighbourhood must stand out by, and a single voxel: of those there are more to be wrong by chance. */
const NEIGHBOURHOOD_SDS = 3;
const VOXEL_SDS = 4;

/**
 * A restorer that shows no bright signal for which the scan itself has no evidence. What a restorer makes out of a clump of noise looks like a small vessel or lesion, and there are millions of
 * voxels for such clumps to be among. So its signal ŝ stays as it is only where the linear extrapolation y = (low − pre)/d stands out of its noise, about the voxel or in it:
 *
 *     G₁ ∗ y ≥ 0.05 + 3 σ_G   or   y ≥ above + 4 σ_y   or   ŝ ≤ above
 *
 * and is `above` elsewhere in the brain. σ_y² = (1 − d²) · (σ/d)² is the variance of y's noise, of which the standard dose has its own share, and σ_G that of its mean over a Gaussian of 1 voxel,
 * 0.15 σ_y for white noise. A lesion too small or too faint to stand out at this dose is still shown, but no brighter than `above`.
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
      await breathe(task.signal);
      const difference = subtract(scan.pre, scan.low);
      checkFiniteVoxels("The subtraction image", difference.data);
      const about = gaussian(difference, { sigmaVoxels: SIGMA_VOXELS });
      const noise = sigma === undefined ? measuredNoise(claimed, difference, about, scan) : whiteNoise(sigma);
      const own = Math.sqrt(1 - dose * dose);
      if (!(own * noise.voxel > 0)) return claimed;
      // Both sides of what evidence is, times d.
      const enoughAbout = dose * FAINT + NEIGHBOURHOOD_SDS * own * noise.about;
      const enoughWithin = dose * above + VOXEL_SDS * own * noise.voxel;
      const signal = Float32Array.from(claimed.data);
      for (let v = 0; v < signal.length; v++)
        if (brain.data[v] && signal[v]! > above && about.data[v]! < enoughAbout && difference.data[v]! < enoughWithin)
          signal[v] = above;
      return { grid: claimed.grid, data: signal };
    },
  };
}

/** Standard deviation of the noise of low − pre: in a voxel, and in the mean about it. */
interface Noise {
  readonly voxel: number;
  readonly about: number;
}

function whiteNoise(sigma: number): Noise {
  const [centre, ...others] = gaussianKernel(SIGMA_VOXELS);
  const squares = centre! ** 2 + 2 * others.reduce((sum, w) => sum + w * w, 0);
  return { voxel: sigma, about: sigma * squares ** 1.5 };
}

/** White noise of the scan's level; or what varies beside the restorer's signal where nothing enhances, if that is more. */
function measuredNoise(claimed: Volume, difference: Volume, about: Volume, { dose, brain }: LowDoseScan): Noise {
  const claimedAbout = gaussian(claimed, { sigmaVoxels: SIGMA_VOXELS });
  const quiet = quietBrain(claimedAbout, difference, brain);
  const white = whiteNoise(noiseLevel(difference, { brain: quiet ?? brain, estimator: "highpass-mad" }));
  if (!quiet) return white;
  return {
    voxel: Math.max(white.voxel, spread(difference, claimed, dose, quiet)),
    about: Math.max(white.about, spread(about, claimedAbout, dose, quiet)),
  };
}

/** 1.4826 · MAD of the difference without what is claimed of it. */
function spread({ grid, data: difference }: Volume, { data: claimed }: Volume, dose: number, mask: Mask): number {
  const rest = { grid, data: new Float32Array(difference.length) };
  for (let v = 0; v < rest.data.length; v++) rest.data[v] = difference[v]! - dose * claimed[v]!;
  const median = percentile(rest, 50, { mask });
  for (let v = 0; v < rest.data.length; v++) rest.data[v] = Math.abs(rest.data[v]! - median);
  return MAD_TO_SIGMA * percentile(rest, 50, { mask });
}
