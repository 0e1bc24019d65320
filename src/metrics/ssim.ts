import { type Box, boundingBox } from "../core/boundingBox.js";
import type { Grid } from "../core/grid.js";
import { createVolume, type Mask, type Volume } from "../core/volume.js";
import { checkMask } from "../internal/check.js";
import { eachSsimRow, type SsimMapOptions, type SsimPart } from "./ssimRows.js";
import type { ResolvedWindow } from "./ssimWindow.js";

export type { SsimMapOptions };

export interface SsimOptions extends SsimMapOptions {
  /**
   * The mean is taken over the SSIM map's voxels in this mask, border voxels included. Default: over all voxels whose window lies
   * inside the volume (as scikit-image and MONAI do).
   */
  readonly mask?: Mask;
}

/**
 * Structural similarity index: the mean of {@link ssimMap}, without making the map.
 *
 * A masked mean looks beyond the mask by the radius of the window, and works in the mask's bounding box only: a small lesion costs little.
 *
 * @param reference what is true; finite everywhere
 * @param test what is judged, on the same grid and in the same unit; finite everywhere
 * @returns −1 to 1; 1 for equal volumes
 * @throws `grid-mismatch` if the grids differ; `empty-mask` if the mask has no voxel; `out-of-range` if the range is not positive, the window
 *   doesn't fit into the volume, or a voxel is NaN or infinite
 * @see Wang et al. 2004, IEEE Trans Image Process 13:600
 * @example
 * const similarity = ssim(post, restored, { dataRange: 1, window: "wang", mask: brain });
 */
export function ssim(reference: Volume, test: Volume, options: SsimOptions): number {
  return meanSimilarity(reference, test, options);
}

/**
 * Structural similarity at each voxel, −1 to 1. One map serves any number of regions: take {@link regionMean} of it over each.
 *
 *     SSIM = (2 μx μy + C1)(2 σxy + C2) / ((μx² + μy² + C1)(σx² + σy² + C2)),  C1 = (k1·range)²,  C2 = (k2·range)²
 *
 * with means, variances and covariance over a window around the voxel. Near the border the volume is mirrored.
 * SSIM is meant for intensities that don't change sign (scale to [0, 1]): where local means cross 0, as on [−1, 1], the first factor jumps.
 *
 * @param reference what is true; finite everywhere
 * @param test what is judged, on the same grid and in the same unit; finite everywhere
 * @returns a volume on that grid; 1 where the windows are equal
 * @throws `grid-mismatch` if the grids differ; `out-of-range` if the range is not positive, the window doesn't fit into the volume,
 *   or a voxel is NaN or infinite
 * @see Wang et al. 2004, IEEE Trans Image Process 13:600, eq. 13
 * @example
 * const map = ssimMap(post, restored, { dataRange: 1, window: "scikit-image" });
 * const inLesion = regionMean(map, lesion);
 */
export function ssimMap(reference: Volume, test: Volume, options: SsimMapOptions): Volume {
  const { grid } = reference;
  const map = new Float32Array(reference.data.length).fill(1);
  const everywhere = () => ({ start: [0, 0, 0], shape: grid.shape }) as const;
  eachSsimRow(reference, test, options, everywhere, (first, row) => map.set(row, first));
  return createVolume(map, grid);
}

/** The mean of SSIM or of a part of it, over the mask or all voxels whose window lies inside. */
export function meanSimilarity(reference: Volume, test: Volume, { mask, ...options }: SsimOptions, part?: SsimPart): number {
  let count = mask ? checkMask("mask", mask, reference.grid) : 0;
  const regionOf = (window: ResolvedWindow) => {
    if (mask) return boundingBox(mask);
    const inner = innerBox(reference.grid, window);
    count = inner.shape[0] * inner.shape[1] * inner.shape[2];
    return inner;
  };
  // Voxels that aren't visited have SSIM 1, so what is summed is the distance from 1.
  let lost = 0;
  const inside = mask?.data;
  const visit = (first: number, row: Float64Array) => {
    // A sum of its own for each row: a number that a closure shares is slow.
    let sum = 0;
    for (let i = 0; i < row.length; i++) if (!inside || inside[first + i]) sum += 1 - row[i]!;
    lost += sum;
  };
  eachSsimRow(reference, test, options, regionOf, visit, part);
  return 1 - lost / count;
}

/** All voxels whose window lies inside the grid. */
function innerBox({ shape: [ni, nj, nk] }: Grid, { radius: [ri, rj, rk] }: ResolvedWindow): Box {
  return { start: [ri, rj, rk], shape: [ni - 2 * ri, nj - 2 * rj, nk - 2 * rk] };
}
