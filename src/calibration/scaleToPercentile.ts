import { GadoliniteError } from "../core/errors.js";
import type { Mask, Volume } from "../core/volume.js";
import { percentile as percentileOf } from "../filters/percentile.js";
import { linearMap } from "./linearMap.js";

export interface ScaleToPercentileOptions {
  /** The percentile that becomes 1, 0 to 100; default 95. */
  readonly percentile?: number;
  /** Voxels that count, usually the brain; default all. All voxels are scaled. */
  readonly mask?: Mask;
}

/**
 * Scales a volume so that a percentile of it is 1.
 *
 *     out = scale · x,   scale = 1 / P
 *
 * @param volume finite values
 * @returns the new volume, and the scale that it was multiplied by; scale another scan of the study by the same number with
 *   `rescale(scan, { from: [0, 1], to: [0, scale] })`
 * @throws `grid-mismatch`, `empty-mask`; `out-of-range` if a voxel is NaN or infinite or the percentile is not positive
 * @see Pinetz et al. 2024, section 3.1 (95 % of the brain, each scan by its own; its public code takes the pre-contrast scan's for both)
 * @example
 * const { volume } = scaleToPercentile(pre, { mask: brain });
 */
export function scaleToPercentile(
  volume: Volume,
  { percentile = 95, mask }: ScaleToPercentileOptions = {},
): { readonly volume: Volume; readonly scale: number } {
  const value = percentileOf(volume, percentile, mask ? { mask } : {});
  const scale = 1 / value;
  if (!(value > 0 && scale < Infinity))
    throw new GadoliniteError(
      "out-of-range",
      `The ${percentile}th percentile is ${value}, which can't become 1: it must be positive. Give a mask of the brain, or a higher percentile.`,
    );
  return { volume: linearMap(volume, scale, 0), scale };
}
