import { GadoliniteError } from "../core/errors.js";
import { distance, type Lesion } from "./lesion.js";

/** A reference lesion and the detection that found it. */
export interface LesionPair {
  /** Index into the reference lesions. */
  readonly reference: number;
  /** Index into the detections. */
  readonly detection: number;
  readonly distanceMm: number;
}

/** Which lesion was found by which detection. */
export interface LesionMatch {
  /** By rising reference index. */
  readonly pairs: readonly LesionPair[];
  /** Reference lesions that nothing found. */
  readonly missed: readonly number[];
  /** Detections that found nothing. */
  readonly falsePositives: readonly number[];
}

/**
 * Pairs detections with reference lesions, one to one: they match if their centres lie closer than half the mean of the reference lesion's axes.
 *
 *     |c_reference − c_detection| < (long + short) / 4
 *
 * The paper says neither whose axes count nor how ties end: here the reference's, and pairs form by rising distance, at equal distance by the lower
 * reference index, then the lower detection index. Each lesion and each detection is used once.
 *
 * @param reference true lesions of a case
 * @param detections lesions found in that case
 * @returns indices into both lists; an empty list leaves all of the other unmatched
 * @throws `out-of-range` if a position or an axis isn't a finite number, or an axis is negative
 * @see Bône et al. 2022, Invest Radiol 57:527, "Performance metrics"
 * @example
 * const { pairs, missed, falsePositives } = matchLesions(reference, found);
 */
export function matchLesions(reference: readonly Lesion[], detections: readonly Lesion[]): LesionMatch {
  reference.forEach((lesion, n) => {
    checkLesion("reference", lesion, n);
  });
  detections.forEach((lesion, n) => {
    checkLesion("detections", lesion, n);
  });
  const candidates = reference.flatMap(({ centerMm, longMm, shortMm }, r) =>
    detections
      .map((found, d) => ({ reference: r, detection: d, distanceMm: distance(centerMm, found.centerMm) }))
      .filter(({ distanceMm }) => distanceMm < (longMm + shortMm) / 4),
  );
  // The sort is stable: equal distances stay in the order of their indices.
  candidates.sort((a, b) => a.distanceMm - b.distanceMm);
  const pairs: LesionPair[] = [];
  const found = new Set<number>();
  const used = new Set<number>();
  for (const pair of candidates) {
    if (found.has(pair.reference) || used.has(pair.detection)) continue;
    found.add(pair.reference);
    used.add(pair.detection);
    pairs.push(pair);
  }
  return {
    pairs: pairs.sort((a, b) => a.reference - b.reference),
    missed: [...reference.keys()].filter((n) => !found.has(n)),
    falsePositives: [...detections.keys()].filter((n) => !used.has(n)),
  };
}

function checkLesion(list: string, { centerMm, longMm, shortMm }: Lesion, n: number): void {
  if (![...centerMm, longMm, shortMm].every(Number.isFinite) || longMm < 0 || shortMm < 0)
    throw new GadoliniteError(
      "out-of-range",
      `${list}[${n}] needs a finite centre and axes of 0 mm or more, but has [${centerMm}], ${longMm} and ${shortMm} mm.`,
    );
}
