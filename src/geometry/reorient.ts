import { GadoliniteError } from "../core/errors.js";
import type { Volume, VoxelArray } from "../core/volume.js";
import { rearrange } from "./axes.js";
import { axisDirections, parseAxisCode } from "./orientation.js";

/**
 * Reorders the voxels so that the axes i, j, k run in the given directions: by swapping and reversing axes, so exactly,
 * without interpolation. The affine follows, so every voxel stays where it is in the world; an oblique volume stays oblique
 * ({@link resample} straightens it).
 *
 * @param volume volume or mask
 * @param code one of the 48 axis codes, e.g. `"RAS"`; see {@link orientation}
 * @returns new volume of the same voxel type; there and back is the same again
 * @throws `out-of-range` if the code is not three letters, one each of L/R, P/A, I/S
 * @see nibabel, `as_closest_canonical` for `"RAS"`
 * @example
 * const canonical = reorient(volume, "RAS");
 */
export function reorient<T extends VoxelArray>(volume: Volume<T>, code: string): Volume<T> {
  const wanted = parseAxisCode(code);
  if (!wanted)
    throw new GadoliniteError(
      "out-of-range",
      `An axis code is three letters, one each of L/R, P/A and I/S, such as "RAS" or "LPS", not "${code}".`,
    );
  const present = axisDirections(volume.grid);
  const sources = wanted.map(({ world, negative }) => {
    const axis = present.findIndex((direction) => direction.world === world);
    return { axis, reversed: present[axis]!.negative !== negative };
  });
  return rearrange(volume, sources);
}
