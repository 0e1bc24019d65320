import type { Mask } from "../core/volume.js";
import { confusion } from "./confusion.js";

/**
 * Jaccard index, intersection over union; Dice / (2 − Dice).
 *
 *     J = |A ∩ B| / |A ∪ B|
 *
 * @param reference what is true
 * @param test what is judged, on the same grid
 * @returns 0 to 1; 0 if one mask is empty, `NaN` if both are
 * @throws `grid-mismatch` if the grids differ
 * @see Jaccard 1912, New Phytol 11:37
 * @example
 * const overlap = jaccard(tumour, segmented);
 */
export function jaccard(reference: Mask, test: Mask): number {
  const { truePositives, falsePositives, falseNegatives } = confusion(reference, test);
  return truePositives / (truePositives + falsePositives + falseNegatives);
}
