import type { Vec3 } from "../core/grid.js";
import type { Mask } from "../core/volume.js";
import { crop } from "../geometry/crop.js";
import { pad } from "../geometry/pad.js";
import { dilate } from "./dilate.js";
import { erode } from "./erode.js";
import { checkMorphology, type MorphologyOptions, reachVoxels } from "./growth.js";

/**
 * Fills what is narrower than the ball or the steps, erode(dilate(M)): gaps, notches, small holes. Twice is the same as once.
 *
 * The mask may grow beyond the grid in between, so nothing sticks to the grid's edge. Along an axis of a single voxel it doesn't: a slice
 * is closed within its plane.
 *
 * @returns a new mask that holds `mask`
 * @throws as {@link dilate}
 * @see SciPy `ndimage.binary_closing`, of a padded mask
 * @example
 * const whole = close(brain, { radiusMm: 5 });
 */
export function close(mask: Mask, options: MorphologyOptions = {}): Mask {
  checkMorphology(options);
  const { grid } = mask;
  const reach = reachVoxels(grid, options);
  const width = grid.shape.map((n) => (n === 1 ? 0 : reach)) as unknown as Vec3;
  const roomy = pad(mask, { before: width, after: width });
  const closed = erode(dilate(roomy, options), options);
  return { grid, data: crop(closed, { start: width, shape: grid.shape }).data };
}
