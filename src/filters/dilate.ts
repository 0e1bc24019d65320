import type { Mask } from "../core/volume.js";
import { checkMorphology, grow, type MorphologyOptions, reachVoxels, withinBox } from "./growth.js";

/**
 * Grows a mask: all voxels within reach of one of its own.
 *
 * @returns a new mask; empty if `mask` is
 * @throws `out-of-range` if an option is, or if `radiusMm` is given together with another; `unsupported` if `radiusMm` is given and the
 *   grid's axes are not at right angles
 * @see SciPy `ndimage.binary_dilation`
 * @example
 * const around = dilate(tumour, { radiusMm: 5 });
 */
export function dilate(mask: Mask, options: MorphologyOptions = {}): Mask {
  checkMorphology(options);
  return withinBox(mask, reachVoxels(mask.grid, options), (part) => grow(part, options));
}
