import type { EnhancementMaskOptions } from "../enhancement/enhancementMask.js";
import { checkPositive } from "../internal/check.js";
import type { GpuVolume } from "./gpuVolume.js";
import { mapVoxels, voxelwise } from "./voxelwise.js";

const kernel = voxelwise("enhancementMask", ["z"], "logistic(p.weight * (z - p.middle))", {
  params: { weight: "f32", middle: "f32" },
  // The power of a negative number can't overflow.
  declarations: "fn logistic(x: f32) -> f32 { let e = exp(-abs(x)); return select(e, 1.0, x >= 0.0) / (1.0 + e); }",
});

/**
 * How surely a voxel enhances, 0 to 1, on the GPU: p = 1 / (1 + e^−w(z − 2.5σ)), w = 2·ln 99 / (3σ), as `enhancementMask` of
 * `gadolinite/enhancement`.
 *
 * @throws `out-of-range` if σ is not positive
 * @see Pinetz et al. 2024, equation (2)
 * @example
 * const mask = enhancementMask(normalized, { sigma });
 */
export function enhancementMask(normalized: GpuVolume, { sigma }: EnhancementMaskOptions): GpuVolume {
  checkPositive("sigma", sigma);
  return mapVoxels(kernel, [normalized], { weight: (2 * Math.log(99)) / (3 * sigma), middle: 2.5 * sigma });
}
