import type { RevertSignalOptions } from "../enhancement/revertSignal.js";
import { checkFiniteNumber, checkOneOf, checkPositive } from "../internal/check.js";
import type { GpuVolume } from "./gpuVolume.js";
import { mapVoxels, voxelwise } from "./voxelwise.js";

const kernel = voxelwise("revertSignal", ["signal", "sd"], "p.factor * sd * signal", { params: { factor: "f32" } });

/** Options of {@link revertSignal}: those of the CPU's, with the local standard deviation on the GPU. */
export interface RevertGpuSignalOptions extends Omit<RevertSignalOptions, "sd"> {
  readonly sd: GpuVolume;
}

/**
 * Brings a normalised contrast signal back into the scan's unit, on the GPU: ỹ = γ · (s/σ) ⊙ ŷ, as `revertSignal` of
 * `gadolinite/enhancement`.
 *
 * @throws `grid-mismatch` if the grids differ, `out-of-range` if σ is not positive or γ not finite, or for an unknown convention
 * @see Pinetz et al. 2024, section 3.4
 * @example
 * const post = synthesize(pre, revertSignal(predicted, { sd, sigma }));
 */
export function revertSignal(
  signal: GpuVolume,
  { sd, sigma, gain = 1, convention = "exact" }: RevertGpuSignalOptions,
): GpuVolume {
  checkPositive("sigma", sigma);
  checkFiniteNumber("gain", gain);
  checkOneOf("convention", convention, ["exact", "as-printed"]);
  return mapVoxels(kernel, [signal, sd], { factor: convention === "exact" ? gain / sigma : gain });
}
