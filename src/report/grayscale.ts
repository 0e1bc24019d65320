import { GadoliniteError } from "../core/errors.js";
import type { VoxelArray } from "../core/volume.js";
import { checkFiniteNumber } from "../internal/check.js";

/** The intensities that become black and white; on a diverging map, its two ends. */
export interface IntensityWindow {
  readonly low: number;
  readonly high: number;
}

/** Throws `out-of-range` unless low and high are finite and low < high. */
export function checkWindow({ low, high }: IntensityWindow): void {
  checkFiniteNumber("window.low", low);
  checkFiniteNumber("window.high", high);
  if (!(low < high))
    throw new GadoliniteError("out-of-range", `A window's low must be less than its high, but they are ${low} and ${high}.`);
}

export interface GrayscaleOptions {
  /** The intensities that become 0 and 255. */
  readonly window: IntensityWindow;
}

/**
 * Intensities as bytes of gray, for a screen or a picture:
 *
 *     gray = round(255 · (v − low) / (high − low)), clamped to 0 … 255
 *
 * @param values intensities in any order; NaN becomes 0
 * @returns as many bytes
 * @throws `out-of-range` unless low and high are finite and low < high
 * @example
 * grayscale(sliceView(post, { plane: "axial" }).data, { window: { low: 0, high: 1200 } });
 */
export function grayscale(values: VoxelArray, { window }: GrayscaleOptions): Uint8Array {
  checkWindow(window);
  const { low, high } = window;
  const bytes = new Uint8ClampedArray(values.length);
  // A clamped array rounds half to even, clamps and turns NaN into 0.
  for (let i = 0; i < bytes.length; i++) bytes[i] = (255 * (values[i]! - low)) / (high - low);
  return new Uint8Array(bytes.buffer);
}
