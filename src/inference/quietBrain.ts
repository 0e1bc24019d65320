import type { Mask, Volume } from "../core/volume.js";

/** A smoothed signal below this is none; the brain's 95th percentile is 1. */
export const FAINT = 0.05;
/** Fewer voxels than this don't tell what noise is. */
const FEWEST = 1000;

/**
 * The brain where nothing enhances, by a restorer's smoothed signal, but for voxels that are the same in both scans: a stripped ground has no noise.
 *
 * @returns undefined if there is hardly such a place
 */
export function quietBrain(
  { data: smoothed }: Volume,
  { data: difference }: Volume,
  { grid, data: inside }: Mask,
): Mask | undefined {
  const data = new Uint8Array(inside.length);
  let count = 0;
  for (let v = 0; v < data.length; v++)
    if (inside[v] && difference[v] !== 0 && Math.abs(smoothed[v]!) < FAINT) {
      data[v] = 1;
      count++;
    }
  return count < FEWEST ? undefined : { grid, data };
}
