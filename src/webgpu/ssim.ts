import { checkPositive } from "../internal/check.js";
import type { DataRange } from "../metrics/dataRange.js";
import { resolveWindow, type SsimWindow } from "../metrics/ssimWindow.js";
import { separable } from "./gaussian.js";
import { checkTogether, dispose, type GpuMask, type GpuVolume } from "./gpuVolume.js";
import { rangeOf } from "./psnr.js";
import { reduce, reduction } from "./sums.js";
import { mapVoxels, voxelwise } from "./voxelwise.js";

/** Options of {@link ssim}: those of the CPU's, with the mask on the GPU. */
export interface GpuSsimOptions {
  /** A number in the volumes' unit, or `"reference-range"` or `"reference-max"` of the whole reference. */
  readonly dataRange: DataRange;
  readonly window: SsimWindow;
  /** Share of the range in C1. Default 0.01. */
  readonly k1?: number;
  /** Share of the range in C2. Default 0.03. */
  readonly k2?: number;
  /** The mean is taken over these voxels, border included. Default: those whose window lies inside the volume. */
  readonly mask?: GpuMask;
}

const squares = voxelwise("squares", ["x", "y"], "x * x + y * y");
const products = voxelwise("products", ["x", "y"], "x * y");

// What is lost of 1, so that nothing is lost of the digits.
const loss = voxelwise("ssimLoss", ["mx", "my", "square", "product"], "1.0 - similarity(mx, my, square, product)", {
  params: { c1: "f32", c2: "f32", factor: "f32" },
  declarations: `
fn similarity(mx: f32, my: f32, square: f32, product: f32) -> f32 {
  let means = mx * my;
  let both = mx * mx + my * my;
  let structure = (2.0 * p.factor * (product - means) + p.c2) / (p.factor * (square - both) + p.c2);
  return structure * (2.0 * means + p.c1) / (both + p.c1);
}`,
});

const sumInside = reduction("ssimSum", ["lost"], [["+", "lost"]], { where: "mask" });

/** Over all voxels whose window lies inside the volume. */
const sumInner = reduction("ssimSumInner", ["lost"], [["+", "lost"]], {
  where: "within(v)",
  params: { ni: "u32", nj: "u32", nk: "u32", r: "u32", rk: "u32" },
  declarations: `
fn within(v: u32) -> bool {
  let at = vec3u(v % p.ni, v / p.ni % p.nj, v / p.ni / p.nj);
  let radius = vec3u(p.r, p.r, p.rk);
  return all(at >= radius) && all(at + radius < vec3u(p.ni, p.nj, p.nk));
}`,
});

/**
 * Structural similarity index, on the GPU: as `ssim` of `gadolinite/metrics`, with means and variances in float32.
 *
 * @returns −1 to 1; 1 for equal volumes
 * @throws `grid-mismatch`; `out-of-range` if the range is not positive or the window doesn't fit into the volume
 * @see Wang et al. 2004, IEEE Trans Image Process 13:600
 * @example
 * const similarity = await ssim(post, restored, { dataRange: 1, window: "wang", mask: brain });
 */
export async function ssim(
  reference: GpuVolume,
  test: GpuVolume,
  { dataRange, window, k1 = 0.01, k2 = 0.03, mask }: GpuSsimOptions,
): Promise<number> {
  checkTogether(reference, test, mask);
  checkPositive("k1", k1);
  checkPositive("k2", k2);
  const { shape } = reference.grid;
  const { weights, radius, covarianceFactor } = resolveWindow(window, shape);
  const range = await rangeOf(dataRange, reference);
  const plans = radius.map((r) => ({ halvings: 0, half: r === 0 ? Float64Array.of(1) : weights.slice(r) }));
  const [square, product] = [mapVoxels(squares, [reference, test]), mapVoxels(products, [reference, test])];
  const means = [reference, test, square, product].map((volume) => separable(volume, plans, "reflect"));
  const lost = mapVoxels(loss, means, { c1: (k1 * range) ** 2, c2: (k2 * range) ** 2, factor: covarianceFactor });
  dispose(square, product, ...means);
  const [ni, nj, nk] = shape;
  const [r, , rk] = radius;
  const params = { ni, nj, nk, r, rk };
  const [sum] = await (mask ? reduce(sumInside, [lost], { mask }) : reduce(sumInner, [lost], { params }));
  dispose(lost);
  return 1 - sum! / (mask ? mask.count : (ni - 2 * r) * (nj - 2 * r) * (nk - 2 * rk));
}
