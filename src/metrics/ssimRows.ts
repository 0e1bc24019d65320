import type { Box } from "../core/boundingBox.js";
import type { Vec3 } from "../core/grid.js";
import type { Volume } from "../core/volume.js";
import { checkFiniteVoxels, checkPositive, checkSameGrid } from "../internal/check.js";
import { type DataRange, resolveDataRange } from "./dataRange.js";
import { type ResolvedWindow, resolveWindow, type SsimWindow } from "./ssimWindow.js";
import { ssimWindowed } from "./ssimWindowed.js";

export interface SsimMapOptions {
  /**
   * Range of intensities in the volumes' unit, > 0; or `"reference-range"` (largest minus smallest voxel of the whole reference) or
   * `"reference-max"`. No default: defaults by number type have misled many.
   */
  readonly dataRange: DataRange;
  /** The window of the local statistics; no default, as programs differ. */
  readonly window: SsimWindow;
  /** Share of the range in the luminance constant C1 = (k1·range)², > 0. Default 0.01 (Wang et al. 2004). */
  readonly k1?: number;
  /** Share of the range in the contrast constant C2 = (k2·range)², > 0. Default 0.03 (Wang et al. 2004). */
  readonly k2?: number;
}

/** Which factor of SSIM: the whole, or contrast and structure without luminance. */
export type SsimPart = "ssim" | "contrast-structure";

/** Receives a row of the SSIM map; `first` is the index of its first voxel. The array is used again for the next row. */
export type SsimRowVisitor = (first: number, row: Float64Array) => void;

/**
 * Checks the input, then visits the rows of the SSIM map that lie in the region, given by the window. Rows and voxels that
 * it doesn't visit have SSIM 1: there both volumes are zero as far as the window reaches, as around a stripped brain.
 */
export function eachSsimRow(
  reference: Volume,
  test: Volume,
  { dataRange, window, k1 = 0.01, k2 = 0.03 }: SsimMapOptions,
  regionOf: (window: ResolvedWindow) => Box,
  visit: SsimRowVisitor,
  part: SsimPart = "ssim",
): void {
  checkSameGrid(reference.grid, test.grid);
  checkPositive("k1", k1);
  checkPositive("k2", k2);
  const { shape } = reference.grid;
  const resolved = resolveWindow(window, shape);
  checkFiniteVoxels("The reference", reference.data);
  checkFiniteVoxels("The test volume", test.data);
  const range = resolveDataRange(dataRange, reference);
  const box = intersection(regionOf(resolved), supportBox(reference.data, test.data, shape, resolved.radius));
  if (box.shape.some((n) => n <= 0)) return;
  const { radius, weights, covarianceFactor } = resolved;
  const constants = { c1: (k1 * range) ** 2, c2: (k2 * range) ** 2, covarianceFactor, luminance: part === "ssim" };
  const visitRow = (j: number, k: number, row: Float64Array) => visit(box.start[0] + shape[0] * (j + shape[1] * k), row);
  ssimWindowed(reference.data, test.data, shape, box, weights, radius, constants, visitRow);
}

/** The box of all voxels from which a window reaches a voxel that isn't zero in both volumes; its shape is 0 if there is none. */
function supportBox(x: Float32Array, y: Float32Array, [ni, nj, nk]: Vec3, [ri, rj, rk]: Vec3): Box {
  let [i0, i1, j0, j1, k0, k1] = [ni, -1, nj, -1, nk, -1];
  for (let k = 0, first = 0; k < nk; k++)
    for (let j = 0; j < nj; j++, first += ni) {
      let low = 0;
      while (low < ni && x[first + low] === 0 && y[first + low] === 0) low++;
      if (low === ni) continue;
      let high = ni - 1;
      while (x[first + high] === 0 && y[first + high] === 0) high--;
      i0 = Math.min(i0, low);
      i1 = Math.max(i1, high);
      j0 = Math.min(j0, j);
      j1 = Math.max(j1, j);
      k0 = Math.min(k0, k);
      k1 = k;
    }
  if (k1 < 0) return { start: [0, 0, 0], shape: [0, 0, 0] };
  const start: Vec3 = [i0 - ri, j0 - rj, k0 - rk];
  return { start, shape: [i1 + ri + 1 - start[0], j1 + rj + 1 - start[1], k1 + rk + 1 - start[2]] };
}

function intersection(a: Box, b: Box): Box {
  const start = a.start.map((s, axis) => Math.max(s, b.start[axis]!)) as unknown as Vec3;
  const end = a.start.map((s, axis) => Math.min(s + a.shape[axis]!, b.start[axis]! + b.shape[axis]!));
  return { start, shape: end.map((e, axis) => e - start[axis]!) as unknown as Vec3 };
}
