import type { Mask } from "../core/volume.js";
import { dilate, type MorphologyOptions } from "./dilate.js";
import { erode } from "./erode.js";

/**
 * Fills what is narrower than the ball or the steps, erode(dilate(M)): gaps, notches, small holes. Twice is the same as once.
 *
 * @returns a new mask that holds `mask`
 * @throws as {@link dilate}
 * @see SciPy `ndimage.binary_closing`, which erodes at the grid's edge too (see {@link erode})
 * @example
 * const whole = close(brain, { radiusMm: 5 });
 */
export function close(mask: Mask, options: MorphologyOptions = {}): Mask {
  return erode(dilate(mask, options), options);
}
