import { GadoliniteError } from "../core/errors.js";
import type { Volume } from "../core/volume.js";
import { checkOneOf } from "../internal/check.js";
import { type HistogramPeaks, type HistogramPeaksOptions, histogramPeaks } from "./histogramPeaks.js";
import { linearMap } from "./linearMap.js";

export interface MatchHistogramPeaksOptions extends HistogramPeaksOptions {
  /**
   * `"two-peaks"` (default): background onto background, tissue onto tissue. `"peak-and-width"`: tissue onto tissue, and its
   * peak's width onto the other's; this moves the background off its value, which must be masked again.
   */
  readonly method?: "two-peaks" | "peak-and-width";
}

export interface MatchedHistogramPeaks {
  /** gain · moving + offset. */
  readonly volume: Volume;
  readonly gain: number;
  readonly offset: number;
  readonly referencePeaks: HistogramPeaks;
  readonly movingPeaks: HistogramPeaks;
}

/**
 * Calibrates a scan's intensities to another's by the peaks of their histograms.
 *
 *     two-peaks:       gain = (p_ref − b_ref) / (p_mov − b_mov),   offset = b_ref − gain·b_mov
 *     peak-and-width:  gain = FWHM_ref / FWHM_mov,                  offset = p_ref − gain·p_mov
 *
 * with b the background and p the tissue peak ({@link histogramPeaks}). The paper determines translation and scaling "by the
 * second peak", which is one equation for two unknowns; its "(the first peak is the zero background)" is taken as the other.
 * Where grey and white matter make peaks of like height, the two scans' second peaks may be different tissues (the gain is then some
 * 5 to 15 % off); a larger `smoothing` merges them.
 *
 * @param reference scan to calibrate to, pre-contrast
 * @param moving    scan to calibrate, post-contrast; it may lie on another grid, unless a mask is given
 * @returns the calibrated volume on `moving`'s grid in `reference`'s unit, the map, and the peaks it was made from
 * @throws what {@link histogramPeaks} throws; `not-converged` if only one of the scans has a background peak, a tissue peak is not
 *   brighter than the background, or a peak has no width
 * @see Chen et al. 2025, "Patient population and data preparation"
 * @example
 * const { volume: calibrated } = matchHistogramPeaks(t1, t1ce);
 */
export function matchHistogramPeaks(
  reference: Volume,
  moving: Volume,
  { method = "two-peaks", ...options }: MatchHistogramPeaksOptions = {},
): MatchedHistogramPeaks {
  checkOneOf("method", method, ["two-peaks", "peak-and-width"]);
  const referencePeaks = histogramPeaks(reference, options);
  const movingPeaks = histogramPeaks(moving, options);
  const [gain, offset] = (method === "two-peaks" ? byTwoPeaks : byWidth)(referencePeaks, movingPeaks);
  return { volume: linearMap(moving, gain, offset), gain, offset, referencePeaks, movingPeaks };
}

function byTwoPeaks(reference: HistogramPeaks, moving: HistogramPeaks): [number, number] {
  if ((reference.valley === undefined) !== (moving.valley === undefined))
    throw new GadoliniteError(
      "not-converged",
      `Only the ${reference.valley === undefined ? "moving" : "reference"} scan has a background peak. Crop or mask both scans alike.`,
    );
  const height = (peaks: HistogramPeaks) => peaks.tissue - peaks.background;
  if (!(height(reference) > 0 && height(moving) > 0))
    throw new GadoliniteError(
      "not-converged",
      `The tissue peaks (${reference.tissue}, ${moving.tissue}) must lie above the backgrounds (${reference.background}, ${moving.background}).`,
    );
  const gain = height(reference) / height(moving);
  return [gain, reference.background - gain * moving.background];
}

function byWidth(reference: HistogramPeaks, moving: HistogramPeaks): [number, number] {
  const gain = reference.width / moving.width;
  if (!(gain > 0 && gain < Infinity))
    throw new GadoliniteError(
      "not-converged",
      `The tissue peaks have no width at half height (${reference.width}, ${moving.width}). Use the method "two-peaks".`,
    );
  return [gain, reference.tissue - gain * moving.tissue];
}
