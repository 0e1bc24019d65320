import type { Mask } from "../core/volume.js";
import { dilate } from "./dilate.js";
import { erode } from "./erode.js";
import type { MorphologyOptions } from "./growth.js";

/**
 * Takes away what is thinner than the ball or the steps, dilate(erode(M)): bridges, spikes, single voxels. Twice is the same as once.
 *
 * @returns a new mask within `mask`, perhaps empty
 * @throws as {@link dilate}
 * @see SciPy `ndimage.binary_opening`, which erodes at the grid's edge too (see {@link erode})
 * @example
 * const smooth = open(brain, { radiusMm: 2 });
 */
export function open(mask: Mask, options: MorphologyOptions = {}): Mask {
  return dilate(erode(mask, options), options);
}
