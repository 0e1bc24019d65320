import type { Vec3 } from "../core/grid.js";
import type { Volume } from "../core/volume.js";
import { checkFiniteVoxels } from "../internal/check.js";
import { convolve } from "./convolve.js";
import type { GaussianKernelOptions } from "./gaussianKernel.js";
import { CUBIC_GAIN, double, halve, thinnedOut } from "./halving.js";
import { type Boundary, filterLines, type LineFilter } from "./lines.js";
import { RECURSIVE_FROM, resolveGaussian } from "./resolveGaussian.js";
import { slidingCosines } from "./slidingCosines.js";

/** How the sums are done: each weight by itself, by recursion, or by whichever is faster. */
export type GaussianMethod = "auto" | "exact" | "recursive";

export interface GaussianOptions extends GaussianKernelOptions {
  /** Standard deviation in voxels, one number or one per axis; 0 leaves an axis alone. Either this or `sigmaMm`. */
  readonly sigmaVoxels?: number | Vec3;
  /** Standard deviation in mm, one number or one per grid axis. Either this or `sigmaVoxels`. */
  readonly sigmaMm?: number | Vec3;
  /**
   * `"exact"`: one product per weight. `"recursive"`: the kernel as a few sliding cosines, on a thinned-out volume where the blur is wide
   * enough for it; its cost doesn't grow with σ. Default `"auto"`: recursive from a kernel radius of 16 voxels, where it is the faster one.
   */
  readonly method?: GaussianMethod;
  /**
   * How far the recursive method may be off at most, as a part of the range of the volume (and of 0, where that lies beyond the grid);
   * above 0 and below 1. Real images come out some hundred times closer. Default 1.5e-4.
   */
  readonly tolerance?: number;
  /** What lies beyond the grid. Default `"replicate"`. */
  readonly boundary?: Boundary;
}

/**
 * Blurs with a Gaussian, axis by axis.
 *
 *     out = g ∗ volume,   gₙ ∝ exp(−n²/2σ²)  or  e^(−σ²)·Iₙ(σ²),   Σ gₙ = 1
 *
 * @param volume finite voxels, any unit
 * @returns a new volume on that grid, in the same unit. Summed in float64, stored in float32 between axes.
 * @throws `out-of-range` unless exactly one of `sigmaVoxels` and `sigmaMm` is given, within 0 and 10,000 voxels, if another option is out
 *   of its range, or if a voxel is NaN or infinite; `unsupported` if σ is in mm and the grid's axes are not at right angles
 * @see SciPy `ndimage.gaussian_filter` (kernel `"sampled"`, boundary `"reflect"`); ITK `DiscreteGaussianImageFilter` (kernel
 *   `"discrete"`, `mass` 0.99)
 * @example
 * const smooth = gaussian(volume, { sigmaMm: 2 });
 */
export function gaussian(volume: Volume, options: GaussianOptions): Volume {
  const { kernels, method, tolerance, boundary } = resolveGaussian(volume.grid, options);
  checkFiniteVoxels("The volume", volume.data);
  const plans = kernels.map((half) => planOf(half, method, tolerance, boundary));
  return { grid: volume.grid, data: separable(volume, boundary, plans) };
}

/** How an axis is filtered: thinned out so many times, then by `filter`. */
export interface AxisPlan {
  readonly halvings: number;
  readonly filter: LineFilter;
}

function planOf(half: Float64Array, method: GaussianMethod, tolerance: number, boundary: Boundary): AxisPlan | undefined {
  if (half.length === 1) return undefined;
  if (method === "exact" || (method === "auto" && half.length <= RECURSIVE_FROM)) return { halvings: 0, filter: convolve(half) };
  // The sum of |difference| of two kernels moves no voxel by more than half of it times the range. Three axes share the tolerance, and on
  // each, thinning out has one half of it and the cosines the other.
  const share = tolerance / 3;
  const { halvings, half: kernel } = thinnedOut(half, share, boundary);
  return { halvings, filter: slidingCosines(kernel, share / CUBIC_GAIN ** halvings) };
}

/** Filters along i, j and k; an axis without a plan is left alone. */
export function separable(
  { grid, data }: Volume,
  boundary: Boundary,
  plans: readonly (AxisPlan | undefined)[],
): Float32Array<ArrayBuffer> {
  let now: { data: Float32Array; shape: Vec3 } = { data, shape: grid.shape };
  const doublings: (() => void)[] = [];
  // k first and last: its planes are whole stretches of memory, and thinned out, the others have less to do.
  for (const axis of [2, 1, 0] as const)
    for (let n = 0; n < (plans[axis]?.halvings ?? 0); n++) {
      const count = now.shape[axis];
      now = halve(now.data, now.shape, axis, boundary);
      doublings.unshift(() => {
        now = double(now.data, now.shape, axis, count);
      });
    }
  now = { data: filterAxes(now.data, now.shape, boundary, plans), shape: now.shape };
  for (const doubling of doublings) doubling();
  return now.data as Float32Array<ArrayBuffer>;
}

function filterAxes(
  data: Float32Array,
  shape: Vec3,
  boundary: Boundary,
  plans: readonly (AxisPlan | undefined)[],
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(data.length);
  let source = data;
  for (const axis of [0, 1, 2] as const) {
    const plan = plans[axis];
    if (!plan) continue;
    filterLines(source, out, shape, axis, boundary, plan.filter);
    source = out;
  }
  if (source === data) out.set(data);
  return out;
}
