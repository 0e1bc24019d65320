import type { GpuVolume } from "./gpuVolume.js";
import { mapVoxels, voxelwise } from "./voxelwise.js";

const kernel = voxelwise("enhancementSignal", ["z", "mask"], "mask * z");

/**
 * The enhancement without the noise, on the GPU: y = p ⊙ z, as `enhancementSignal` of `gadolinite/enhancement`, to the last bit.
 *
 * @throws `grid-mismatch` if the grids differ
 * @see Pinetz et al. 2024, section 3.2
 * @example
 * const target = enhancementSignal(normalized, enhancementMask(normalized, { sigma }));
 */
export function enhancementSignal(normalized: GpuVolume, mask: GpuVolume): GpuVolume {
  return mapVoxels(kernel, [normalized, mask]);
}
