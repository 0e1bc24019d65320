import type { Volume } from "../core/volume.js";
import { checkSameGrid } from "../internal/check.js";

/**
 * The subtraction image: what the agent added.
 *
 *     z = post − pre
 *
 * @param pre  scan before the agent; any unit
 * @param post scan after it, registered and calibrated to `pre` (see `registration`, `calibration`)
 * @returns a new volume on that grid, in the same unit; enhancement is positive. NaN and infinite voxels pass through.
 * @throws `grid-mismatch` if the grids differ
 * @see Pinetz et al. 2024, section 3 (z = x_LD − x_PC)
 * @example
 * const difference = subtract(pre, post);
 */
export function subtract(pre: Volume, post: Volume): Volume {
  checkSameGrid(pre.grid, post.grid);
  const a = pre.data;
  const b = post.data;
  const out = new Float32Array(a.length);
  for (let i = 0; i < out.length; i++) out[i] = b[i]! - a[i]!;
  return { grid: pre.grid, data: out };
}
