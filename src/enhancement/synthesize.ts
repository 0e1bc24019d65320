import type { Volume } from "../core/volume.js";
import { checkSameGrid } from "../internal/check.js";

/**
 * Puts a contrast signal onto a scan. On the pre-contrast scan it gives the standard dose; on the low dose, contrast beyond it.
 *
 *     x̃_SD = x_PC + ỹ,   x̃_SD+ = x_LD + ỹ
 *
 * @param base   pre-contrast or low-dose scan
 * @param signal contrast signal in the same unit ({@link revertSignal}), on the same grid
 * @throws `grid-mismatch` if the grids differ
 * @see Pinetz et al. 2024, section 3.4
 * @example
 * const standardDose = synthesize(pre, signal);
 */
export function synthesize(base: Volume, signal: Volume): Volume {
  checkSameGrid(base.grid, signal.grid);
  const x = base.data;
  const y = signal.data;
  const out = new Float32Array(x.length);
  for (let i = 0; i < out.length; i++) out[i] = x[i]! + y[i]!;
  return { grid: base.grid, data: out };
}
