import type { Volume } from "../core/volume.js";
import { checkFraction, checkPositive, checkSameGrid } from "../internal/check.js";
import { type DoseSequence, rateChange, signalModel } from "./signalModel.js";

export interface RelaxationOptions {
  /** How both scans were made. */
  readonly sequence: DoseSequence;
  /**
   * T1 of the tissue before the agent in ms, > 0: one number for all (white matter has about 600 to 700 at 1.5 T, 800 to 900 at 3 T;
   * grey matter 900 to 1000 and 1200 to 1400) or a map. It fixes M0.
   */
  readonly preContrastT1Ms: number | Volume;
}

export interface SimulateDosePhysicalOptions extends RelaxationOptions {
  /** Simulated dose as a fraction of the standard dose (= 1), 0 to 1. */
  readonly dose: number;
}

/**
 * Simulates a smaller dose through the signal equation: signal → R1 → smaller concentration → signal.
 *
 *     S = M0 · sin α · (1 − E1) / (1 − E1·cos α) · e^(−TE·R2*),   E1 = e^(−TR·R1),   R1 = R1₀ + r1·c
 *
 * M0 comes from `pre` and the assumed T1 before the agent, R1 from `post`; the concentration, and so R1 − R1₀, is taken times the dose.
 * Neither the agent's relaxivity nor its concentration is needed. The signal saturates with the dose, so the result is never
 * below {@link simulateDose}'s (without decay), and tends to it as TR·ΔR1 → 0.
 *
 * @param pre  scan before the agent; its unit is free, but 0 must mean no signal (no offset)
 * @param post scan at the standard dose, on the same grid and calibrated to `pre` by a gain alone
 * @returns a new volume between `pre` and `post`. Dose 0 gives `pre`, 1 gives `post`, exactly. Where the equation has no solution
 *   (a signal ≤ 0, `post` above the fully relaxed signal, a T1 ≤ 0 in the map: air, noise, a wrong T1) the linear rule is used;
 *   {@link relaxationRateChange} shows where.
 * @throws `grid-mismatch`; `out-of-range` for a dose, time, angle or T1 out of range
 * @see Haase et al. 1986, J Magn Reson 67:258 (signal of the spoiled gradient echo); Mingo et al. 2023 for the approach
 * @example
 * const sequence = { kind: "spoiled-gradient-echo", repetitionTimeMs: 8, flipAngleDeg: 15 } as const;
 * const third = simulateDosePhysical(pre, post, { dose: 1 / 3, sequence, preContrastT1Ms: 1000 });
 */
export function simulateDosePhysical(
  pre: Volume,
  post: Volume,
  { dose, sequence, preContrastT1Ms }: SimulateDosePhysicalOptions,
): Volume {
  checkSameGrid(pre.grid, post.grid);
  checkFraction("dose", dose);
  const model = signalModel(sequence);
  const rateBefore = preContrastRate(preContrastT1Ms, pre);
  const a = pre.data;
  const b = post.data;
  const out = new Float32Array(a.length);
  for (let i = 0; i < out.length; i++) {
    out[i] = (1 - dose) * a[i]! + dose * b[i]!;
    // Backgrounds are equal in both, and dose 0 and 1 are to be exact.
    if (a[i] === b[i] || dose === 0 || dose === 1) continue;
    const r1 = typeof rateBefore === "number" ? rateBefore : 1 / rateBefore[i]!;
    const change = rateChange(a[i]!, b[i]!, r1, model);
    if (Number.isNaN(change)) continue;
    const decay = Math.exp(-model.decayMs * dose * change);
    out[i] = (a[i]! * model.signal(r1 + dose * change) * decay) / model.signal(r1);
  }
  return { grid: pre.grid, data: out };
}

/**
 * By how much the agent raised the longitudinal relaxation rate, voxel by voxel: ΔR1 = r1 · c.
 *
 * @param pre  scan before the agent; 0 must mean no signal
 * @param post scan after it, on the same grid and calibrated to `pre` by a gain alone
 * @returns ΔR1 in 1/s; divided by the relaxivity in L/(mmol·s) it is the concentration in mmol/L. 0 where both scans are equal,
 *   NaN where the signal equation has no solution ({@link simulateDosePhysical})
 * @throws `grid-mismatch`; `out-of-range` for a time, angle or T1 out of range
 * @see as for simulateDosePhysical
 * @example
 * const rate = relaxationRateChange(pre, post, { sequence, preContrastT1Ms: 1000 });
 */
export function relaxationRateChange(pre: Volume, post: Volume, { sequence, preContrastT1Ms }: RelaxationOptions): Volume {
  checkSameGrid(pre.grid, post.grid);
  const model = signalModel(sequence);
  const rateBefore = preContrastRate(preContrastT1Ms, pre);
  const out = new Float32Array(pre.data.length);
  for (let i = 0; i < out.length; i++) {
    const r1 = typeof rateBefore === "number" ? rateBefore : 1 / rateBefore[i]!;
    const same = pre.data[i] === post.data[i];
    out[i] = same ? 0 : 1000 * rateChange(pre.data[i]!, post.data[i]!, r1, model);
  }
  return { grid: pre.grid, data: out };
}

/** R1 before the agent in 1/ms, or the map of T1. */
function preContrastRate(t1Ms: number | Volume, pre: Volume): number | Float32Array {
  if (typeof t1Ms !== "number") {
    checkSameGrid(pre.grid, t1Ms.grid);
    return t1Ms.data;
  }
  checkPositive("preContrastT1Ms", t1Ms);
  return 1 / t1Ms;
}
