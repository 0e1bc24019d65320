import { GadoliniteError } from "../core/errors.js";
import type { Volume } from "../core/volume.js";
import { checkNonNegative, checkSameGrid } from "../internal/check.js";

export interface ApparentDiffusionOptions {
  /** Diffusion weightings of the two scans in s/mm², the first the smaller, 0 or more; Bône et al. have [0, 1000]. */
  readonly bValues: readonly [low: number, high: number];
}

/**
 * The apparent diffusion coefficient (ADC) from two diffusion-weighted scans.
 *
 *     ADC = ln(low / high) / (b_high − b_low)
 *
 * Where one of the signals is 0 or less, as in the air of a magnitude image or outside a stripped brain, there is no logarithm and the result is
 * 0. Where noise makes `high` the brighter one the result is negative, and stays so: clipping would raise the mean.
 *
 * @param low  scan of the smaller b-value, any unit
 * @param high scan of the larger b-value, on the same grid, in the same unit
 * @returns new volume in mm²/s: 0.0007 to 0.0009 in grey and white matter, 0.003 in fluid
 * @throws `grid-mismatch` if the grids differ; `out-of-range` if a b-value is negative or not finite, or the first is not the smaller. NaN
 * voxels stay NaN.
 * @see Stejskal & Tanner 1965, J Chem Phys 42:288-292; Bône et al. 2022, "MRI protocol" (b = 0 and 1000 s/mm²)
 * @example
 * const adc = apparentDiffusion(b0, b1000, { bValues: [0, 1000] });
 */
export function apparentDiffusion(low: Volume, high: Volume, { bValues }: ApparentDiffusionOptions): Volume {
  checkSameGrid(low.grid, high.grid);
  const [bLow, bHigh] = bValues;
  checkNonNegative("The smaller b-value", bLow);
  checkNonNegative("The larger b-value", bHigh);
  if (!(bLow < bHigh))
    throw new GadoliniteError("out-of-range", `bValues must rise, the low scan's first, but are [${bValues}] s/mm².`);
  const adc = new Float32Array(low.data.length);
  for (let i = 0; i < adc.length; i++) {
    const [a, b] = [low.data[i]!, high.data[i]!];
    adc[i] = a <= 0 || b <= 0 ? 0 : Math.log(a / b) / (bHigh - bLow);
  }
  return { grid: low.grid, data: adc };
}
