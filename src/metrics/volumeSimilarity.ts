import type { Mask } from "../core/volume.js";
import { confusion } from "./confusion.js";

/**
 * Volumetric similarity: how near the volumes are, wherever they lie.
 *
 *     VS = 1 − ||A| − |B|| / (|A| + |B|)
 *
 * @param reference what is true
 * @param test what is judged, on the same grid
 * @returns 0 to 1; 0 if one mask is empty, `NaN` if both are
 * @throws `grid-mismatch` if the grids differ
 * @see Taha and Hanbury 2015, BMC Med Imaging 15:29, eq. 20
 * @example
 * const similarity = volumeSimilarity(tumour, segmented);
 */
export function volumeSimilarity(reference: Mask, test: Mask): number {
  const { truePositives, falsePositives, falseNegatives } = confusion(reference, test);
  return 1 - Math.abs(falseNegatives - falsePositives) / (2 * truePositives + falsePositives + falseNegatives);
}
