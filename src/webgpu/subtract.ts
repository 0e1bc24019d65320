import type { GpuVolume } from "./gpuVolume.js";
import { mapVoxels, voxelwise } from "./voxelwise.js";

const kernel = voxelwise("subtract", ["pre", "post"], "post - pre");

/**
 * The subtraction image, on the GPU: z = post − pre, as `subtract` of `gadolinite/enhancement`, to the last bit.
 *
 * @throws `grid-mismatch` if the grids differ
 * @example
 * const difference = subtract(upload(device, pre), upload(device, post));
 */
export function subtract(pre: GpuVolume, post: GpuVolume): GpuVolume {
  return mapVoxels(kernel, [pre, post]);
}
