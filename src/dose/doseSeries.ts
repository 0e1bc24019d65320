import { GadoliniteError } from "../core/errors.js";
import type { ContrastScan } from "../core/study.js";
import type { Mask, Volume } from "../core/volume.js";
import { checkFraction } from "../internal/check.js";
import { simulateDose } from "./simulateDose.js";
import { type DoseNoise, simulateNoisyDose } from "./simulateNoisyDose.js";

export interface DoseSeriesOptions {
  /** Doses as fractions of the standard dose, 0 to 1. Default 0.1, 0.2, … 0.9, as in Chen 2025. */
  readonly doses?: readonly number[];
  /** Noise as in {@link simulateNoisyDose}; default none. */
  readonly noise?: DoseNoise;
  /** Seed of the noise; required with it. */
  readonly seed?: number;
  /** Voxels that get noise; default all. */
  readonly mask?: Mask;
}

const NINE_DOSES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

/**
 * Simulates a series of doses: one scan a dose by {@link simulateDose}, or by {@link simulateNoisyDose} where noise is asked for.
 *
 * @param pre  scan before the agent
 * @param post scan at the standard dose, on the same grid and calibrated to `pre`
 * @returns one scan a dose in the order given, ready for `Study.postContrast`. No other volume is made on the way. No doses, no scans.
 * @throws what these functions throw; `out-of-range` if noise is asked for without a seed
 * @see Chen et al. 2025, "Patient population and data preparation" (nine doses from 10 to 90 %)
 * @example
 * const scans = doseSeries(pre, post, { doses: [0.1, 0.3], noise: { sigma: 0.03 }, seed: 1 });
 */
export function doseSeries(
  pre: Volume,
  post: Volume,
  { doses = NINE_DOSES, noise, seed, mask }: DoseSeriesOptions = {},
): ContrastScan[] {
  // Before the first volume is made.
  for (const dose of doses) checkFraction("Each dose", dose);
  if (!noise) return doses.map((dose) => ({ dose, volume: simulateDose(pre, post, { dose }) }));
  if (seed === undefined)
    throw new GadoliniteError(
      "out-of-range",
      "A dose series with noise needs a seed, an integer from 0 to 2^53 - 1; none was given.",
    );
  return doses.map((dose) => ({ dose, volume: simulateNoisyDose(pre, post, { dose, noise, seed, ...(mask && { mask }) }) }));
}
