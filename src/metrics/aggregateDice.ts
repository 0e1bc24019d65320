import { GadoliniteError } from "../core/errors.js";
import { checkOneOf } from "../internal/check.js";
import type { Confusion } from "./confusion.js";
import { diceOf } from "./dice.js";

export interface AggregateDiceOptions {
  /**
   * What a case counts where neither mask has a voxel: nothing (`"exclude"`, by the reference as much as by the test) or 1 (`"one"`, as in
   * BraTS). Required: it changes the mean.
   */
  readonly bothEmpty: "exclude" | "one";
}

/** Dice over the cases of a study, with what it hides. */
export interface AggregatedDice {
  /** Mean over cases; each case counts alike. `NaN` if no case counts. */
  readonly mean: number;
  /** Dice of all cases' voxels together; large lesions count more. `NaN` if no case has a voxel. */
  readonly pooled: number;
  /** Cases that count in the mean. */
  readonly cases: number;
  /** Cases with a voxel in neither mask. */
  readonly bothEmpty: number;
  /** Cases in which the test mask is empty and the reference isn't; they count 0. */
  readonly missed: number;
  /** Cases in which the reference is empty and the test mask isn't; they count 0. */
  readonly falseAlarms: number;
}

/**
 * Sums Dice up over cases so that leaving a lesion out never raises it: a miss and a false alarm count 0, and whether a case is excluded
 * does not hang on a wrong answer.
 *
 * @param cases one {@link confusion} a case
 * @throws `out-of-range` if there is no case, or the option is unknown
 * @see Maier-Hein et al. 2024, Nat Methods 21:195 (metrics that are undefined for empty masks)
 * @example
 * const { mean, missed } = aggregateDice(cases.map(({ reference, test }) => confusion(reference, test)), { bothEmpty: "exclude" });
 */
export function aggregateDice(cases: readonly Confusion[], { bothEmpty }: AggregateDiceOptions): AggregatedDice {
  checkOneOf("bothEmpty", bothEmpty, ["exclude", "one"]);
  if (cases.length === 0) throw new GadoliniteError("out-of-range", "There is no case to aggregate.");
  const inReference = (c: Confusion) => c.truePositives + c.falseNegatives;
  const inTest = (c: Confusion) => c.truePositives + c.falsePositives;
  const empty = cases.filter((c) => inReference(c) + inTest(c) === 0).length;
  const counted = bothEmpty === "one" ? cases.length : cases.length - empty;
  let sum = bothEmpty === "one" ? empty : 0;
  for (const c of cases) if (inReference(c) + inTest(c) > 0) sum += diceOf(c);
  const total = (pick: (c: Confusion) => number) => cases.reduce((s, c) => s + pick(c), 0);
  return {
    mean: sum / counted,
    pooled: (2 * total((c) => c.truePositives)) / total((c) => inReference(c) + inTest(c)),
    cases: counted,
    bothEmpty: empty,
    missed: cases.filter((c) => inTest(c) === 0 && inReference(c) > 0).length,
    falseAlarms: cases.filter((c) => inReference(c) === 0 && inTest(c) > 0).length,
  };
}
