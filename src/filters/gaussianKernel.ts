import { GadoliniteError } from "../core/errors.js";
import { checkOneOf, checkPositive, checkWithin } from "../internal/check.js";

/** Which Gaussian: sampled from the bell curve, or Lindeberg's discrete analogue. */
export type GaussianKernel = "sampled" | "discrete";

export interface GaussianKernelOptions {
  /**
   * `"sampled"`: exp(−n²/2σ²), as SciPy's. `"discrete"`: e^(−t)·Iₙ(t) with t = σ², as ITK's DiscreteGaussian; it is exactly
   * the blur of a diffusion on the voxel grid, so blurs add up (σ² = σ₁² + σ₂²) even for small σ. Default `"sampled"`.
   */
  readonly kernel?: GaussianKernel;
  /** Radius of the kernel in units of σ, rounded to whole voxels; > 0. Default 4 (SciPy's). Not together with `mass`. */
  readonly truncate?: number;
  /**
   * Instead of `truncate`: the kernel grows until it holds this share of the untruncated one, above 0 and below 1
   * (ITK's 1 − MaximumError, there 0.99 by default). What is left is normalised to 1 in either case.
   */
  readonly mass?: number;
}

/**
 * One half of a symmetric, normalised 1-D Gaussian: the weights at distance 0 … radius, w₀ + 2·(w₁ + … ) = 1.
 *
 * @see Lindeberg 1990, "Scale-space for discrete signals", IEEE TPAMI 12(3), for the discrete kernel
 */
export function gaussianKernel(sigma: number, { kernel = "sampled", truncate, mass }: GaussianKernelOptions = {}): Float64Array {
  checkWithin("sigma in voxels", sigma, 0, 10_000);
  checkOneOf("kernel", kernel, ["sampled", "discrete"]);
  if (truncate !== undefined && mass !== undefined)
    throw new GadoliniteError("out-of-range", "Give either truncate or mass, not both: each sets the kernel's radius.");
  if (truncate !== undefined) checkPositive("truncate", truncate);
  if (mass !== undefined && !(mass > 0 && mass < 1))
    throw new GadoliniteError("out-of-range", `mass must lie above 0 and below 1, but is ${mass}.`);
  const wanted = Math.floor((truncate ?? 4) * sigma + 0.5);
  // Past 10 σ (and 20 voxels, for small σ) nothing is left in float64.
  const reach = Math.max(Math.ceil(10 * sigma) + 20, wanted);
  const whole = kernel === "sampled" ? sampledWeights(sigma, reach) : discreteWeights(sigma, reach);
  return normalized(whole.subarray(0, (mass === undefined ? wanted : radiusOf(whole, mass)) + 1));
}

function sampledWeights(sigma: number, reach: number): Float64Array {
  const weights = new Float64Array(reach + 1);
  for (let n = 1; n <= reach; n++) weights[n] = Math.exp(-0.5 * (n / sigma) ** 2);
  weights[0] = 1;
  return normalized(weights);
}

/** Modified Bessel functions by their ratios Iₙ/Iₙ₋₁ = 1/(2n/t + Iₙ₊₁/Iₙ), from far out inwards: stable, and no overflow. */
function discreteWeights(sigma: number, reach: number): Float64Array {
  const t = sigma * sigma;
  const weights = new Float64Array(reach + 1);
  for (let n = reach, ratio = 0; n > 0; n--) {
    ratio = 1 / ((2 * n) / t + ratio);
    weights[n] = ratio;
  }
  weights[0] = 1;
  for (let n = 1; n <= reach; n++) weights[n]! *= weights[n - 1]!;
  return normalized(weights);
}

function radiusOf(weights: Float64Array, mass: number): number {
  let held = weights[0]!;
  let radius = 0;
  while (held < mass && radius < weights.length - 1) held += 2 * weights[++radius]!;
  return radius;
}

function normalized(weights: Float64Array): Float64Array {
  let sum = 0;
  // The small ones first.
  for (let n = weights.length - 1; n > 0; n--) sum += 2 * weights[n]!;
  sum += weights[0]!;
  return weights.map((w) => w / sum);
}
