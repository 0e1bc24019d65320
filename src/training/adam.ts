import { GadoliniteError } from "../core/errors.js";
import { checkNonNegative, checkPositive, checkWithin } from "../internal/check.js";

export interface AdamOptions {
  /** Decay of the mean of gradients, 0 to 1 (exclusive). Default 0.9. */
  readonly beta1?: number;
  /** Decay of the mean of their squares, 0 to 1 (exclusive). Default 0.999. */
  readonly beta2?: number;
  /** Added to the root of the second. Default 1e-8. */
  readonly epsilon?: number;
  /** Share of each weight that is taken off in a step, times the learning rate (AdamW). Default 0, which is plain Adam. */
  readonly weightDecay?: number;
}

/** An optimiser's settings. */
export interface Adam extends Required<AdamOptions> {
  readonly name: "adam";
}

/**
 * Adam with bias correction and decoupled weight decay:
 *
 * m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², w ← w − η(m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + ε) + λw), with t = 1 in the first step.
 *
 * @returns settings for {@link trainingStep} and {@link fit}
 * @throws `out-of-range` for a β outside 0 … 1, an ε that is not positive or a negative weight decay
 * @see Kingma & Ba 2015 (arXiv:1412.6980), algorithm 1; Loshchilov & Hutter 2019 (arXiv:1711.05101), algorithm 2
 * @example
 * const optimizer = adam({ weightDecay: 1e-4 });
 */
export function adam({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 }: AdamOptions = {}): Adam {
  for (const [name, beta] of Object.entries({ beta1, beta2 })) {
    checkWithin(name, beta, 0, 1);
    if (beta === 1) throw new GadoliniteError("out-of-range", `${name} must be less than 1, but is 1.`);
  }
  checkPositive("epsilon", epsilon);
  checkNonNegative("weightDecay", weightDecay);
  return { name: "adam", beta1, beta2, epsilon, weightDecay };
}
