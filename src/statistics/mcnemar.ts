import { checkNonNegativeInteger } from "../internal/check.js";
import { betaKernel, betaTails } from "./incompleteBeta.js";

/**
 * McNemar's exact conditional test of paired yes/no answers.
 *
 *     p = 2 · P(X ≤ min(b, c)),   X ~ Binomial(b + c, ½)
 *
 * @param onlyFirst pairs with a yes in the first alone (b)
 * @param onlySecond pairs with a yes in the second alone (c)
 * @returns p, two-sided; 1 if there is no such pair
 * @throws `out-of-range` if a count is not an integer of 0 or more
 * @see McNemar 1947, Psychometrika 12:153
 * @example
 * mcnemarExact(8, 3); // 0.227
 */
export function mcnemarExact(onlyFirst: number, onlySecond: number): number {
  const { below, equal } = lowerTail(onlyFirst, onlySecond);
  return Math.min(1, 2 * (below + equal));
}

/**
 * McNemar's mid-p test of paired yes/no answers: half the probability of what was seen itself counts.
 *
 *     p = 2 · [P(X < min(b, c)) + ½ P(X = min(b, c))],   X ~ Binomial(b + c, ½)
 *
 * @param onlyFirst pairs with a yes in the first alone (b)
 * @param onlySecond pairs with a yes in the second alone (c)
 * @returns p, two-sided; 1 if there is no such pair, or equally many
 * @throws `out-of-range` if a count is not an integer of 0 or more
 * @see Fagerland et al. 2013, BMC Med Res Methodol 13:91
 * @example
 * mcnemarMidP(8, 3); // 0.146
 */
export function mcnemarMidP(onlyFirst: number, onlySecond: number): number {
  const { below, equal } = lowerTail(onlyFirst, onlySecond);
  return onlyFirst === onlySecond ? 1 : 2 * below + equal;
}

/** P(X < k) and P(X = k) for the smaller count k. */
function lowerTail(b: number, c: number): { readonly below: number; readonly equal: number } {
  checkNonNegativeInteger("onlyFirst", b);
  checkNonNegativeInteger("onlySecond", c);
  const k = Math.min(b, c);
  const n = b + c;
  // P(X < k) is the upper tail at ½ of Beta(k, n − k + 1).
  const below = k === 0 ? 0 : betaTails(k, n - k + 1, 0.5, 0.5).upper;
  return { below, equal: (4 * betaKernel(k + 1, n - k + 1, 0.5, 0.5)) / (n + 1) };
}
