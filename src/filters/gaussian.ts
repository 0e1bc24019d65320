import { GadoliniteError } from "../core/errors.js";
import { type Grid, spacingMm, type Vec3 } from "../core/grid.js";
import type { Volume } from "../core/volume.js";
import { checkFiniteVoxels, checkNonNegative, checkOneOf } from "../internal/check.js";
import { convolve } from "./convolve.js";
import { type GaussianKernelOptions, gaussianKernel } from "./gaussianKernel.js";
import { BOUNDARIES, type Boundary, filterLines, type LineFilter } from "./lines.js";
import { checkOrthogonal } from "./orthogonal.js";
import { slidingCosines } from "./slidingCosines.js";

/** How the sums are done: each weight by itself, by recursion, or by whichever is faster. */
export type GaussianMethod = "auto" | "exact" | "recursive";

export interface GaussianOptions extends GaussianKernelOptions {
  /** Standard deviation in voxels, one number or one per axis; 0 leaves an axis alone. Either this or `sigmaMm`. */
  readonly sigmaVoxels?: number | Vec3;
  /** Standard deviation in mm, one number or one per grid axis. Either this or `sigmaVoxels`. */
  readonly sigmaMm?: number | Vec3;
  /**
   * `"exact"`: one product per weight. `"recursive"`: the kernel as a few sliding cosines, at a cost that doesn't grow with σ; off
   * by at most 1.5e-5 of the volume's range (three axes of 1e-5/2), in practice by float32 rounding. Default `"auto"`: recursive from
   * a kernel radius of 24 voxels, where it becomes the faster one.
   */
  readonly method?: GaussianMethod;
  /** What lies beyond the grid. Default `"replicate"`. */
  readonly boundary?: Boundary;
}

// Radius from which the sliding cosines are faster than the plain sum (bench/filters/gaussian.bench.ts).
const RECURSIVE_FROM = 24;

/**
 * Blurs with a Gaussian, axis by axis.
 *
 *     out = g ∗ volume,   gₙ ∝ exp(−n²/2σ²)  or  e^(−σ²)·Iₙ(σ²),   Σ gₙ = 1
 *
 * @param volume finite voxels, any unit
 * @returns a new volume on that grid, in the same unit. Summed in float64, stored in float32 between axes.
 * @throws `out-of-range` unless exactly one of `sigmaVoxels` and `sigmaMm` is given, within 0 and 10,000 voxels, or if a voxel is NaN or
 *   infinite; `unsupported` if σ is in mm and the grid's axes are not at right angles
 * @see SciPy `ndimage.gaussian_filter` (kernel `"sampled"`, boundary `"reflect"`); ITK `DiscreteGaussianImageFilter` (kernel
 *   `"discrete"`, `mass` 0.99)
 * @example
 * const smooth = gaussian(volume, { sigmaMm: 2 });
 */
export function gaussian(volume: Volume, options: GaussianOptions): Volume {
  const { sigmaVoxels, sigmaMm, method = "auto", boundary = "replicate", ...kernelOptions } = options;
  const sigma = sigmaInVoxels(volume.grid, sigmaVoxels, sigmaMm);
  checkOneOf("method", method, ["auto", "exact", "recursive"]);
  checkOneOf("boundary", boundary, BOUNDARIES);
  const kernels = sigma.map((s) => gaussianKernel(s, kernelOptions));
  checkFiniteVoxels("The volume", volume.data);
  return { grid: volume.grid, data: separable(volume, boundary, (axis) => lineFilter(kernels[axis]!, method)) };
}

function sigmaInVoxels(grid: Grid, voxels: number | Vec3 | undefined, mm: number | Vec3 | undefined): Vec3 {
  const sigma = voxels ?? mm;
  if (sigma === undefined || (voxels !== undefined && mm !== undefined))
    throw new GadoliniteError("out-of-range", "Give the blur's width as either sigmaVoxels or sigmaMm, one of the two.");
  const each: readonly number[] = typeof sigma === "number" ? [sigma, sigma, sigma] : sigma;
  if (each.length !== 3) throw new GadoliniteError("out-of-range", `sigma is one number or three, not ${each.length}.`);
  for (const s of each) checkNonNegative(voxels === undefined ? "sigmaMm" : "sigmaVoxels", s);
  if (voxels !== undefined) return each as unknown as Vec3;
  checkOrthogonal(grid);
  const spacing = spacingMm(grid);
  return [each[0]! / spacing[0], each[1]! / spacing[1], each[2]! / spacing[2]];
}

/** The filter for a kernel; none if it is a single weight of 1. */
function lineFilter(half: Float64Array, method: GaussianMethod): LineFilter | undefined {
  if (half.length === 1) return undefined;
  const recursive = method === "recursive" || (method === "auto" && half.length > RECURSIVE_FROM);
  return recursive ? slidingCosines(half) : convolve(half);
}

/** Filters along i, j and k; an axis without a filter is left alone. */
export function separable(
  { grid, data }: Volume,
  boundary: Boundary,
  filterOf: (axis: 0 | 1 | 2) => LineFilter | undefined,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(data.length);
  let source = data;
  for (const axis of [0, 1, 2] as const) {
    const filter = filterOf(axis);
    if (!filter) continue;
    filterLines(source, out, grid.shape, axis, boundary, filter);
    source = out;
  }
  if (source === data) out.set(data);
  return out;
}
