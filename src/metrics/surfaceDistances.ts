import { type Box, boundingBox } from "../core/boundingBox.js";
import { spacingMm } from "../core/grid.js";
import type { Mask } from "../core/volume.js";
import { distancesAt } from "../filters/distanceTransform.js";
import { checkOrthogonal } from "../filters/orthogonal.js";
import { checkOneOf, checkSameGrid } from "../internal/check.js";
import { borderVoxels, cornerElements, type SurfaceElements } from "./surfaceElements.js";

/**
 * Whose rules count:
 *
 * - `"medpy"`: voxels with a face neighbour outside, all alike; percentiles over both directions pooled; `NaN` if a mask is empty (MedPy throws,
 *   nnU-Net turns that into NaN)
 * - `"monai"`: the same voxels; the larger of the two directions' percentiles; `Infinity` if one mask is empty, `NaN` if both are
 * - `"surface-distance"`: voxel corners weighted by area (DeepMind); the larger of the two directions' percentiles, without interpolation; `Infinity`
 *   if a mask is empty
 */
export type SurfaceConvention = "medpy" | "monai" | "surface-distance";

export interface SurfaceDistancesOptions {
  /** Required: programs differ, on small lesions by a factor. */
  readonly convention: SurfaceConvention;
}

/** Distances from each element of one surface to the nearest of the other, ascending. */
export interface DirectedDistances {
  readonly distancesMm: Float32Array;
  /** What each counts: its area in mm², or 1. */
  readonly weights: Float32Array;
}

/** The costly intermediate of all surface metrics. */
export interface SurfaceDistances {
  readonly convention: SurfaceConvention;
  readonly referenceToTest: DirectedDistances;
  readonly testToReference: DirectedDistances;
}

/**
 * Distances between the surfaces of two masks, in both directions; {@link hausdorffDistance}, {@link averageSurfaceDistance} and
 * {@link surfaceDice} follow from them.
 *
 * Exact Euclidean distances with the grid's spacing, worked out in the smallest box around both masks.
 *
 * @param reference what is true
 * @param test what is judged, on the same grid, whose axes are at right angles
 * @returns distances in mm. An empty mask has no surface: no distances from it, and `Infinity` to it
 * @throws `grid-mismatch` if the grids differ, `unsupported` if the grid is sheared, `out-of-range` if the convention is unknown
 * @see MedPy `metric.binary`; MONAI `monai.metrics`; Nikolov et al. 2021, J Med Internet Res 23:e26151 (surface-distance)
 * @example
 * const distances = surfaceDistances(tumour, segmented, { convention: "medpy" });
 * const hd95 = hausdorffDistance(distances, { percentile: 95 });
 */
export function surfaceDistances(reference: Mask, test: Mask, { convention }: SurfaceDistancesOptions): SurfaceDistances {
  checkSameGrid(reference.grid, test.grid);
  checkOneOf("convention", convention, ["medpy", "monai", "surface-distance"]);
  checkOrthogonal(reference.grid);
  const box = unionBox(reference, test);
  if (!box) return { convention, referenceToTest: NO_DISTANCES, testToReference: NO_DISTANCES };
  const elementsOf = convention === "surface-distance" ? cornerElements : borderVoxels;
  const spacing = spacingMm(reference.grid);
  const a = elementsOf(reference, box, spacing);
  const b = elementsOf(test, box, spacing);
  const weighted = convention === "surface-distance";
  return { convention, referenceToTest: directed(a, b, weighted), testToReference: directed(b, a, weighted) };
}

const NO_DISTANCES: DirectedDistances = { distancesMm: new Float32Array(0), weights: new Float32Array(0) };

/** The smallest box around both masks, if either has a voxel. */
function unionBox(a: Mask, b: Mask): Box | undefined {
  const boxes = [a, b].filter(({ data }) => data.includes(1)).map((mask) => boundingBox(mask));
  if (boxes.length === 0) return undefined;
  const start = [0, 1, 2].map((axis) => Math.min(...boxes.map((box) => box.start[axis]!)));
  const end = [0, 1, 2].map((axis) => Math.max(...boxes.map((box) => box.start[axis]! + box.shape[axis]!)));
  return { start: [start[0]!, start[1]!, start[2]!], shape: [end[0]! - start[0]!, end[1]! - start[1]!, end[2]! - start[2]!] };
}

function directed({ at, weights }: SurfaceElements, to: SurfaceElements, weighted: boolean): DirectedDistances {
  const distances = distancesAt(to.points, at);
  if (!weighted) return { distancesMm: distances.sort(), weights };
  const order = new Uint32Array(at.length);
  for (let n = 0; n < order.length; n++) order[n] = n;
  order.sort((p, q) => distances[p]! - distances[q]! || weights[p]! - weights[q]!);
  const sorted = { distancesMm: new Float32Array(at.length), weights: new Float32Array(at.length) };
  for (let n = 0; n < order.length; n++) {
    sorted.distancesMm[n] = distances[order[n]!]!;
    sorted.weights[n] = weights[order[n]!]!;
  }
  return sorted;
}

/** What a surface metric takes: distances at hand, or two masks. */
export type SurfaceArguments<Options> =
  | [distances: SurfaceDistances, options: Options]
  | [reference: Mask, test: Mask, options: Options & SurfaceDistancesOptions];

/** The distances, at hand or worked out, and the options. */
export function resolveSurfaces<Options>(
  args: SurfaceArguments<Options> | [distances: SurfaceDistances],
): readonly [SurfaceDistances, Partial<Options>] {
  if ("convention" in args[0]) return [args[0], (args[1] ?? {}) as Partial<Options>];
  const [reference, test, options] = args as [Mask, Mask, Options & SurfaceDistancesOptions];
  return [surfaceDistances(reference, test, options), options];
}
