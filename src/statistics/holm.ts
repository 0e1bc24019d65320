import { checkFraction } from "../internal/check.js";

/**
 * Holm's step-down correction for several tests.
 *
 *     p̃₍ᵢ₎ = max over j ≤ i of min(1, (m − j + 1) · p₍ⱼ₎)
 *
 * @param pValues p-values of m tests
 * @returns adjusted p-values in the same order: reject where one is at most α, and the chance of any false rejection is at most α
 * @throws `out-of-range` if a p-value is not within 0 and 1
 * @see Holm 1979, Scand J Stat 6:65
 * @example
 * holm([0.01, 0.04, 0.03]); // [0.03, 0.06, 0.06]
 */
export function holm(pValues: readonly number[]): readonly number[] {
  for (const p of pValues) checkFraction("A p-value", p);
  const order = [...pValues.keys()].sort((a, b) => pValues[a]! - pValues[b]!);
  const adjusted = new Array<number>(pValues.length);
  let largest = 0;
  order.forEach((index, i) => {
    largest = Math.max(largest, Math.min(1, (pValues.length - i) * pValues[index]!));
    adjusted[index] = largest;
  });
  return adjusted;
}
