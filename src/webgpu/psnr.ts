import type { DataRange } from "../metrics/dataRange.js";
import { resolveDataRange } from "../metrics/dataRange.js";
import { checkTogether, type GpuMask, type GpuVolume } from "./gpuVolume.js";
import { countOf, reduce, reduction } from "./sums.js";

/** Options of {@link mse}. */
export interface GpuErrorOptions {
  /** Voxels that count; default all of them. */
  readonly mask?: GpuMask;
}

/** Options of {@link psnr}. */
export interface GpuPsnrOptions extends GpuErrorOptions {
  /** As on the CPU: a number in the volumes' unit, `"reference-max"` or `"reference-range"`, both over the mask. */
  readonly dataRange: DataRange;
}

const squares = (where?: "mask") =>
  reduction("squaredError", ["reference", "test"], [["+", "(test - reference) * (test - reference)"]], {
    ...(where && { where }),
  });
const extremes = (where?: "mask") =>
  reduction(
    "extremes",
    ["value"],
    [
      ["min", "value"],
      ["max", "value"],
    ],
    { ...(where && { where }) },
  );

const [squaresOfAll, squaresInside] = [squares(), squares("mask")];
const [extremesOfAll, extremesInside] = [extremes(), extremes("mask")];

/**
 * Mean squared error over the mask, on the GPU: as `mse` of `gadolinite/metrics`.
 *
 * @throws `grid-mismatch`
 * @example
 * const error = await mse(post, restored, { mask: brain });
 */
export async function mse(reference: GpuVolume, test: GpuVolume, { mask }: GpuErrorOptions = {}): Promise<number> {
  checkTogether(reference, test, mask);
  const [sum] = await reduce(mask ? squaresInside : squaresOfAll, [reference, test], { mask });
  return sum! / countOf(reference, mask);
}

/**
 * Peak signal-to-noise ratio in dB, on the GPU: 10 · log10(dataRange² / MSE), as `psnr` of `gadolinite/metrics`.
 *
 * @returns dB; `Infinity` for equal volumes
 * @throws `grid-mismatch`; `out-of-range` if the range is not positive and finite
 * @example
 * const decibels = await psnr(post, restored, { dataRange: 1, mask: brain });
 */
export async function psnr(reference: GpuVolume, test: GpuVolume, { dataRange, mask }: GpuPsnrOptions): Promise<number> {
  const error = await mse(reference, test, mask ? { mask } : {});
  const range = await rangeOf(dataRange, reference, mask);
  return error === 0 ? Infinity : 20 * Math.log10(range / Math.sqrt(error));
}

/** The range as a number, over the mask's voxels if one is given. */
export async function rangeOf(range: DataRange, reference: GpuVolume, mask?: GpuMask): Promise<number> {
  const extremes = Float32Array.from(
    typeof range === "number" ? [] : await reduce(mask ? extremesInside : extremesOfAll, [reference], { mask }),
  );
  // The CPU's rule and refusals, for the two voxels that matter.
  return resolveDataRange(range, { grid: reference.grid, data: extremes });
}
