import { GadoliniteError } from "../core/errors.js";
import { checkNonNegative } from "../internal/check.js";
import type { Lesion } from "./lesion.js";
import { matchLesions } from "./matchLesions.js";

/** A case's true lesions and what was found. */
export interface DetectionCase {
  readonly reference: readonly Lesion[];
  readonly detections: readonly Lesion[];
}

export interface DetectionOptions {
  /** One result for each: only lesions, and false positives, with a long axis of at least this many mm. Default 0, 5, 10 (Bône et al. 2022). */
  readonly minSizesMm?: readonly number[];
}

/** Lesion detection over all cases, for lesions of a least size. */
export interface Detection {
  readonly minSizeMm: number;
  readonly cases: number;
  /** True lesions of that size. */
  readonly lesions: number;
  /** Lesions of that size that were found (TP), and not (FN). */
  readonly found: number;
  readonly missed: number;
  /** Detections of that size, by their own long axis, that are no lesion (FP). */
  readonly falsePositives: number;
  /** found / lesions; `NaN` without lesions. */
  readonly sensitivity: number;
  /** found / (found + falsePositives); `NaN` if there is neither. */
  readonly ppv: number;
  /** 2 TP / (2 TP + FP + FN), the harmonic mean of both; `NaN` if all three are 0. */
  readonly f1: number;
  readonly falsePositivesPerCase: number;
}

/**
 * How many lesions were found, and how many false ones.
 *
 * All lesions of a case are paired by {@link matchLesions} first and counted by size afterwards, so that a small detection may find a large lesion. For
 * intervals, `bootstrap` the cases: lesions of one case are not independent.
 *
 * @param cases cases without any lesion belong in too: their false positives count
 * @returns one result a size, in the order given
 * @throws `out-of-range` if there is no case, a size is negative, or a lesion isn't finite
 * @see Bône et al. 2022, Invest Radiol 57:527, table 5
 * @example
 * const [all, from5mm, from10mm] = detection(cases);
 * const perCase = cases.map((c) => ({ patient: c.patient, ...detection([c])[0]! }));
 * const sum = (list: typeof perCase, key: "found" | "lesions") => list.reduce((total, c) => total + c[key], 0);
 * const sensitivity = (list: typeof perCase) => sum(list, "found") / sum(list, "lesions");
 * const { low, high } = bootstrap(perCase, sensitivity, { seed: 1, clusterOf: (c) => c.patient });
 */
export function detection(
  cases: readonly DetectionCase[],
  { minSizesMm = [0, 5, 10] }: DetectionOptions = {},
): readonly Detection[] {
  if (cases.length === 0) throw new GadoliniteError("out-of-range", "There is no case to count lesions in.");
  for (const size of minSizesMm) checkNonNegative("A size of minSizesMm", size);
  const matches = cases.map(({ reference, detections }) => matchLesions(reference, detections));
  return minSizesMm.map((minSizeMm) => {
    const large = (lesions: readonly Lesion[], indices: readonly number[]) =>
      indices.filter((n) => lesions[n]!.longMm >= minSizeMm).length;
    let [found, missed, falsePositives] = [0, 0, 0];
    matches.forEach((match, n) => {
      const { reference, detections } = cases[n]!;
      found += large(
        reference,
        match.pairs.map((pair) => pair.reference),
      );
      missed += large(reference, match.missed);
      falsePositives += large(detections, match.falsePositives);
    });
    return {
      minSizeMm,
      cases: cases.length,
      lesions: found + missed,
      found,
      missed,
      falsePositives,
      sensitivity: found / (found + missed),
      ppv: found / (found + falsePositives),
      f1: (2 * found) / (2 * found + falsePositives + missed),
      falsePositivesPerCase: falsePositives / cases.length,
    };
  });
}
