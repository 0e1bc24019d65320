import type { Vec3 } from "../core/grid.js";
import type { Volume } from "../core/volume.js";
import { checkFiniteVoxels, checkNonNegative, checkPositive, checkPositiveInteger } from "../internal/check.js";
import { boxMean } from "./boxMean.js";

export interface NonLocalMeansOptions {
  /** Standard deviation of the noise, white and in the volume's unit, ≥ 0: differences that it explains don't count. */
  readonly sigma: number;
  /** How unlike patches may be to be averaged: h in the volume's unit, > 0. Default 0.8 σ (1 where σ is 0). */
  readonly h?: number;
  /** Patches reach this many voxels to either side. Default 1: 3×3×3 voxels. */
  readonly patchRadius?: number;
  /** Patches are sought this many voxels to either side. Default 2: 5×5×5 places. */
  readonly searchRadius?: number;
}

/**
 * Non-local means: each voxel becomes the mean of voxels nearby whose surroundings look like its own.
 *
 *     out(i) = Σₜ w(i, t)·v(i + t) / Σₜ w(i, t),   w = exp(−max(0, D − 2σ²) / h²),   D = mean over the patch of (v(·) − v(· + t))²
 *
 * The voxel itself has weight 1. The patch is that of pairs within the grid: beyond, the nearest pair stands. Cost grows with the number of places.
 *
 * @param volume finite voxels, any unit
 * @returns a new volume on that grid, in the same unit
 * @throws `out-of-range` for options out of range, or if a voxel is NaN or infinite
 * @see Buades et al. 2011, Image Processing On Line 1:208 (σ taken off the distance); Darbon et al. 2008, ISBI (one box mean a shift). scikit-image's
 *   `denoise_nl_means(fast_mode=True)` drops weights below e⁻⁵, and its patch is a voxel shorter than asked for
 * @example
 * const smooth = nonLocalMeans(difference, { sigma: 0.05 });
 */
export function nonLocalMeans(
  volume: Volume,
  { sigma, h = sigma > 0 ? 0.8 * sigma : 1, patchRadius = 1, searchRadius = 2 }: NonLocalMeansOptions,
): Volume {
  checkNonNegative("sigma", sigma);
  checkPositive("h", h);
  checkPositiveInteger("patchRadius", patchRadius);
  checkPositiveInteger("searchRadius", searchRadius);
  checkFiniteVoxels("The volume", volume.data);
  const { data, grid } = volume;
  const sums = data.slice();
  const weights = new Float32Array(data.length).fill(1);
  // A shift and its opposite compare the same pairs, so half of the shifts are enough.
  for (let tk = 0; tk <= searchRadius; tk++)
    for (let tj = -searchRadius; tj <= searchRadius; tj++)
      for (let ti = -searchRadius; ti <= searchRadius; ti++) {
        if (tk === 0 && (tj < 0 || (tj === 0 && ti <= 0))) continue;
        const pairs = pairsOf(grid.shape, [ti, tj, tk]);
        if (pairs.shape.some((n) => n <= 0)) continue;
        const distance = boxMean(
          { grid: { ...grid, shape: pairs.shape }, data: squaredDifferences(data, pairs) },
          { radius: patchRadius },
        );
        addPairs(data, sums, weights, distance.data, pairs, 2 * sigma * sigma, 1 / (h * h));
      }
  for (let i = 0; i < sums.length; i++) sums[i] = sums[i]! / weights[i]!;
  return { grid, data: sums };
}

/** The pairs (i, i + t) of which both lie on the grid: a box of first ones, and the way to the second. */
interface Pairs {
  readonly shape: Vec3;
  readonly first: number;
  readonly rowStride: number;
  readonly sliceStride: number;
  readonly shift: number;
}

function pairsOf([ni, nj, nk]: Vec3, [ti, tj, tk]: Vec3): Pairs {
  return {
    shape: [ni - Math.abs(ti), nj - Math.abs(tj), nk - tk],
    first: Math.max(0, -ti) + ni * Math.max(0, -tj),
    rowStride: ni,
    sliceStride: ni * nj,
    shift: ti + ni * (tj + nj * tk),
  };
}

function squaredDifferences(
  data: Float32Array,
  { shape: [ni, nj, nk], first, rowStride, sliceStride, shift }: Pairs,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(ni * nj * nk);
  for (let k = 0, to = 0; k < nk; k++)
    for (let j = 0; j < nj; j++) {
      const row = first + j * rowStride + k * sliceStride;
      for (let i = row; i < row + ni; i++, to++) {
        const difference = data[i]! - data[i + shift]!;
        out[to] = difference * difference;
      }
    }
  return out;
}

/** Adds to each voxel of a pair the other one, by the likeness of their patches. */
function addPairs(
  data: Float32Array,
  sums: Float32Array,
  weights: Float32Array,
  distance: Float32Array,
  { shape: [ni, nj, nk], first, rowStride, sliceStride, shift }: Pairs,
  explained: number,
  scale: number,
): void {
  for (let k = 0, from = 0; k < nk; k++)
    for (let j = 0; j < nj; j++) {
      const row = first + j * rowStride + k * sliceStride;
      for (let i = row; i < row + ni; i++, from++) {
        const weight = Math.exp(-Math.max(0, distance[from]! - explained) * scale);
        sums[i]! += weight * data[i + shift]!;
        sums[i + shift]! += weight * data[i]!;
        weights[i]! += weight;
        weights[i + shift]! += weight;
      }
    }
}
