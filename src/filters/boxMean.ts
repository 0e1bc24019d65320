import { GadoliniteError } from "../core/errors.js";
import type { Vec3 } from "../core/grid.js";
import type { Volume } from "../core/volume.js";
import { checkFiniteVoxels, checkNonNegativeInteger, checkOneOf } from "../internal/check.js";
import { separable } from "./gaussian.js";
import { BOUNDARIES, type Boundary, type LineFilter } from "./lines.js";

export interface BoxMeanOptions {
  /** The box reaches this many voxels to either side, one number or one per axis; 0 leaves an axis alone. Default 1: 3×3×3 voxels. */
  readonly radius?: number | Vec3;
  /** What lies beyond the grid. Default `"replicate"`. */
  readonly boundary?: Boundary;
}

/**
 * The mean of the box of (2·radius + 1)³ voxels around each voxel.
 *
 * @param volume finite voxels, any unit
 * @returns a new volume on that grid, in the same unit
 * @throws `out-of-range` if the radius is not an integer of 0 or more, or a voxel is NaN or infinite
 * @see SciPy `ndimage.uniform_filter`, size 2·radius + 1; its mode `nearest` is our `"replicate"`
 * @example
 * const smooth = boxMean(volume, { radius: 1 });
 */
export function boxMean(volume: Volume, { radius = 1, boundary = "replicate" }: BoxMeanOptions = {}): Volume {
  const radii = typeof radius === "number" ? [radius, radius, radius] : radius;
  if (radii.length !== 3) throw new GadoliniteError("out-of-range", `radius is one number or three, not ${radii.length}.`);
  for (const r of radii) checkNonNegativeInteger("radius", r);
  checkOneOf("boundary", boundary, BOUNDARIES);
  checkFiniteVoxels("The volume", volume.data);
  const plans = radii.map((r) => (r === 0 ? undefined : { halvings: 0, filter: runningMean(r) }));
  return { grid: volume.grid, data: separable(volume, boundary, plans) };
}

function runningMean(radius: number): LineFilter {
  const size = 2 * radius + 1;
  return {
    pad: radius,
    apply(line, out, count) {
      let sum = 0;
      for (let n = 0; n < size; n++) sum += line[n]!;
      for (let i = 0; i < count; i++) {
        out[i] = sum / size;
        sum += line[i + size]! - line[i]!;
      }
    },
  };
}
