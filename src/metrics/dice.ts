import type { Mask } from "../core/volume.js";
import { type Confusion, confusion } from "./confusion.js";

/**
 * Dice coefficient, also Sørensen's index or the voxels' F1.
 *
 *     Dice = 2 |A ∩ B| / (|A| + |B|) = 2 TP / (2 TP + FP + FN)
 *
 * @param reference what is true
 * @param test what is judged, on the same grid; Dice is symmetric
 * @returns 0 to 1; 0 if one mask is empty, `NaN` if both are (MedPy says 1 or 0, MONAI NaN). How such cases count in a mean is said to
 *   {@link aggregateDice}
 * @throws `grid-mismatch` if the grids differ
 * @see Dice 1945, Ecology 26:297
 * @example
 * const overlap = dice(tumour, segmented);
 */
export function dice(reference: Mask, test: Mask): number {
  return diceOf(confusion(reference, test));
}

/** Dice from counts. */
export const diceOf = ({ truePositives, falsePositives, falseNegatives }: Confusion): number =>
  (2 * truePositives) / (2 * truePositives + falsePositives + falseNegatives);
