import { GadoliniteError } from "../core/errors.js";
import { createGrid, type Vec3 } from "../core/grid.js";
import { createVolume, type Volume } from "../core/volume.js";
import { checkFiniteNumber, checkSameGrid } from "../internal/check.js";
import { resolveDataRange } from "./dataRange.js";
import { meanSimilarity } from "./ssim.js";
import type { SsimMapOptions } from "./ssimRows.js";

export interface MsSsimOptions extends SsimMapOptions {
  /**
   * Exponent of each scale, from the finest on; as many as there are scales. Default Wang et al. 2003:
   * 0.0448, 0.2856, 0.3001, 0.2363, 0.1333.
   */
  readonly weights?: readonly number[];
}

/**
 * Multi-scale structural similarity: contrast and structure at several scales, luminance at the coarsest.
 *
 *     MS-SSIM = SSIM_M^w_M · Π_{m < M} CS_m^w_m
 *
 * Between scales 2×2×2 voxels are averaged (2×2 with a window that is one slice thick); a last odd row falls away. A negative factor counts 0.
 * All as MONAI's `MultiScaleSSIMMetric`. Each scale must hold the window: 5 scales of 11 voxels need 176 along each axis that the window spans.
 *
 * @param reference what is true; finite everywhere
 * @param test what is judged, on the same grid and in the same unit; finite everywhere
 * @returns 0 to 1; 1 for equal volumes
 * @throws `grid-mismatch` if the grids differ; `out-of-range` if the range is not positive, a scale is smaller than the window, a weight is negative, or a
 *   voxel is NaN or infinite
 * @see Wang et al. 2003, Asilomar 37:1398
 * @example
 * const similarity = msSsim(post, restored, { dataRange: 1, window: { kind: "gaussian", perSlice: true } });
 */
export function msSsim(
  reference: Volume,
  test: Volume,
  { weights = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333], ...options }: MsSsimOptions,
): number {
  checkSameGrid(reference.grid, test.grid);
  if (weights.length === 0)
    throw new GadoliniteError("out-of-range", "weights must hold one exponent for each scale, but is empty.");
  for (const w of weights) checkFiniteNumber("A weight", w);
  const { window } = options;
  const perSlice = window === "axial" || (typeof window === "object" && window.perSlice === true);
  // Taken once: a coarser reference has another range.
  const scaled = { ...options, dataRange: resolveDataRange(options.dataRange, reference) };
  let product = 1;
  let [a, b] = [reference, test];
  weights.forEach((weight, scale) => {
    const last = scale === weights.length - 1;
    product *= Math.max(0, meanSimilarity(a, b, scaled, last ? "ssim" : "contrast-structure")) ** weight;
    if (!last) [a, b] = [halved(a, perSlice), halved(b, perSlice)];
  });
  return product;
}

/** Means of 2×2×2 (or 2×2) voxels. Positions in the world don't matter here. */
function halved({ data, grid }: Volume, inPlane: boolean): Volume {
  const [ni, nj, nk] = grid.shape;
  const thick = inPlane ? 1 : 2;
  const shape: Vec3 = [Math.floor(ni / 2), Math.floor(nj / 2), Math.floor(nk / thick)];
  if (shape.some((n) => n === 0))
    throw new GadoliniteError("out-of-range", `${grid.shape.join("×")} voxels can't be halved again: give fewer weights.`);
  const means = new Float32Array(shape[0] * shape[1] * shape[2]);
  for (let k = 0, at = 0; k < shape[2]; k++)
    for (let j = 0; j < shape[1]; j++)
      for (let i = 0; i < shape[0]; i++, at++) {
        let sum = 0;
        for (let z = 0; z < thick; z++)
          for (let y = 0; y < 2; y++) {
            const v = 2 * i + ni * (2 * j + y + nj * (thick * k + z));
            sum += data[v]! + data[v + 1]!;
          }
        means[at] = sum / (4 * thick);
      }
  return createVolume(means, createGrid({ shape }));
}
