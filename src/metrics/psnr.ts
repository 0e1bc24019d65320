import type { Mask, Volume } from "../core/volume.js";
import { type DataRange, resolveDataRange } from "./dataRange.js";
import { mse } from "./mse.js";

export interface PsnrOptions {
  /**
   * Peak-to-peak range in the volumes' unit, > 0; or `"reference-max"`, the reference's largest voxel inside the mask (Pinetz et al. 2024;
   * a lesion is then judged by its own peak), or `"reference-range"`, its largest minus its smallest there. No default: it changes the meaning.
   */
  readonly dataRange: DataRange;
  /** Voxels that count; default all of them. */
  readonly mask?: Mask;
}

/**
 * Peak signal-to-noise ratio in dB.
 *
 *     PSNR = 10 · log10(dataRange² / MSE)
 *
 * With one affine scale for all images and no noise, a linear low dose d has PSNR(d) = PSNR(0) − 20·log10(1 − d).
 *
 * @param reference what is true; finite inside the mask
 * @param test what is judged, on the same grid and in the same unit
 * @returns dB; `Infinity` for equal volumes
 * @throws `grid-mismatch` if the grids differ, `empty-mask` if the mask has no voxel, `out-of-range` if the range is not positive and finite
 *   or a voxel that counts is NaN or infinite
 * @see Wang et al. 2004, IEEE Trans Image Process 13:600; Pinetz et al. 2024, section 4.1 (PSNR_I, PSNR_B and PSNR_L)
 * @example
 * const decibels = psnr(post, restored, { dataRange: "reference-max", mask: lesion });
 */
export function psnr(reference: Volume, test: Volume, { dataRange, mask }: PsnrOptions): number {
  const error = mse(reference, test, mask ? { mask } : {});
  const range = resolveDataRange(dataRange, reference, mask);
  return error === 0 ? Infinity : 20 * Math.log10(range / Math.sqrt(error));
}
