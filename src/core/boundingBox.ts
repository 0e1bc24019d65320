import { checkNonNegativeInteger } from "../internal/check.js";
import { GadoliniteError } from "./errors.js";
import type { Vec3 } from "./grid.js";
import type { Mask } from "./volume.js";

/** A box of voxels: `start` is its first voxel, `shape` the number of voxels along each axis. */
export interface Box {
  readonly start: Vec3;
  readonly shape: Vec3;
}

export interface BoundingBoxOptions {
  /** Voxels added on every side, as far as the grid reaches. Default 0. */
  readonly marginVoxels?: number;
}

/**
 * The smallest box around a mask, widened by a margin and clipped to the grid.
 *
 * @throws `empty-mask` if the mask has no voxel, `out-of-range` if the margin is not a non-negative integer
 * @example
 * const around = crop(volume, boundingBox(tumour, { marginVoxels: 5 }));
 */
export function boundingBox(mask: Mask, { marginVoxels = 0 }: BoundingBoxOptions = {}): Box {
  checkNonNegativeInteger("marginVoxels", marginVoxels);
  const { shape } = mask.grid;
  const [ni, nj, nk] = shape;
  const low = [ni, nj, nk];
  const high = [-1, -1, -1];
  for (let k = 0, row = 0; k < nk; k++)
    for (let j = 0; j < nj; j++, row += ni) {
      const first = mask.data.subarray(row, row + ni).indexOf(1);
      if (first < 0) continue;
      const last = mask.data.subarray(row, row + ni).lastIndexOf(1);
      low[0] = Math.min(low[0]!, first);
      high[0] = Math.max(high[0]!, last);
      low[1] = Math.min(low[1]!, j);
      high[1] = Math.max(high[1]!, j);
      low[2] = Math.min(low[2]!, k);
      high[2] = k;
    }
  if (high[0]! < 0)
    throw new GadoliniteError("empty-mask", "The mask has no voxel, so no box lies around it. Check its labels or threshold.");
  const start = low.map((v) => Math.max(0, v - marginVoxels)) as unknown as Vec3;
  const end = high.map((v, axis) => Math.min(shape[axis]!, v + 1 + marginVoxels));
  return { start, shape: end.map((v, axis) => v - start[axis]!) as unknown as Vec3 };
}
