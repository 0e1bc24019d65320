import { checkPositive, checkWithin } from "../internal/check.js";
import { betaQuantile } from "./incompleteBeta.js";
import type { Interval, IntervalOptions } from "./interval.js";
import { checkLevel } from "./level.js";

/**
 * Clopper and Pearson's "exact" interval of a proportion.
 *
 *     low = B⁻¹(α/2; k, n − k + 1),   high = B⁻¹(1 − α/2; k + 1, n − k)
 *
 * with the beta distribution's quantiles, 0 for k = 0 and 1 for k = n. The count may be fractional: the interval of a mean over readers is that of the
 * mean count.
 *
 * @param count successes, 0 to n
 * @param n trials, > 0
 * @throws `out-of-range` if n is not positive, the count not within 0 and n, or the level not between 0 and 1
 * @see Clopper and Pearson 1934, Biometrika 26:404; Bône et al. 2022, table 5 (fractional counts)
 * @example
 * clopperPearson(108.5, 187); // [0.506, 0.652]
 */
export function clopperPearson(count: number, n: number, { level = 0.95 }: IntervalOptions = {}): Interval {
  checkPositive("n", n);
  checkWithin("count", count, 0, n);
  checkLevel(level);
  const tail = (1 - level) / 2;
  const low = count === 0 ? 0 : betaQuantile(tail, count, n - count + 1);
  // The upper bound is the lower one of the failures: so both keep their digits.
  const high = count === n ? 1 : 1 - betaQuantile(tail, n - count, count + 1);
  return [low, high];
}
