import { GadoliniteError } from "../core/errors.js";
import type { Mask, Volume } from "../core/volume.js";
import { checkNonNegative } from "../internal/check.js";
import { close } from "./close.js";
import { fillHoles } from "./fillHoles.js";
import { largestComponent } from "./largestComponent.js";
import { otsuThreshold } from "./otsuThreshold.js";
import { percentiles } from "./percentile.js";

export interface ForegroundMaskOptions {
  /** Gaps up to twice this wide, as sulci and the skull, are closed before holes are filled; mm, 0 or more. Default 5. */
  readonly closeMm?: number;
}

/**
 * The head, or the brain of a stripped scan, apart from the air around it.
 *
 * Otsu's threshold parts bright tissue from the rest, and a second one within the rest parts fluid and bone from air; what lies above
 * the second, and five standard deviations above the air's noise, is closed by a ball, reduced to its largest part (6-connected), and
 * its holes are filled. Bright vessels and spline ringing don't matter: the histograms go from the 0.1th to the 99.5th percentile. A rule of thumb for bounding boxes and statistics, not a
 * segmentation; air in the sinuses may be inside or outside.
 *
 * @param volume finite voxels, any unit; air is darker than tissue, and may be negative
 * @returns a mask on that grid, never empty
 * @throws `empty-mask` if nothing stands out, as in a constant image; `out-of-range` if a voxel is NaN or infinite; `unsupported` as
 *   {@link close}
 * @example
 * const box = boundingBox(foregroundMask(volume), { marginVoxels: 5 });
 */
export function foregroundMask(volume: Volume, { closeMm = 5 }: ForegroundMaskOptions = {}): Mask {
  checkNonNegative("closeMm", closeMm);
  const threshold = airThreshold(volume);
  const above = maskWhere(volume, (v) => v > threshold);
  if (!above.data.includes(1))
    throw new GadoliniteError("empty-mask", `No voxel lies above the threshold of ${threshold}: is the image constant?`);
  const closed = close(above, { radiusMm: closeMm });
  return fillHoles(largestComponent(closed, { connectivity: 6 }));
}

/** Otsu's threshold twice, the second time among what lies below the first; but no lower than the air's noise reaches. */
function airThreshold(volume: Volume): number {
  const [low, high] = percentiles(volume, [0.1, 99.5]) as [number, number];
  // A single small object may lie wholly above the 99.5th percentile.
  const tissue = high > low ? otsuThreshold(volume, { range: [low, high] }) : otsuThreshold(volume);
  if (tissue <= low) return tissue;
  const dark = maskWhere(volume, (v) => v <= tissue);
  const [belowByOneSd, air] = percentiles(volume, [15.87, 50], { mask: dark }) as [number, number];
  const noise = air + 5 * (air - belowByOneSd);
  return Math.min(tissue, Math.max(noise, otsuThreshold(volume, { range: [low, tissue] })));
}

function maskWhere({ grid, data }: Volume, holds: (v: number) => boolean): Mask {
  const inside = new Uint8Array(data.length);
  for (let i = 0; i < inside.length; i++) inside[i] = holds(data[i]!) ? 1 : 0;
  return { grid, data: inside };
}
