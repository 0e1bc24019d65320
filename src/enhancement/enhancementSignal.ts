import type { Volume } from "../core/volume.js";
import { checkSameGrid } from "../internal/check.js";

/**
 * The enhancement without the noise: the target that a network learns.
 *
 *     y = p ⊙ z
 *
 * @param normalized subtraction image with even noise, z
 * @param mask       {@link enhancementMask}, p in 0…1, on the same grid
 * @throws `grid-mismatch` if the grids differ
 * @see Pinetz et al. 2024, section 3.2 (y_SD = p_SD ⊙ z_SD)
 * @example
 * const target = enhancementSignal(normalized, enhancementMask(normalized, { sigma }));
 */
export function enhancementSignal(normalized: Volume, mask: Volume): Volume {
  checkSameGrid(normalized.grid, mask.grid);
  const z = normalized.data;
  const p = mask.data;
  const out = new Float32Array(z.length);
  for (let i = 0; i < out.length; i++) out[i] = p[i]! * z[i]!;
  return { grid: normalized.grid, data: out };
}
