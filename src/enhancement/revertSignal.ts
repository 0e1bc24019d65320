import { GadoliniteError } from "../core/errors.js";
import type { Mask, Volume } from "../core/volume.js";
import { checkFiniteNumber, checkMask, checkOneOf, checkPositive, checkSameGrid } from "../internal/check.js";

export interface RevertSignalOptions {
  /** Local standard deviation s of the *low-dose* subtraction image: `normalizeNoise(…).sd`. */
  readonly sd: Volume;
  /** Noise level σ that the signal was normalised to. */
  readonly sigma: number;
  /** γ, see {@link signalGain}; default 1 (low and standard dose equally noisy). */
  readonly gain?: number;
  /**
   * `"exact"` (default) undoes equation (1): γ · (s/σ) ⊙ ŷ. `"as-printed"` is the paper's γ · s ⊙ ŷ, which leaves out σ and
   * is right only for σ = 1 in the image's unit.
   */
  readonly convention?: "exact" | "as-printed";
}

/**
 * Brings a normalised contrast signal back into the scan's unit and its uneven noise's scale.
 *
 *     ỹ = γ · (s_LD / σ_LD) ⊙ ŷ
 *
 * @param signal ŷ, a network's output or `enhancementSignal`
 * @throws `grid-mismatch` if the grids differ, `out-of-range` if σ is not positive or γ not finite, or for an unknown convention
 * @see Pinetz et al. 2024, section 3.4; equation (1) multiplies by σ_LD, so undoing it divides by it
 * @example
 * const post = synthesize(pre, revertSignal(predicted, { sd: low.sd, sigma: low.sigma, gain }));
 */
export function revertSignal(signal: Volume, { sd, sigma, gain = 1, convention = "exact" }: RevertSignalOptions): Volume {
  checkSameGrid(signal.grid, sd.grid);
  checkPositive("sigma", sigma);
  checkFiniteNumber("gain", gain);
  checkOneOf("convention", convention, ["exact", "as-printed"]);
  const factor = convention === "exact" ? gain / sigma : gain;
  const y = signal.data;
  const s = sd.data;
  const out = new Float32Array(y.length);
  for (let i = 0; i < out.length; i++) out[i] = factor * s[i]! * y[i]!;
  return { grid: signal.grid, data: out };
}

/** The local noise of one study of the training set at both doses. */
export interface GainCase {
  readonly brain: Mask;
  /** s of the standard-dose subtraction image. */
  readonly standardSd: Volume;
  /** s of the low-dose subtraction image. */
  readonly lowSd: Volume;
}

/**
 * γ: by how much the standard dose's local noise exceeds the low dose's in the brain, averaged over a training set.
 *
 *     γ = (1/N) Σᵢ ⟨bᵢ, s_SDᵢ⟩ / ⟨bᵢ, s_LDᵢ⟩
 *
 * @param cases one entry a study; NaN for none of them
 * @throws `grid-mismatch` or `empty-mask` for a brain; `out-of-range` if a low dose has no noise in its brain
 * @see Pinetz et al. 2024, section 3.4
 * @example
 * const gain = signalGain([{ brain, standardSd: standard.sd, lowSd: low.sd }]);
 */
export function signalGain(cases: readonly GainCase[]): number {
  let sum = 0;
  for (const { brain, standardSd, lowSd } of cases) {
    checkMask("The brain mask", brain, standardSd.grid);
    checkSameGrid(standardSd.grid, lowSd.grid);
    const low = sumWithin(lowSd, brain);
    if (!(low > 0))
      throw new GadoliniteError("out-of-range", `The low dose's local noise sums to ${low} in the brain; it must be positive.`);
    sum += sumWithin(standardSd, brain) / low;
  }
  return sum / cases.length;
}

function sumWithin({ data }: Volume, mask: Mask): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) if (mask.data[i]) sum += data[i]!;
  return sum;
}
