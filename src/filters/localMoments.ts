import type { Mask, Volume } from "../core/volume.js";
import { checkMask } from "../internal/check.js";
import { checkFiniteInside } from "./finiteInside.js";
import { type GaussianOptions, gaussian } from "./gaussian.js";

export interface LocalMomentsOptions extends GaussianOptions {
  /** Standard deviation of the neighbourhood in voxels, one number or one per axis. Default 16 (the paper's), unless `sigmaMm` is given. */
  readonly sigmaVoxels?: GaussianOptions["sigmaVoxels"];
  /** Default `"discrete"`, as the paper's. */
  readonly kernel?: GaussianOptions["kernel"];
  /** Default 0.99, as the paper's (radius 41 at σ = 16), unless `truncate` is given. */
  readonly mass?: number;
}

/** Keeps the quotient defined where no masked voxel is near; the paper's. */
const EPSILON = 1e-8;

/**
 * Mean and standard deviation of the masked voxels around each voxel, under a Gaussian window (normalised convolution).
 *
 *     mean = c + d,   sd = √max(0, G∗(M·(z − c)²) / (G∗M + 10⁻⁸) − d²),   d = G∗(M·(z − c)) / (G∗M + 10⁻⁸)
 *
 * with c the mean of all masked voxels. The paper has c = 0; in exact arithmetic, and without the 10⁻⁸ that keeps the quotients
 * defined, c cancels. Taken off before the squares, it keeps their difference from cancelling where the mean is far larger than the
 * spread, and a constant added to the image changes the mean alone.
 *
 * @param volume any unit; voxels outside the mask don't count, and may be NaN
 * @param mask voxels that count, on the volume's grid
 * @returns two volumes on that grid, in the volume's unit, also outside the mask. Where the window reaches no masked voxel,
 *   the mean is that of all masked voxels and sd is 0.
 * @throws `grid-mismatch`, `empty-mask`; `out-of-range` as {@link gaussian}, or if a masked voxel is NaN or infinite
 * @see Pinetz et al. 2024, local mean and standard deviation of the subtraction image; Knutsson and Westin 1993, "Normalized and
 *   differential convolution", CVPR
 * @example
 * const { mean, sd } = localMoments(difference, mask, { sigmaVoxels: 16 });
 */
export function localMoments(
  volume: Volume,
  mask: Mask,
  options: LocalMomentsOptions = {},
): { readonly mean: Volume; readonly sd: Volume } {
  const { sigmaMm, sigmaVoxels = sigmaMm === undefined ? 16 : undefined, kernel = "discrete", truncate } = options;
  const { mass = truncate === undefined ? 0.99 : undefined } = options;
  const blur = { ...options, sigmaVoxels, kernel, mass };
  const { grid, data } = volume;
  const count = checkMask("The mask", mask, grid);
  checkFiniteInside("The volume", data, mask.data);
  const centre = maskedSum(data, mask.data) / count;
  const blurred = (power: number) => gaussian({ grid, data: maskedPower(data, mask.data, centre, power) }, blur).data;
  const weight = blurred(0);
  const first = blurred(1);
  const second = blurred(2);
  momentsInPlace(weight, first, second, centre);
  return { mean: { grid, data: first }, sd: { grid, data: second } };
}

function maskedSum(data: Float32Array, inside: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) if (inside[i]) sum += data[i]!;
  return sum;
}

/** M·(z − centre)^power for a power of 0, 1 or 2. */
function maskedPower(data: Float32Array, inside: Uint8Array, centre: number, power: number): Float32Array {
  const out = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++)
    if (inside[i]) {
      const z = data[i]! - centre;
      out[i] = power === 0 ? 1 : power === 1 ? z : z * z;
    }
  return out;
}

/** Writes mean and sd over the two sums of centred voxels. */
function momentsInPlace(weight: Float32Array, first: Float32Array, second: Float32Array, centre: number): void {
  for (let i = 0; i < weight.length; i++) {
    // Sums by recursion may leave a rounding error where nothing is.
    const scale = 1 / (Math.max(0, weight[i]!) + EPSILON);
    const d = first[i]! * scale;
    first[i] = centre + d;
    second[i] = Math.sqrt(Math.max(0, second[i]! * scale - d * d));
  }
}
