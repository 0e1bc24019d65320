import { GadoliniteError } from "../core/errors.js";
import type { Vec3 } from "../core/grid.js";
import { checkOneOf, checkPositive, checkPositiveInteger } from "../internal/check.js";

/** A cube (or square) of equal weights. */
export interface UniformWindow {
  readonly kind: "uniform";
  /** Edge in voxels, odd and ≥ 3. Default 7 (scikit-image). */
  readonly size?: number;
  /** Variances divided by n − 1 (`"sample"`, scikit-image's default) or n. Default `"sample"`. */
  readonly covariance?: "sample" | "population";
  /** The window lies in one axial slice: k = constant. Default `false`. */
  readonly perSlice?: boolean;
}

/** A truncated, normalised Gaussian. */
export interface GaussianWindow {
  readonly kind: "gaussian";
  /** Standard deviation in voxels. Default 1.5 (Wang et al. 2004). */
  readonly sigma?: number;
  /** Taps on each side of the middle. Default ⌊3.5·sigma + 0.5⌋, so 11 taps at sigma 1.5. */
  readonly radius?: number;
  /** `"population"` (Wang, MONAI; the default) or `"sample"` (scikit-image unless told otherwise: times n/(n − 1), n the window's voxels). */
  readonly covariance?: "sample" | "population";
  /** The window lies in one axial slice: k = constant. Default `false`. */
  readonly perSlice?: boolean;
}

/**
 * The neighbourhood over which SSIM takes its means and variances. By name:
 *
 * - `"scikit-image"`: uniform, 7 voxels, sample covariance (the default of `skimage.metrics.structural_similarity`)
 * - `"wang"`: Gaussian, σ 1.5, 11 taps, population covariance (Wang et al. 2004)
 * - `"monai"`: the same window; MONAI's valid convolution and our mean without the border are one
 * - `"axial"`: scikit-image's, slice by slice and averaged (as Pinetz's group has published it)
 */
export type SsimWindow = "scikit-image" | "wang" | "monai" | "axial" | UniformWindow | GaussianWindow;

/** A window with all its numbers. */
export interface ResolvedWindow {
  /** Weights along one axis, 2·radius + 1 of them, sum 1; the same along each axis that the window spans. */
  readonly weights: Float64Array;
  /** Voxels on each side of the middle along i, j, k. */
  readonly radius: Vec3;
  /** Factor of the variances: n/(n − 1) or 1. */
  readonly covarianceFactor: number;
}

const NAMED: Readonly<Record<string, UniformWindow | GaussianWindow>> = {
  "scikit-image": { kind: "uniform" },
  wang: { kind: "gaussian" },
  monai: { kind: "gaussian" },
  axial: { kind: "uniform", perSlice: true },
};

/** Throws `out-of-range` unless the window is one of those above and fits into the shape. */
export function resolveWindow(window: SsimWindow, shape: Vec3): ResolvedWindow {
  const given = typeof window === "string" ? NAMED[window] : window;
  if (!given || (given.kind !== "uniform" && given.kind !== "gaussian"))
    throw new GadoliniteError(
      "out-of-range",
      `window must be ${Object.keys(NAMED).join(", ")}, or { kind: "uniform" | "gaussian", … }, but is ${JSON.stringify(window)}.`,
    );
  const weights = given.kind === "uniform" ? uniformWeights(given) : gaussianWeights(given);
  const { perSlice = false, covariance = given.kind === "uniform" ? "sample" : "population" } = given;
  checkOneOf("window.covariance", covariance, ["sample", "population"]);
  const size = weights.length;
  const edges = perSlice ? [size, size, 1] : [size, size, size];
  if (edges.some((edge, axis) => edge > shape[axis]!))
    throw new GadoliniteError(
      "out-of-range",
      `A window of ${edges.join("×")} voxels doesn't fit into ${shape.join("×")}. Take a smaller one, or perSlice for few slices.`,
    );
  const count = perSlice ? size ** 2 : size ** 3;
  const half = (size - 1) / 2;
  return {
    weights,
    radius: [half, half, perSlice ? 0 : half],
    covarianceFactor: covariance === "sample" ? count / (count - 1) : 1,
  };
}

function uniformWeights({ size = 7 }: UniformWindow): Float64Array {
  if (!(Number.isSafeInteger(size) && size >= 3 && size % 2 === 1))
    throw new GadoliniteError("out-of-range", `window.size must be an odd integer of 3 or more, but is ${size}.`);
  return new Float64Array(size).fill(1 / size);
}

function gaussianWeights({ sigma = 1.5, radius = Math.floor(3.5 * sigma + 0.5) }: GaussianWindow): Float64Array {
  checkPositive("window.sigma", sigma);
  checkPositiveInteger("window.radius", radius);
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, t) => Math.exp(-((t - radius) ** 2) / (2 * sigma * sigma)));
  const sum = weights.reduce((total, w) => total + w, 0);
  return weights.map((w) => w / sum);
}
