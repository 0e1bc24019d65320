import type { Volume } from "../core/volume.js";
import { checkFraction, checkSameGrid } from "../internal/check.js";

export interface SimulateDoseOptions {
  /** Simulated dose as a fraction of the standard dose (= 1), 0 to 1. */
  readonly dose: number;
}

/**
 * Simulates what a smaller dose of contrast agent would have looked like, by mixing the two scans of a pair.
 *
 *     low = (1 − dose) · pre + dose · post
 *
 * With a short TR the signal grows with 1/T1, and 1/T1 linearly with the agent's concentration, so enhancement is taken as
 * linear in the dose. The mix averages the noise of two scans: its noise is *lower* than that of either. Where that matters,
 * use {@link simulateNoisyDose}; where the linear rule itself is in doubt, {@link simulateDosePhysical}.
 *
 * @param pre  scan before the agent; finite values, any unit
 * @param post scan at the standard dose, on the same grid and already calibrated to `pre` (see `calibration`)
 * @returns a new volume on that grid, in the same unit. `dose` 0 gives `pre`, 1 gives `post`, exactly.
 * @throws `grid-mismatch` if the grids differ, `out-of-range` if `dose` is not within 0 and 1
 * @see Chen et al. 2025, Eur Radiol, "Patient population and data preparation" (the equation for I_low-dose)
 * @example
 * const tenth = simulateDose(pre, post, { dose: 0.1 });
 */
export function simulateDose(pre: Volume, post: Volume, { dose }: SimulateDoseOptions): Volume {
  checkSameGrid(pre.grid, post.grid);
  checkFraction("dose", dose);
  const a = pre.data;
  const b = post.data;
  const low = new Float32Array(a.length);
  // Two products rather than a + dose·(b − a), so that both ends are exact.
  for (let i = 0; i < low.length; i++) low[i] = (1 - dose) * a[i]! + dose * b[i]!;
  return { grid: pre.grid, data: low };
}
