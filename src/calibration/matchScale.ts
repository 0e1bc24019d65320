import { GadoliniteError } from "../core/errors.js";
import type { Mask, Volume } from "../core/volume.js";
import { checkFiniteVoxels, checkMask, checkNonNegative, checkPositiveInteger, checkSameGrid } from "../internal/check.js";
import { linearMap } from "./linearMap.js";

export interface MatchScaleOptions {
  /** Voxels that count; default all. The original takes the head in the central ten (later twenty) slices. */
  readonly mask?: Mask;
  /** Differences up to this don't count, in the volumes' unit, ≥ 0; default 0.1, for volumes divided by their mean in the head. */
  readonly threshold?: number;
  /** First and last scale of the grid; default [0.5, 1.5]. */
  readonly range?: readonly [number, number];
  /** Number of scales of each grid, 3 or more; default 30. */
  readonly steps?: number;
  /** Number of grids: each further one spans the best scale's two neighbours. Default 3. */
  readonly rounds?: number;
}

/**
 * Finds one factor between two scans by a zooming grid search.
 *
 *     min over s of mean{ |s·x − y| : |s·x − y| > threshold }        x: moving, y: reference
 *
 * Kept for comparison with the first dose-reduction networks. The mean runs over a set that changes with s, so the cost jumps;
 * {@link matchRadiometric} is the better estimate.
 *
 * @param reference pre-contrast scan
 * @param moving    post-contrast scan on the same grid
 * @returns the scaled volume, the factor, and the cost it has; 0 where no difference exceeds the threshold
 * @throws `grid-mismatch`, `empty-mask`; `out-of-range` if a voxel is NaN or infinite or an option out of range
 * @see Gong et al. 2018, J Magn Reson Imaging 48:330 (as its authors' later code does it)
 * @example
 * const { volume } = matchScale(pre, low, { mask: head });
 */
export function matchScale(
  reference: Volume,
  moving: Volume,
  { mask, threshold = 0.1, range = [0.5, 1.5], steps = 30, rounds = 3 }: MatchScaleOptions = {},
): { readonly volume: Volume; readonly scale: number; readonly cost: number } {
  checkSameGrid(reference.grid, moving.grid);
  if (mask) checkMask("The mask", mask, reference.grid);
  checkFiniteVoxels("The reference", reference.data);
  checkFiniteVoxels("The moving volume", moving.data);
  checkNonNegative("threshold", threshold);
  checkPositiveInteger("rounds", rounds);
  checkPositiveInteger("steps", steps);
  let [low, high] = range;
  if (steps < 3 || !(low > 0 && low < high && high < Infinity))
    throw new GadoliniteError(
      "out-of-range",
      `steps must be 3 or more and range two rising positive numbers, not ${steps} and [${range}].`,
    );
  let scale = (low + high) / 2;
  let cost = Infinity;
  for (let round = 0; round < rounds; round++) {
    const step = (high - low) / (steps - 1);
    for (let n = 0; n < steps; n++) {
      const candidate = low + n * step;
      const candidateCost = meanLargeDifference(reference, moving, mask, candidate, threshold);
      if (candidateCost < cost) {
        scale = candidate;
        cost = candidateCost;
      }
    }
    low = scale - step;
    high = scale + step;
  }
  return { volume: linearMap(moving, scale, 0), scale, cost };
}

function meanLargeDifference(
  reference: Volume,
  moving: Volume,
  mask: Mask | undefined,
  scale: number,
  threshold: number,
): number {
  const x = moving.data;
  const y = reference.data;
  let sum = 0;
  let count = 0;
  for (let i = 0; i < x.length; i++) {
    if (mask && !mask.data[i]) continue;
    const d = Math.abs(scale * x[i]! - y[i]!);
    if (d > threshold) {
      sum += d;
      count++;
    }
  }
  return count ? sum / count : 0;
}
