import type { Mask } from "../core/volume.js";
import { dilate, type MorphologyOptions } from "./dilate.js";
import { erode } from "./erode.js";

/**
 * Takes away what is thinner than the ball or the steps, dilate(erode(M)): bridges, spikes, single voxels. Twice is the same as once.
 *
 * @returns a new mask within `mask`, perhaps empty
 * @throws as {@link dilate}
 * @see SciPy `ndimage.binary_opening`
 * @example
 * const smooth = open(brain, { radiusMm: 2 });
 */
export function open(mask: Mask, options: MorphologyOptions = {}): Mask {
  return dilate(erode(mask, options), options);
}
