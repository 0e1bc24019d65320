import type { SimulateDoseOptions } from "../dose/simulateDose.js";
import { checkFraction } from "../internal/check.js";
import type { GpuVolume } from "./gpuVolume.js";
import { mapVoxels, voxelwise } from "./voxelwise.js";

// Two products rather than pre + dose · (post − pre), so that both ends are exact.
const kernel = voxelwise("simulateDose", ["pre", "post"], "p.rest * pre + p.dose * post", {
  params: { dose: "f32", rest: "f32" },
});

/**
 * Simulates a smaller dose, on the GPU: low = (1 − dose) · pre + dose · post, as `simulateDose` of `gadolinite/dose`.
 *
 * @returns a new volume; dose 0 gives `pre`, 1 gives `post`, exactly
 * @throws `grid-mismatch` if the grids differ, `out-of-range` if `dose` is not within 0 and 1
 * @example
 * const tenth = simulateDose(pre, post, { dose: 0.1 });
 */
export function simulateDose(pre: GpuVolume, post: GpuVolume, { dose }: SimulateDoseOptions): GpuVolume {
  checkFraction("dose", dose);
  return mapVoxels(kernel, [pre, post], { dose, rest: 1 - dose });
}
