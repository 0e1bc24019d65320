import type { Volume } from "../core/volume.js";
import { type RegisterOptions, type Registration, register } from "./register.js";

/**
 * Finds the rotation and shift that lay a moving scan on a fixed one, as of two scans of one head.
 *
 *     T = argmax I( fixed(p), moving(T·p) ),   I the mutual information (Mattes), p in mm, RAS+
 *
 * Over elastix in WebAssembly (the optional package `@itk-wasm/elastix`), in a thread of its own: in Node, Deno and Bun without further
 * ado, in browsers with `assetsUrl`. Nothing is fetched from elsewhere. The same input gives the same result.
 *
 * @param fixed  finite voxels, any unit and grid, as the pre-contrast scan
 * @param moving finite voxels, any unit and grid, as the post-contrast scan
 * @returns the transform fixed world → moving world, as `resample` takes it; `invertAffine` turns it round, `composeAffine` chains it
 * @throws `not-converged` if elastix gives up or the result can't be right; `unsupported` if the package, or `assetsUrl` in a browser, is
 * absent; `out-of-range` for voxels that are NaN, infinite or all equal; `grid-mismatch`, `empty-mask` for the masks; `aborted`
 * @see Klein et al. 2010, IEEE Trans Med Imaging 29:196-205 (elastix); Chen et al. 2025, "Patient population and data preparation";
 * Pinetz et al. 2024, section 3.1
 * @example
 * const { transform } = await registerRigid(pre, post);
 * const onPre = resample(post, pre.grid, { interpolation: "cubic", clamp: true, transform });
 */
export async function registerRigid(fixed: Volume, moving: Volume, options: RegisterOptions = {}): Promise<Registration> {
  return register(fixed, moving, ["rigid"], options);
}
