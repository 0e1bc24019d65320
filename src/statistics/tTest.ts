import { GadoliniteError } from "../core/errors.js";
import { checkNonNegative, checkOneOf } from "../internal/check.js";
import { ALTERNATIVES, type Alternative, pValueOf } from "./alternative.js";
import type { Interval, IntervalOptions } from "./interval.js";
import { checkLevel } from "./level.js";
import { checkFiniteSamples, checkPaired, meanOf, powerOfTwo, restOf, standardDeviation } from "./samples.js";
import { studentQuantile, studentSurvival } from "./studentT.js";

export interface TTestOptions extends IntervalOptions {
  /**
   * `"paired"`: x and y are two numbers of each case; `"equal-variances"`: independent samples, Student's pooled variance; `"welch"`: independent samples,
   * variances of their own. Required: papers often don't say which.
   */
  readonly design: "paired" | "equal-variances" | "welch";
  /** Default `"two-sided"`. */
  readonly alternative?: Alternative;
}

/** A sample by its mean, sample standard deviation (divisor n − 1) and size. */
export interface SampleSummary {
  readonly mean: number;
  readonly sd: number;
  readonly n: number;
}

export interface TTestResult {
  readonly t: number;
  /** Degrees of freedom; fractional for Welch's. */
  readonly df: number;
  readonly pValue: number;
  /** Mean of x minus mean of y. */
  readonly difference: number;
  /** Two-sided interval of the difference. */
  readonly interval: Interval;
}

/**
 * Student's t-test of a difference of means.
 *
 *     t = (mean(x) − mean(y)) / standard error
 *
 * @param x samples, two or more; finite
 * @param y samples, two or more; as many as x, in the same order, if paired
 * @returns where no sample varies, t is ±`Infinity` and p 0, or both `NaN` if the means are equal too
 * @throws `out-of-range` if a sample has fewer than two numbers, one is NaN or infinite, paired lengths differ, or an option is unknown
 * @see Student 1908, Biometrika 6:1; Welch 1947, Biometrika 34:28. Equals SciPy's `ttest_rel` and `ttest_ind`
 * @example
 * const { pValue } = tTest(ratings.restored, ratings.lowDose, { design: "paired" });
 */
export function tTest(x: ArrayLike<number>, y: ArrayLike<number>, { design, ...options }: TTestOptions): TTestResult {
  checkOneOf("design", design, ["paired", "equal-variances", "welch"]);
  checkFiniteSamples("x", x, 2);
  checkFiniteSamples("y", y, 2);
  if (design === "paired") checkPaired("x", x, "y", y);
  const unit = unitOf(x, y);
  const [a, b] = [x, y].map((samples) => Float64Array.from(samples, (v) => v / unit)) as [Float64Array, Float64Array];
  const result = design === "paired" ? paired(a, b, options) : independent(summaryOf(a), summaryOf(b), design, options);
  const [low, high] = result.interval;
  return { ...result, difference: unit * result.difference, interval: [unit * low, unit * high] };
}

/** Means and differences of samples near the ends of the number range keep their digits in this unit. */
function unitOf(...lists: readonly ArrayLike<number>[]): number {
  let largest = 0;
  for (const list of lists) for (let i = 0; i < list.length; i++) largest = Math.max(largest, Math.abs(list[i]!));
  return largest === 0 ? 1 : powerOfTwo(largest);
}

function paired(x: Float64Array, y: Float64Array, options: Rest): TTestResult {
  const { mean, sd, n } = summaryOf(x.map((v, i) => v - y[i]!));
  return resultOf(mean, sd / Math.sqrt(n), n - 1, options);
}

export interface TTestFromSummaryOptions extends Omit<TTestOptions, "design"> {
  /** As in {@link tTest}; a paired test can't be done from means and sds. */
  readonly design: "equal-variances" | "welch";
}

/**
 * The t-test of two independent samples of which only mean, sd and size are known, as printed in a paper. See {@link tTest}.
 *
 * @throws `out-of-range` if a mean isn't finite, an sd negative, a size below 2, or an option is unknown
 * @example
 * const { pValue } = tTestFromSummary({ mean: 55, sd: 14, n: 107 }, { mean: 59, sd: 14, n: 79 }, { design: "equal-variances" });
 */
export function tTestFromSummary(
  x: SampleSummary,
  y: SampleSummary,
  { design, ...options }: TTestFromSummaryOptions,
): TTestResult {
  checkOneOf("design", design, ["equal-variances", "welch"]);
  for (const [name, { mean, sd, n }] of Object.entries({ x, y })) {
    checkNonNegative(`${name}.sd`, sd);
    if (!Number.isFinite(mean) || !(n >= 2 && n < Infinity))
      throw new GadoliniteError("out-of-range", `${name} needs a finite mean and a size of 2 or more, but has ${mean} and ${n}.`);
  }
  return independent(x, y, design, options);
}

/** A summary, and what the rounding of its mean left over: between large numbers that are near each other it counts. */
interface ExactSummary extends SampleSummary {
  readonly rest?: number;
}

function summaryOf(samples: Float64Array): ExactSummary {
  const mean = meanOf(samples);
  return { mean, rest: restOf(samples, mean), sd: standardDeviation(samples, mean), n: samples.length };
}

type Rest = Omit<TTestOptions, "design">;

function independent(x: ExactSummary, y: ExactSummary, design: "equal-variances" | "welch", options: Rest): TTestResult {
  // In units of the larger sd, as squares of tiny or huge numbers are 0 or infinite.
  const unit = Math.max(x.sd, y.sd) || 1;
  const [vx, vy] = [(x.sd / unit) ** 2, (y.sd / unit) ** 2];
  const difference = x.mean - y.mean + ((x.rest ?? 0) - (y.rest ?? 0));
  if (design === "equal-variances") {
    const df = x.n + y.n - 2;
    const pooled = ((x.n - 1) * vx + (y.n - 1) * vy) / df;
    return resultOf(difference, unit * Math.sqrt(pooled * (1 / x.n + 1 / y.n)), df, options);
  }
  const [ex, ey] = [vx / x.n, vy / y.n];
  const df = (ex + ey) ** 2 / (ex ** 2 / (x.n - 1) + ey ** 2 / (y.n - 1));
  return resultOf(difference, unit * Math.sqrt(ex + ey), df, options);
}

function resultOf(difference: number, error: number, df: number, { alternative = "two-sided", level = 0.95 }: Rest): TTestResult {
  checkOneOf("alternative", alternative, ALTERNATIVES);
  checkLevel(level);
  const t = difference / error;
  // Welch's degrees of freedom are 0/0 where nothing varies; t then has no distribution, but is infinite or undefined anyway.
  const freedom = Number.isNaN(df) ? 1 : df;
  const half = error === 0 ? 0 : studentQuantile((1 - level) / 2, freedom) * error;
  const pValue = Number.isNaN(t) ? Number.NaN : pValueOf(alternative, studentSurvival(-t, freedom), studentSurvival(t, freedom));
  return { t, df, pValue, difference, interval: [difference - half, difference + half] };
}
