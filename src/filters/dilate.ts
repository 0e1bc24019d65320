import { GadoliniteError } from "../core/errors.js";
import type { Mask } from "../core/volume.js";
import { checkNonNegative, checkNonNegativeInteger } from "../internal/check.js";
import { distanceTransform } from "./distanceTransform.js";
import { type Connectivity, checkConnectivity, neighbourRows } from "./neighbours.js";

/** How far a mask grows or shrinks: by a ball in mm, or voxel by voxel. */
export interface MorphologyOptions {
  /** Radius in mm of a ball, 0 or more; voxels whose centres lie exactly at the radius belong to it. Not together with the other two. */
  readonly radiusMm?: number;
  /** Number of steps from voxel to voxel, 0 or more. Default 1. */
  readonly iterations?: number;
  /** Where a step leads: over a face (6), also an edge (18), also a corner (26). Default 6 (SciPy's). */
  readonly connectivity?: Connectivity;
}

/**
 * Grows a mask: all voxels within reach of one of its own.
 *
 * @returns a new mask; empty if `mask` is
 * @throws `out-of-range` if an option is, or if `radiusMm` is given together with another; `unsupported` as {@link distanceTransform}
 * @see SciPy `ndimage.binary_dilation`
 * @example
 * const around = dilate(tumour, { radiusMm: 5 });
 */
export function dilate(mask: Mask, options: MorphologyOptions = {}): Mask {
  const { radiusMm, iterations = 1, connectivity = 6 } = options;
  if (radiusMm === undefined) return steps(mask, iterations, connectivity);
  checkNonNegative("radiusMm", radiusMm);
  if (options.iterations !== undefined || options.connectivity !== undefined)
    throw new GadoliniteError("out-of-range", "Give either radiusMm or iterations and connectivity, not both.");
  const distance = distanceTransform(mask).data;
  // Both sides in float32, so that 3 × 0.1 mm lies within 0.3 mm.
  const radius = Math.fround(radiusMm);
  const data = new Uint8Array(distance.length);
  for (let i = 0; i < data.length; i++) data[i] = distance[i]! <= radius ? 1 : 0;
  return { grid: mask.grid, data };
}

function steps(mask: Mask, iterations: number, connectivity: Connectivity): Mask {
  checkNonNegativeInteger("iterations", iterations);
  checkConnectivity(connectivity);
  let data = Uint8Array.from(mask.data, (v) => (v ? 1 : 0));
  for (let n = 0; n < iterations; n++) data = step(data, mask, connectivity);
  return { grid: mask.grid, data };
}

function step(inside: Uint8Array, { grid }: Mask, connectivity: Connectivity): Uint8Array<ArrayBuffer> {
  const [ni, nj, nk] = grid.shape;
  const out = new Uint8Array(inside.length);
  const rows = neighbourRows(connectivity);
  for (let k = 0; k < nk; k++)
    for (let j = 0; j < nj; j++)
      for (const { dj, dk, reach } of rows) {
        if (j + dj < 0 || j + dj >= nj || k + dk < 0 || k + dk >= nk) continue;
        spread(out, inside, ni * (j + nj * k), ni * (j + dj + nj * (k + dk)), ni, reach);
      }
  return out;
}

/** Unites a row with another, and with that moved by one to either side if `reach` is 1. */
function spread(out: Uint8Array, inside: Uint8Array, to: number, from: number, ni: number, reach: 0 | 1): void {
  for (let i = 0; i < ni; i++) out[to + i]! |= inside[from + i]!;
  if (reach === 0) return;
  for (let i = 1; i < ni; i++) {
    out[to + i]! |= inside[from + i - 1]!;
    out[to + i - 1]! |= inside[from + i]!;
  }
}
