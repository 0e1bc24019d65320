import { checkWithin } from "../internal/check.js";
import { percentileOfSorted } from "../statistics/samples.js";
import { type DirectedDistances, resolveSurfaces, type SurfaceArguments, type SurfaceDistances } from "./surfaceDistances.js";

export interface HausdorffDistanceOptions {
  /** Percentile of the distances, 0 to 100; default 100, the largest. 95 gives HD95. */
  readonly percentile?: number;
}

/**
 * Hausdorff distance of two masks in mm: how far a surface point can lie from the other surface, or a percentile of that.
 *
 * Takes two masks, or their {@link surfaceDistances}. The percentile is that of the convention: `"medpy"` pools both directions, `"monai"` takes
 * the larger of the directions' percentiles, both linear between neighbours; `"surface-distance"` the larger of the smallest distances within
 * which that share of the area lies.
 *
 * @param args `(reference, test, { convention, percentile? })` or `(distances, { percentile? })`
 * @returns mm; with an empty mask `NaN` (`"medpy"`), `Infinity` or, if both are, `NaN` (`"monai"`), `Infinity` (`"surface-distance"`)
 * @throws `grid-mismatch` if the grids differ, `unsupported` if the grid is sheared, `out-of-range` if the percentile or the convention is
 * @see Huttenlocher et al. 1993, IEEE TPAMI 15:850
 * @example
 * const hd95 = hausdorffDistance(tumour, segmented, { percentile: 95, convention: "medpy" });
 */
export function hausdorffDistance(...args: SurfaceArguments<HausdorffDistanceOptions> | [distances: SurfaceDistances]): number {
  const [{ convention, referenceToTest, testToReference }, { percentile = 100 }] = resolveSurfaces(args);
  checkWithin("percentile", percentile, 0, 100);
  const both = [referenceToTest, testToReference];
  const empty = both.filter(({ distancesMm }) => distancesMm.length === 0).length;
  if (convention === "medpy") return empty > 0 ? Number.NaN : pooledPercentile(both, percentile);
  if (empty > 0) return empty === 2 && convention === "monai" ? Number.NaN : Infinity;
  const of = convention === "monai" ? percentileOfSorted : undefined;
  return Math.max(...both.map((d) => (of ? of(d.distancesMm, percentile) : weightedPercentile(d, percentile))));
}

function pooledPercentile(both: readonly DirectedDistances[], percentile: number): number {
  const pooled = new Float32Array(both[0]!.distancesMm.length + both[1]!.distancesMm.length);
  pooled.set(both[0]!.distancesMm);
  pooled.set(both[1]!.distancesMm, both[0]!.distancesMm.length);
  return percentileOfSorted(pooled.sort(), percentile);
}

/** The smallest distance within which at least that share of the weight lies. */
function weightedPercentile({ distancesMm, weights }: DirectedDistances, percentile: number): number {
  let total = 0;
  for (const w of weights) total += w;
  let within = 0;
  for (let n = 0; n < weights.length; n++) {
    within += weights[n]!;
    // As the other program compares: shares, not areas.
    if (within / total >= percentile / 100) return distancesMm[n]!;
  }
  return distancesMm.at(-1)!;
}
