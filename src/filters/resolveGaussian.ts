import { GadoliniteError } from "../core/errors.js";
import { type Grid, spacingMm, type Vec3 } from "../core/grid.js";
import { checkNonNegative, checkOneOf } from "../internal/check.js";
import type { GaussianMethod, GaussianOptions } from "./gaussian.js";
import { gaussianKernel } from "./gaussianKernel.js";
import { BOUNDARIES, type Boundary } from "./lines.js";
import { checkOrthogonal } from "./orthogonal.js";

/** Radius from which the sliding cosines are faster than the plain sum (bench/filters/gaussian.bench.ts). */
export const RECURSIVE_FROM = 16;

/** Options of a Gaussian with their defaults, checked, and the half of its kernel along i, j and k. */
export interface ResolvedGaussian {
  readonly kernels: readonly Float64Array[];
  readonly method: GaussianMethod;
  readonly tolerance: number;
  readonly boundary: Boundary;
}

/** Throws as `gaussian` says, but for the voxels. */
export function resolveGaussian(grid: Grid, options: GaussianOptions): ResolvedGaussian {
  const { sigmaVoxels, sigmaMm, method = "auto", tolerance = 1.5e-4, boundary = "replicate", ...kernelOptions } = options;
  const sigma = sigmaInVoxels(grid, sigmaVoxels, sigmaMm);
  checkOneOf("method", method, ["auto", "exact", "recursive"]);
  checkOneOf("boundary", boundary, BOUNDARIES);
  if (!(tolerance > 0 && tolerance < 1))
    throw new GadoliniteError("out-of-range", `tolerance must lie above 0 and below 1, but is ${tolerance}.`);
  return { kernels: sigma.map((s) => gaussianKernel(s, kernelOptions)), method, tolerance, boundary };
}

function sigmaInVoxels(grid: Grid, voxels: number | Vec3 | undefined, mm: number | Vec3 | undefined): Vec3 {
  const sigma = voxels ?? mm;
  if (sigma === undefined || (voxels !== undefined && mm !== undefined))
    throw new GadoliniteError("out-of-range", "Give the blur's width as either sigmaVoxels or sigmaMm, one of the two.");
  const each: readonly number[] = typeof sigma === "number" ? [sigma, sigma, sigma] : sigma;
  if (each.length !== 3) throw new GadoliniteError("out-of-range", `sigma is one number or three, not ${each.length}.`);
  for (const s of each) checkNonNegative(voxels === undefined ? "sigmaMm" : "sigmaVoxels", s);
  if (voxels !== undefined) return each as unknown as Vec3;
  checkOrthogonal(grid);
  const spacing = spacingMm(grid);
  return [each[0]! / spacing[0], each[1]! / spacing[1], each[2]! / spacing[2]];
}
