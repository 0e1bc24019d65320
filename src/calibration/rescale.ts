import { GadoliniteError } from "../core/errors.js";
import type { Volume } from "../core/volume.js";
import { checkFiniteNumber } from "../internal/check.js";

export interface RescaleOptions {
  /** Two intensities of the volume, the first below the second. */
  readonly from: readonly [number, number];
  /** What they become; a falling pair inverts the contrast. */
  readonly to: readonly [number, number];
  /** Limits the result to `to`; default false: intensities outside `from` land outside `to`. */
  readonly clip?: boolean;
}

/**
 * Maps an interval of intensities linearly onto another.
 *
 *     out = to₀ · (1 − t) + to₁ · t,   t = (x − from₀) / (from₁ − from₀)
 *
 * For networks on [−1, 1], take **one** map a study, from its standard-dose scan (or from both scans together), for the
 * pre-contrast scan, every low dose and the target alike, without clipping. Then PSNR(d) = PSNR(0) − 20·log10(1 − d) holds, as it does
 * in Chen's table 4 to 0.04 dB; a minimum and maximum of each image's own would break it.
 *
 * @param volume any unit; NaN voxels stay NaN
 * @returns a new volume. `from` is mapped onto `to` exactly; mapping back gives the input.
 * @throws `out-of-range` unless all four numbers are finite and from₀ < from₁
 * @see Chen et al. 2025, "All images were normalized between −1 to 1"; table 4
 * @example
 * const from = [percentile(post, 0), percentile(post, 100)] as const;
 * const [input, target] = [low, post].map((volume) => rescale(volume, { from, to: [-1, 1] }));
 */
export function rescale({ grid, data }: Volume, { from, to, clip = false }: RescaleOptions): Volume {
  for (const end of [0, 1] as const) {
    checkFiniteNumber(`from[${end}]`, from[end]);
    checkFiniteNumber(`to[${end}]`, to[end]);
  }
  const [low, high] = from;
  const [first, second] = to;
  if (!(low < high))
    throw new GadoliniteError(
      "out-of-range",
      `from must be two rising intensities, but is [${low}, ${high}]. Is the image constant?`,
    );
  const out = new Float32Array(data.length);
  const width = high - low;
  for (let i = 0; i < out.length; i++) {
    let t = (data[i]! - low) / width;
    if (clip) t = Math.min(Math.max(t, 0), 1);
    out[i] = first * (1 - t) + second * t;
  }
  return { grid, data: out };
}
