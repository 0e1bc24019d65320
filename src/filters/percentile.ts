import type { Mask, Volume } from "../core/volume.js";
import { checkMask, checkWithin } from "../internal/check.js";
import { valuesInside } from "./finiteInside.js";
import { linearQuantiles } from "./orderStatistics.js";

export interface PercentileOptions {
  /** Voxels that count, on the volume's grid. Default: all. */
  readonly mask?: Mask;
}

/**
 * The value below which q percent of the voxels lie.
 *
 * The sorted voxel at rank q/100·(n − 1), with linear interpolation between the two ranks around it: numpy's method `"linear"`.
 * 0 gives the minimum, 50 the median, 100 the maximum.
 *
 * @param q percentage, 0 to 100
 * @returns a number in the volume's unit
 * @throws `out-of-range` if q is not within 0 and 100 or a voxel that counts is NaN or infinite; `grid-mismatch`; `empty-mask`
 * @see Hyndman and Fan 1996, "Sample quantiles in statistical packages", Am Stat 50(4), definition 7
 * @example
 * const p95 = percentile(volume, 95, { mask: brain });
 */
export function percentile(volume: Volume, q: number, options: PercentileOptions = {}): number {
  return percentiles(volume, [q], options)[0]!;
}

/**
 * Several percentiles at once, in the order asked for; see {@link percentile}.
 *
 * @example
 * const [low, high] = percentiles(volume, [1, 99]);
 */
export function percentiles(volume: Volume, qs: readonly number[], { mask }: PercentileOptions = {}): number[] {
  for (const q of qs) checkWithin("A percentile", q, 0, 100);
  if (!mask) return linearQuantiles("The volume", volume.data, qs);
  const count = checkMask("The mask", mask, volume.grid);
  return linearQuantiles("The volume inside the mask", valuesInside(volume.data, mask.data, count), qs);
}
