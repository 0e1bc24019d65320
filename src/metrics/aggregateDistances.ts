import { GadoliniteError } from "../core/errors.js";
import { checkNonNegative } from "../internal/check.js";
import { percentileOfSorted } from "../statistics/samples.js";

/** One case's distance, and which of its masks have a voxel. */
export interface CaseDistance {
  /** In mm; not looked at where a mask is empty. */
  readonly distanceMm: number;
  readonly referenceEmpty: boolean;
  readonly testEmpty: boolean;
}

export interface AggregateDistancesOptions {
  /**
   * What a case counts in which one mask is empty, in mm: a distance that no answer can exceed, such as the image's diagonal (BraTS: 373.13).
   * Required: left out, a missed lesion would improve the mean.
   */
  readonly missMm: number;
}

/** Surface distances over the cases of a study. */
export interface AggregatedDistances {
  /** In mm, `NaN` if no case counts. */
  readonly meanMm: number;
  readonly medianMm: number;
  /** Cases that count. */
  readonly cases: number;
  /** Cases with one empty mask; they count `missMm`. */
  readonly missed: number;
  /** Cases with a voxel in neither mask; they don't count. */
  readonly bothEmpty: number;
}

/**
 * Sums Hausdorff or average surface distances up over cases so that a missed lesion never improves them: it counts a penalty.
 *
 * @param cases one distance a case
 * @throws `out-of-range` if there is no case, the penalty is negative, or a distance that counts isn't a number ≥ 0 or exceeds the penalty
 * @see Maier-Hein et al. 2024, Nat Methods 21:195 (metrics that are undefined for empty masks)
 * @example
 * const { meanMm, missed } = aggregateDistances(cases, { missMm: 373.13 });
 */
export function aggregateDistances(cases: readonly CaseDistance[], { missMm }: AggregateDistancesOptions): AggregatedDistances {
  checkNonNegative("missMm", missMm);
  if (cases.length === 0) throw new GadoliniteError("out-of-range", "There is no case to aggregate.");
  const found = cases.filter((c) => !c.referenceEmpty && !c.testEmpty).map((c) => c.distanceMm);
  for (const d of found)
    if (!(d >= 0 && d <= missMm))
      throw new GadoliniteError(
        "out-of-range",
        `A distance of ${d} mm doesn't lie within 0 and missMm, ${missMm} mm. Raise missMm.`,
      );
  const bothEmpty = cases.filter((c) => c.referenceEmpty && c.testEmpty).length;
  const missed = cases.length - found.length - bothEmpty;
  const counted = Float64Array.from([...found, ...new Array<number>(missed).fill(missMm)]).sort();
  return {
    meanMm: counted.reduce((sum, d) => sum + d, 0) / counted.length,
    medianMm: counted.length > 0 ? percentileOfSorted(counted, 50) : Number.NaN,
    cases: counted.length,
    missed,
    bothEmpty,
  };
}
