import { GadoliniteError } from "../core/errors.js";
import type { Volume } from "../core/volume.js";
import { type HistogramOptions, histogram } from "./histogram.js";

export interface OtsuThresholdOptions extends Omit<HistogramOptions, "bins"> {
  /** Number of bins of the histogram, 2 or more. Default 256 (scikit-image's). */
  readonly bins?: number;
}

/**
 * The threshold that parts the voxels into two classes of greatest variance between them.
 *
 *     t = centre of the bin that maximises ω₁·ω₂·(μ₁ − μ₂)²
 *
 * with ω the number and μ the mean of the voxels up to and beyond that bin. Foreground is what lies *above* t.
 *
 * @returns a number in the volume's unit. A constant image has no two classes: it gives its value, so that nothing lies above; voxels
 *   that all fall into one bin of a given range give that bin's centre.
 * @throws as {@link histogram}; `out-of-range` if no voxel lies within `range`
 * @see Otsu 1979, "A threshold selection method from gray-level histograms", IEEE Trans SMC 9(1); scikit-image `threshold_otsu`
 * @example
 * const threshold = otsuThreshold(volume);
 */
export function otsuThreshold(volume: Volume, { bins = 256, range, mask }: OtsuThresholdOptions = {}): number {
  const { counts, low, binWidth } = histogram(volume, { bins, range, mask });
  const filled = counts.reduce((sum, n) => sum + (n > 0 ? 1 : 0), 0);
  if (filled === 0)
    throw new GadoliniteError("out-of-range", `No voxel lies within the range of ${range?.join(" to ")}; choose another range.`);
  // Without a range, only a constant image fills a single bin; the histogram goes ½ to either side of it.
  if (filled === 1 && !range) return low + 0.5 * bins * binWidth;
  return bestSplit(counts, (bin) => low + (bin + 0.5) * binWidth);
}

function bestSplit(counts: Float64Array, centre: (bin: number) => number): number {
  const total = counts.reduce((sum, n) => sum + n, 0);
  const moment = counts.reduce((sum, n, bin) => sum + n * centre(bin), 0);
  let best = -1;
  let threshold = centre(counts.findIndex((n) => n > 0));
  for (let bin = 0, below = 0, momentBelow = 0; bin < counts.length - 1; bin++) {
    below += counts[bin]!;
    momentBelow += counts[bin]! * centre(bin);
    const above = total - below;
    if (below === 0 || above === 0) continue;
    const between = below * above * (momentBelow / below - (moment - momentBelow) / above) ** 2;
    if (between > best) {
      best = between;
      threshold = centre(bin);
    }
  }
  return threshold;
}
