import type { Mask, Volume } from "../core/volume.js";
import { percentile } from "../filters/percentile.js";
import type { Colormap } from "./colormap.js";
import { formatNumber } from "./formatNumber.js";
import { checkWindow, type IntensityWindow } from "./grayscale.js";

/** A window by percentiles of a volume: 0 … 100, within a mask if there is one. */
export interface PercentileWindow {
  readonly percentiles: readonly [low: number, high: number];
  /** The volume whose percentiles count, e.g. the reference. */
  readonly of: Volume;
  readonly mask?: Mask;
}

export interface WindowCaptionOptions {
  /** The panel's map: percentiles of a diverging one are widened to a window around 0, as in a montage. Default `"gray"`. */
  readonly colormap?: Colormap;
  /** Digits after the decimal point. Default: four significant digits. */
  readonly decimals?: number;
}

/**
 * Tells the window of a picture for its caption, in numbers also where percentiles chose it: without it a picture proves little.
 *
 * @returns e.g. `"window 0 to 1200 (level 600, width 1200)"`, level being the middle; percentiles are named behind
 * @throws `out-of-range` if low is not below high, or a percentile not within 0 and 100; what `percentile` throws
 * @example
 * windowCaption({ low: 0, high: 1200 }); // "window 0 to 1200 (level 600, width 1200)"
 */
export function windowCaption(
  window: IntensityWindow | PercentileWindow,
  { colormap = "gray", decimals }: WindowCaptionOptions = {},
): string {
  const { low, high } = resolveWindow(window, colormap);
  const tell = (value: number) => formatNumber(value, { decimals });
  const source =
    "percentiles" in window
      ? `, percentiles ${window.percentiles.map((q) => formatNumber(q)).join(" to ")}${window.mask ? " within the mask" : ""}`
      : "";
  return `window ${tell(low)} to ${tell(high)} (level ${tell((low + high) / 2)}, width ${tell(high - low)})${source}`;
}

/** The window in intensities. */
export function resolveWindow(window: IntensityWindow | PercentileWindow, colormap: Colormap): IntensityWindow {
  const { low, high } = "percentiles" in window ? windowOf(window) : window;
  const most = Math.max(Math.abs(low), Math.abs(high));
  const resolved = "percentiles" in window && colormap === "diverging" ? { low: -most, high: most } : { low, high };
  checkWindow(resolved);
  return resolved;
}

function windowOf({ percentiles: [low, high], of, mask }: PercentileWindow): IntensityWindow {
  const options = mask ? { mask } : {};
  return { low: percentile(of, low, options), high: percentile(of, high, options) };
}
