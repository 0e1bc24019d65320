import type { Vec3 } from "../core/grid.js";
import { checkOneOf, checkPositive } from "../internal/check.js";
import type { WindowPlacement } from "./windowPlan.js";

/** How overlapping windows are averaged: more weight in the middle, or all alike. */
export type WindowWeighting = "gaussian" | "uniform";

export interface WindowWeightsOptions {
  /** Default `"gaussian"`. */
  readonly weighting?: WindowWeighting;
  /** Whose Gaussian. Default `"nnunet"`. */
  readonly placement?: WindowPlacement;
  /** Standard deviation of the Gaussian as a fraction of the window, along each axis; positive. Default 1/8 (nnU-Net and MONAI). */
  readonly sigmaFraction?: number;
}

/** Voxel (i, j, k) of a window has the weight max(axes[0][i] · axes[1][j] · axes[2][k], floor). */
export interface WindowWeights {
  readonly axes: readonly [Float64Array, Float64Array, Float64Array];
  /** 0 where every product is positive already. */
  readonly floor: number;
}

/**
 * The importance map of a window of P voxels along an axis, as a product of three Gaussians of σ = `sigmaFraction` · P:
 *
 * - `"nnunet"`: centre ⌊P/2⌋, cut off beyond round(4σ) voxels (SciPy's `gaussian_filter` of a unit impulse, divided by its maximum); what
 *   is cut off gets the smallest weight that isn't.
 * - `"monai"`: centre (P − 1)/2; no weight is less than 0.001, nor than the smallest of all.
 *
 * @throws `out-of-range` if `sigmaFraction` is not positive
 * @see nnU-Net v1, `_get_gaussian`; MONAI, `compute_importance_map`; Chen et al. 2025 ("Gaussian", 128×160: σ = 16 and 20)
 */
export function windowWeights(
  window: Vec3,
  { weighting = "gaussian", placement = "nnunet", sigmaFraction = 1 / 8 }: WindowWeightsOptions = {},
): WindowWeights {
  checkOneOf("weighting", weighting, ["gaussian", "uniform"]);
  checkOneOf("placement", placement, ["nnunet", "monai"]);
  checkPositive("sigmaFraction", sigmaFraction);
  if (weighting === "uniform") {
    const ones = (axis: 0 | 1 | 2) => new Float64Array(window[axis]).fill(1);
    return { axes: [ones(0), ones(1), ones(2)], floor: 0 };
  }
  const shape = placement === "nnunet" ? impulseResponse : centredGaussian;
  const along = (axis: 0 | 1 | 2) => shape(window[axis], sigmaFraction * window[axis]);
  const axes = [along(0), along(1), along(2)] as const;
  const smallest = smallestPositive(axes[0]) * smallestPositive(axes[1]) * smallestPositive(axes[2]);
  if (placement === "monai") return { axes, floor: Math.max(smallest, 1e-3) };
  return { axes, floor: axes.some((weights) => weights.includes(0)) ? smallest : 0 };
}

function impulseResponse(size: number, sigma: number): Float64Array {
  const centre = Math.floor(size / 2);
  const radius = Math.trunc(4 * sigma + 0.5);
  return Float64Array.from({ length: size }, (_, i) =>
    Math.abs(i - centre) <= radius ? Math.exp((-0.5 * (i - centre) ** 2) / sigma ** 2) : 0,
  );
}

const centredGaussian = (size: number, sigma: number): Float64Array =>
  Float64Array.from({ length: size }, (_, i) => Math.exp((-0.5 * (i - (size - 1) / 2) ** 2) / sigma ** 2));

const smallestPositive = (weights: Float64Array): number => weights.reduce((least, w) => (w > 0 && w < least ? w : least), 1);
