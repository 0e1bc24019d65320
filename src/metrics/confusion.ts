import type { Mask } from "../core/volume.js";
import { checkSameGrid } from "../internal/check.js";

/** Numbers of voxels by what the reference and the test say of them. */
export interface Confusion {
  /** In both masks. */
  readonly truePositives: number;
  /** In the test mask alone. */
  readonly falsePositives: number;
  /** In the reference alone. */
  readonly falseNegatives: number;
  /** In neither. */
  readonly trueNegatives: number;
}

/**
 * Counts how two masks agree.
 *
 * @param reference what is true
 * @param test what is judged, on the same grid
 * @returns four counts that add up to the number of voxels; masks may be empty
 * @throws `grid-mismatch` if the grids differ
 * @example
 * const { truePositives, falsePositives } = confusion(tumour, segmented);
 */
export function confusion(reference: Mask, test: Mask): Confusion {
  checkSameGrid(reference.grid, test.grid);
  const a = reference.data;
  const b = test.data;
  let both = 0;
  let inReference = 0;
  let inTest = 0;
  for (let i = 0; i < a.length; i++) {
    const inA = a[i] ? 1 : 0;
    const inB = b[i] ? 1 : 0;
    inReference += inA;
    inTest += inB;
    both += inA & inB;
  }
  return {
    truePositives: both,
    falsePositives: inTest - both,
    falseNegatives: inReference - both,
    trueNegatives: a.length - inReference - inTest + both,
  };
}
