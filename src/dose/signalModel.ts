import { GadoliniteError } from "../core/errors.js";
import { checkNonNegative, checkPositive, checkWithin } from "../internal/check.js";
import { spinEchoSignal, spoiledGradientEchoSignal } from "../internal/signalEquation.js";

interface EchoDecay {
  /** Echo time TE in ms, ≥ 0; default 0. It matters only together with `r2PerR1`: what doesn't change with the agent cancels. */
  readonly echoTimeMs?: number;
  /**
   * By how much the agent raises the transverse relaxation rate for each unit of R1: r2* over r1 for a gradient echo, r2 over r1 for a spin
   * echo, ≥ 0. Default 0: the loss at long echoes and high concentrations is neglected.
   */
  readonly r2PerR1?: number;
}

/** Steady-state spoiled gradient echo (FLASH, SPGR, T1-FFE). */
export interface SpoiledGradientEchoSequence extends EchoDecay {
  readonly kind: "spoiled-gradient-echo";
  readonly repetitionTimeMs: number;
  /** Above 0, up to 90. */
  readonly flipAngleDeg: number;
}

/** Spin echo with TE ≪ TR. */
export interface SpinEchoSequence extends EchoDecay {
  readonly kind: "spin-echo";
  readonly repetitionTimeMs: number;
}

export type DoseSequence = SpoiledGradientEchoSequence | SpinEchoSequence;

/** A sequence as a function of the longitudinal rate R1 in 1/ms. */
export interface SignalModel {
  /** Signal per unit of M0, without the echo's decay. */
  readonly signal: (r1PerMs: number) => number;
  /** The R1 that gives this signal; NaN if none does. */
  readonly rate: (signal: number) => number;
  /** TE · r2/r1 in ms: a change ΔR1 lets the signal decay by e^(−decayMs·ΔR1). */
  readonly decayMs: number;
}

export function signalModel(sequence: DoseSequence): SignalModel {
  const { repetitionTimeMs: tr, echoTimeMs = 0, r2PerR1 = 0 } = sequence;
  checkPositive("repetitionTimeMs", tr);
  checkNonNegative("echoTimeMs", echoTimeMs);
  checkNonNegative("r2PerR1", r2PerR1);
  const decayMs = echoTimeMs * r2PerR1;
  const kind = sequence.kind;
  if (kind === "spin-echo") return { decayMs, signal: (r1) => spinEchoSignal(r1, sequence), rate: (s) => -Math.log1p(-s) / tr };
  if (kind !== "spoiled-gradient-echo")
    throw new GadoliniteError(
      "out-of-range",
      `sequence.kind must be one of "spoiled-gradient-echo", "spin-echo", but is "${kind as string}".`,
    );
  checkWithin("flipAngleDeg", sequence.flipAngleDeg, 0, 90);
  checkPositive("flipAngleDeg", sequence.flipAngleDeg);
  const sine = Math.sin((sequence.flipAngleDeg * Math.PI) / 180);
  const cosine = Math.cos((sequence.flipAngleDeg * Math.PI) / 180);
  return {
    decayMs,
    signal: (r1) => spoiledGradientEchoSignal(r1, sequence),
    // E1 = (sin α − S) / (sin α − S·cos α)
    rate: (s) => -Math.log((sine - s) / (sine - s * cosine)) / tr,
  };
}

/**
 * The change ΔR1 in 1/ms between two signals of one voxel, given R1 before; NaN where the equation has no solution: a signal
 * that is not positive, or one above the fully relaxed (or, with decay, the highest possible) signal.
 */
export function rateChange(pre: number, post: number, r1PreMs: number, model: SignalModel): number {
  if (!(pre > 0 && post > 0 && r1PreMs > 0)) return Number.NaN;
  const target = (post / pre) * model.signal(r1PreMs);
  let change = model.rate(target) - r1PreMs;
  if (model.decayMs === 0) return r1PreMs + change > 0 && change < Infinity ? change : Number.NaN;
  // Fixed point ΔR1 ← R1(target · e^(+decay·ΔR1)) − R10: rises from 0 to the smallest solution, the physical one.
  for (let iteration = 0; iteration < 100; iteration++) {
    const next = model.rate(target * Math.exp(model.decayMs * change)) - r1PreMs;
    if (Math.abs(next - change) <= 1e-10 * r1PreMs) return r1PreMs + next > 0 ? next : Number.NaN;
    change = next;
  }
  return Number.NaN;
}
