import { checkNonNegative } from "../internal/check.js";

/** Size class of a vestibular schwannoma. */
export interface KanzakiClass {
  /** 0 to 5. */
  readonly grade: 0 | 1 | 2 | 3 | 4 | 5;
  readonly name: "intrameatal" | "small" | "medium" | "moderately large" | "large" | "giant";
}

/**
 * Size class of a vestibular schwannoma by the largest diameter of its part outside the internal auditory canal.
 *
 * 0 intrameatal (0 mm), 1 small (1–10), 2 medium (11–20), 3 moderately large (21–30), 4 large (31–40), 5 giant (> 40 mm). A class reaches up to and
 * with its upper bound, so that 10.4 mm is medium.
 *
 * @param extrameatalMm largest extrameatal diameter in mm; 0 if the tumour lies wholly inside the canal
 * @throws `out-of-range` if the diameter is negative, NaN or infinite
 * @see Kanzaki et al. 2003, Otol Neurotol 24:642
 * @example
 * kanzakiClass(14).name; // "medium"
 */
export function kanzakiClass(extrameatalMm: number): KanzakiClass {
  checkNonNegative("extrameatalMm", extrameatalMm);
  const grade = Math.min(5, Math.ceil(extrameatalMm / 10)) as KanzakiClass["grade"];
  const names = ["intrameatal", "small", "medium", "moderately large", "large", "giant"] as const;
  return { grade, name: names[grade]! };
}
