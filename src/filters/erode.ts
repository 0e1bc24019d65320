import type { Mask } from "../core/volume.js";
import { checkMorphology, grow, type MorphologyOptions, withinBox } from "./growth.js";

/**
 * Shrinks a mask: only voxels out of reach of the background stay, erode(M) = ¬dilate(¬M).
 *
 * What lies beyond the grid is not known, and erodes nothing: a head cut off by the field of view stays whole at the cut (scikit-image's
 * and MONAI's choice; SciPy's `border_value=1`, where its default is 0).
 *
 * @returns a new mask, perhaps empty
 * @throws as {@link dilate}
 * @see SciPy `ndimage.binary_erosion`
 * @example
 * const core = erode(brain, { radiusMm: 3 });
 */
export function erode(mask: Mask, options: MorphologyOptions = {}): Mask {
  checkMorphology(options);
  // One voxel of background around the box is as good as all of it.
  return withinBox(mask, 1, (part) => complement(grow(complement(part), options)));
}

function complement({ grid, data }: Mask): Mask {
  const outside = new Uint8Array(data.length);
  for (let i = 0; i < outside.length; i++) outside[i] = data[i] ? 0 : 1;
  return { grid, data: outside };
}
