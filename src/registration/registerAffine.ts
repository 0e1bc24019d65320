import type { Volume } from "../core/volume.js";
import { type RegisterOptions, type Registration, register } from "./register.js";

/**
 * Finds the affine map that lays a moving scan on a fixed one, as an atlas on a head: a rigid stage, and from there an affine one with
 * all 12 degrees of freedom. Otherwise as `registerRigid`.
 *
 * @param fixed  finite voxels, any unit and grid
 * @param moving finite voxels, any unit and grid
 * @returns the transform fixed world → moving world, as `resample` takes it
 * @throws as `registerRigid`; `not-converged` also if volumes would change by more than a factor of 2.5
 * @see Pinetz et al. 2024, code beside the paper (rigid, then affine); Bône et al. 2022, "Preprocessing" (affine to an atlas)
 * @example
 * const { transform } = await registerAffine(pre, atlas, { preset: "pinetz2024" });
 * const atlasOnPre = resample(atlas, pre.grid, { interpolation: "linear", transform });
 */
export async function registerAffine(fixed: Volume, moving: Volume, options: RegisterOptions = {}): Promise<Registration> {
  return register(fixed, moving, ["rigid", "affine"], options);
}
