import type { Volume } from "../core/volume.js";
import { type ErrorOptions, finiteSum, regionCount } from "./errorOptions.js";

/**
 * Mean squared error.
 *
 *     MSE = mean((test − reference)²) over the mask
 *
 * @param reference what is true; finite inside the mask
 * @param test what is judged, on the same grid and in the same unit
 * @returns a number ≥ 0, in the unit's square; 0 for equal volumes
 * @throws `grid-mismatch` if the grids differ, `empty-mask` if the mask has no voxel, `out-of-range` if a voxel that counts is NaN or infinite
 * @example
 * const error = mse(post, restored, { mask: brain });
 */
export function mse(reference: Volume, test: Volume, { mask }: ErrorOptions = {}): number {
  const count = regionCount(reference, test, mask);
  const a = reference.data;
  const b = test.data;
  const inside = mask?.data;
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    if (inside && !inside[i]) continue;
    const d = b[i]! - a[i]!;
    sum += d * d;
  }
  return finiteSum(sum, reference, test) / count;
}
