import type { Volume } from "../core/volume.js";
import { checkNonNegative, checkPositive, checkSameGrid } from "../internal/check.js";

export interface ExtrapolateDoseOptions {
  /** Dose of the scan `low` as a fraction of the standard dose (= 1); positive. */
  readonly dose: number;
  /** Dose to extrapolate to, ≥ 0; default 1, the standard dose. Above 1 for contrast beyond it. */
  readonly target?: number;
}

/**
 * Extrapolates a low-dose scan along the linear rule: the plain baseline that any network has to beat.
 *
 *     out = pre + (low − pre) · target / dose
 *
 * It undoes {@link simulateDose}, and amplifies the noise of the subtraction image by target/dose.
 *
 * @param pre scan before the agent
 * @param low scan at `dose`, on the same grid and calibrated to `pre`
 * @returns a new volume. `target` = `dose` gives `low` exactly, `target` 0 gives `pre`.
 * @throws `grid-mismatch` if the grids differ, `out-of-range` if `dose` is not positive or `target` negative
 * @see Chen et al. 2025, the equation for I_low-dose solved for I_T1CE
 * @example
 * const standard = extrapolateDose(pre, low, { dose: 0.25 });
 */
export function extrapolateDose(pre: Volume, low: Volume, { dose, target = 1 }: ExtrapolateDoseOptions): Volume {
  checkSameGrid(pre.grid, low.grid);
  checkPositive("dose", dose);
  checkNonNegative("target", target);
  const gain = target / dose;
  const a = pre.data;
  const b = low.data;
  const out = new Float32Array(a.length);
  for (let i = 0; i < out.length; i++) out[i] = (1 - gain) * a[i]! + gain * b[i]!;
  return { grid: pre.grid, data: out };
}

export interface FuseContrastOptions {
  /** λ0: gain of the subtraction image on the pre-contrast scan; 1/dose in the ideal case. */
  readonly preGain: number;
  /** λ1: gain of the subtraction image on the low-dose scan; 1/dose − 1 in the ideal case. */
  readonly lowGain: number;
}

/**
 * Averages two amplified scans, one built on the pre-contrast and one on the low-dose scan.
 *
 *     out = ½ · [pre + λ0·(low − pre)] + ½ · [low + λ1·(low − pre)]
 *
 * With λ0 = 1/dose and λ1 = 1/dose − 1 both halves, and so the result, equal {@link extrapolateDose}.
 *
 * @param pre scan before the agent
 * @param low low-dose scan, on the same grid and calibrated to `pre`
 * @throws `grid-mismatch` if the grids differ, `out-of-range` if a gain is negative
 * @see DRCAM (dose reduction and contrast amplification) in patent family WO2023062196
 * @example
 * const amplified = fuseContrast(pre, low, { preGain: 4, lowGain: 3 });
 */
export function fuseContrast(pre: Volume, low: Volume, { preGain, lowGain }: FuseContrastOptions): Volume {
  checkNonNegative("preGain", preGain);
  checkNonNegative("lowGain", lowGain);
  return extrapolateDose(pre, low, { dose: 1, target: (preGain + 1 + lowGain) / 2 });
}
