import type { GaussianOptions } from "../filters/gaussian.js";
import { type ThinnedKernel, thinnedOut } from "../filters/halving.js";
import type { Boundary } from "../filters/lines.js";
import { RECURSIVE_FROM, resolveGaussian } from "../filters/resolveGaussian.js";
import { type AxisFilter, filterAlong, type Voxels } from "./alongAxis.js";
import type { GpuVolume } from "./gpuVolume.js";

type Axis = 0 | 1 | 2;

/**
 * Blurs with a Gaussian, axis by axis, on the GPU: as `gaussian` of `gadolinite/filters`, with the same options.
 *
 * `"recursive"` thins the volume out while the tolerance allows, blurs what is left with a narrower kernel and fills in again, as the CPU does; the
 * sliding cosines that the CPU blurs with then are a plain sum here, since they need float64 and use few threads. Sums are in float32.
 *
 * @throws `out-of-range` and `unsupported` as on the CPU; `unsupported` if the kernel's slices don't fit into a binding of the device
 * @example
 * const smooth = gaussian(volume, { sigmaMm: 2 });
 */
export function gaussian(volume: GpuVolume, options: GaussianOptions): GpuVolume {
  const { kernels, method, tolerance, boundary } = resolveGaussian(volume.grid, options);
  const plans = kernels.map((half) => {
    const plain = method === "exact" || (method === "auto" && half.length <= RECURSIVE_FROM);
    return plain ? { halvings: 0, half } : thinnedOut(half, tolerance / 3, boundary);
  });
  return separable(volume, plans, boundary);
}

/** Filters along k, j and i; an axis whose kernel is one weight is left alone. */
export function separable({ grid, device, buffer }: GpuVolume, plans: readonly ThinnedKernel[], boundary: Boundary): GpuVolume {
  let now: Voxels = { buffer, shape: grid.shape };
  const filtered = (axis: Axis, filter: AxisFilter) => {
    const next = filterAlong(device, now, axis, filter, boundary);
    if (now.buffer !== buffer) now.buffer.destroy();
    now = next;
  };
  const doublings: (() => void)[] = [];
  for (const axis of [2, 1, 0] as const)
    for (let n = 0; n < plans[axis]!.halvings; n++) {
      const length = now.shape[axis];
      filtered(axis, halving(length));
      doublings.unshift(() => filtered(axis, doubling(length)));
    }
  for (const axis of [2, 1, 0] as const) filtered(axis, convolution(plans[axis]!.half, now.shape[axis]));
  for (const doubled of doublings) doubled();
  return { grid, device, buffer: now.buffer };
}

function convolution(half: Float64Array, length: number): AxisFilter {
  const radius = half.length - 1;
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, t) => half[Math.abs(t - radius)]!);
  return { weights: [weights], step: 1, first: -radius, length };
}

// As in filters/halving: a binomial thins out, a cubic fills in, and two samples are kept beyond either end.
const MARGIN = 2;

const halving = (length: number): AxisFilter => ({
  weights: [[1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16]],
  step: 2,
  first: -2 * MARGIN - 2,
  length: Math.floor((length - 1) / 2) + 1 + 2 * MARGIN,
});

const doubling = (length: number): AxisFilter => ({
  weights: [
    [0, 1, 0, 0],
    [-1 / 16, 9 / 16, 9 / 16, -1 / 16],
  ],
  step: 1,
  first: MARGIN - 1,
  length,
});
