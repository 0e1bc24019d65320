/**
 * What the test is against: `"two-sided"`, or that x tends to be larger than y (`"greater"`) or smaller (`"less"`); of one sample,
 * than 0.
 */
export type Alternative = "two-sided" | "greater" | "less";

export const ALTERNATIVES: readonly Alternative[] = ["two-sided", "greater", "less"];

/** p-value from the probabilities of a result as small as the one seen, or smaller, and as large, or larger. */
export function pValueOf(alternative: Alternative, smaller: number, larger: number): number {
  if (alternative === "less") return Math.min(1, smaller);
  if (alternative === "greater") return Math.min(1, larger);
  return Math.min(1, 2 * Math.min(smaller, larger));
}
