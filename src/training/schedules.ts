import { GadoliniteError } from "../core/errors.js";
import { checkNonNegative, checkNonNegativeInteger, checkPositive, checkPositiveInteger } from "../internal/check.js";

/** The learning rate of a step; the first step is 1. */
export type Schedule = (step: number) => number;

export interface CosineOptions {
  /** Rate at the start, after the warm-up. */
  readonly from: number;
  /** Rate from the last step on. Default 0; Pinetz et al. 1e-6. */
  readonly to?: number;
  /** Number of steps, the warm-up included. */
  readonly steps: number;
  /** Steps in which the rate grows linearly to `from`. Default 0. */
  readonly warmup?: number;
}

/**
 * Half a period of a cosine, η = to + (from − to) (1 + cos(π p)) / 2 with p = (step − 1 − warmup) / (steps − 1 − warmup) from 0 to 1; before it, if asked for, a linear
 * rise from · step / (warmup + 1).
 *
 * @throws `out-of-range` for rates that are negative or not finite, or a warm-up that leaves no step
 * @see Loshchilov & Hutter 2017 (arXiv:1608.03983), equation 5 without restarts; Pinetz et al. 2024, section 4 (1e-4 to 1e-6)
 * @example
 * const schedule = cosine({ from: 1e-4, to: 1e-6, steps: 200_000 });
 */
export function cosine({ from, to = 0, steps, warmup = 0 }: CosineOptions): Schedule {
  checkPositive("from", from);
  checkNonNegative("to", to);
  checkPositiveInteger("steps", steps);
  checkNonNegativeInteger("warmup", warmup);
  if (warmup >= steps)
    throw new GadoliniteError("out-of-range", `A warm-up of ${warmup} steps leaves none of ${steps}. Make it shorter.`);
  const length = Math.max(1, steps - 1 - warmup);
  return (step) => {
    if (step <= warmup) return (from * step) / (warmup + 1);
    const part = Math.min(1, (step - 1 - warmup) / length);
    return to + ((from - to) * (1 + Math.cos(Math.PI * part))) / 2;
  };
}

export interface ConstantThenLinearOptions {
  /** Rate of the first part. */
  readonly rate: number;
  /** Steps at that rate. */
  readonly constant: number;
  /** Steps after them, in which the rate falls linearly; the first step after all of them has rate 0. */
  readonly linear: number;
}

/**
 * A constant rate, then a linear fall to 0: η = rate · min(1, (constant + linear + 1 − step) / linear), not below 0.
 *
 * @throws `out-of-range` for a rate that is not positive or counts that are not positive integers
 * @see Chen et al. 2023, "CoNeS" (arXiv:2309.03320), as in the authors' public code: 100 epochs each, of 500 steps
 * @example
 * const schedule = constantThenLinear({ rate: 1e-4, constant: 50_000, linear: 50_000 });
 */
export function constantThenLinear({ rate, constant, linear }: ConstantThenLinearOptions): Schedule {
  checkPositive("rate", rate);
  checkNonNegativeInteger("constant", constant);
  checkPositiveInteger("linear", linear);
  return (step) => rate * Math.min(1, Math.max(0, constant + linear + 1 - step) / linear);
}

export interface StepsOptions {
  /** Rate at the start. */
  readonly rate: number;
  /** Steps after which the rate is multiplied by `factor`, ascending. */
  readonly after: readonly number[];
  /** Default 0.1; the public code of Pinetz et al. has 0.75 after 50, 100, 200 and 300 thousand steps. */
  readonly factor?: number;
}

/**
 * A rate that falls in steps: η = rate · factor^n, where n counts the entries of `after` that are less than the step.
 *
 * @throws `out-of-range` for a rate or factor that is not positive, or counts that are not positive integers
 * @example
 * const schedule = steps({ rate: 1e-3, after: [50_000, 100_000], factor: 0.75 });
 */
export function steps({ rate, after, factor = 0.1 }: StepsOptions): Schedule {
  checkPositive("rate", rate);
  checkPositive("factor", factor);
  for (const count of after) checkPositiveInteger("Each entry of after", count);
  return (step) => rate * factor ** after.filter((count) => count < step).length;
}

/** The same rate in every step. */
export function constant(rate: number): Schedule {
  checkPositive("rate", rate);
  return () => rate;
}
