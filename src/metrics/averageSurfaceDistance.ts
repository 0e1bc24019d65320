import { type DirectedDistances, resolveSurfaces, type SurfaceArguments, type SurfaceDistances } from "./surfaceDistances.js";

/** Mean distances between two surfaces in mm. */
export interface AverageSurfaceDistance {
  /** From the reference's surface to the test's. */
  readonly referenceToTest: number;
  /** From the test's surface to the reference's: MedPy's `asd(result, reference)`, MONAI's default. */
  readonly testToReference: number;
  /** Over both directions' elements together: MedPy's `assd`, MONAI's with `symmetric=True`. Not the mean of the two numbers above. */
  readonly symmetric: number;
}

/**
 * Average surface distance of two masks in mm, in each direction and over both; weighted by area with `"surface-distance"`.
 *
 * Takes two masks, or their {@link surfaceDistances}.
 *
 * @param args `(reference, test, { convention })` or `(distances)`
 * @returns mm. With one mask empty, `Infinity` towards it, `NaN` from it, `Infinity` over both; with both empty `NaN`; `"medpy"` has only `NaN`
 *   for an empty mask, `"monai"` `Infinity` if one is
 * @throws `grid-mismatch` if the grids differ, `unsupported` if the grid is sheared, `out-of-range` if the convention is unknown
 * @see Heimann et al. 2009, IEEE Trans Med Imaging 28:1251 (average symmetric surface distance)
 * @example
 * const { symmetric } = averageSurfaceDistance(tumour, segmented, { convention: "medpy" });
 */
export function averageSurfaceDistance(
  ...args: SurfaceArguments<object> | [distances: SurfaceDistances]
): AverageSurfaceDistance {
  const [{ convention, referenceToTest, testToReference }] = resolveSurfaces(args);
  const empty = [referenceToTest, testToReference].filter(({ distancesMm }) => distancesMm.length === 0).length;
  if (empty > 0 && convention === "medpy") return all(Number.NaN);
  if (empty === 1 && convention === "monai") return all(Infinity);
  const forth = weightedSum(referenceToTest);
  const back = weightedSum(testToReference);
  return {
    referenceToTest: forth.sum / forth.weight,
    testToReference: back.sum / back.weight,
    symmetric: (forth.sum + back.sum) / (forth.weight + back.weight),
  };
}

const all = (value: number): AverageSurfaceDistance => ({ referenceToTest: value, testToReference: value, symmetric: value });

function weightedSum({ distancesMm, weights }: DirectedDistances): { readonly sum: number; readonly weight: number } {
  let sum = 0;
  let weight = 0;
  for (let n = 0; n < weights.length; n++) {
    sum += distancesMm[n]! * weights[n]!;
    weight += weights[n]!;
  }
  return { sum, weight };
}
