import type { GpuVolume } from "./gpuVolume.js";
import { mapVoxels, voxelwise } from "./voxelwise.js";

const kernel = voxelwise("synthesize", ["base", "signal"], "base + signal");

/**
 * Puts a contrast signal onto a scan, on the GPU: x̃ = x + ỹ, as `synthesize` of `gadolinite/enhancement`, to the last bit.
 *
 * @throws `grid-mismatch` if the grids differ
 * @example
 * const standardDose = await download(synthesize(pre, signal));
 */
export function synthesize(base: GpuVolume, signal: GpuVolume): GpuVolume {
  return mapVoxels(kernel, [base, signal]);
}
