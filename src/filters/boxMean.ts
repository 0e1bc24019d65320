import { GadoliniteError } from "../core/errors.js";
import type { Vec3 } from "../core/grid.js";
import type { Volume } from "../core/volume.js";
import { checkFiniteVoxels, checkNonNegativeInteger, checkOneOf } from "../internal/check.js";
import { BOUNDARIES, type Boundary, filterLines, type LineFilter, standsAt } from "./lines.js";

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
  let data = volume.data;
  for (const axis of [0, 1, 2] as const) {
    if (radii[axis] === 0) continue;
    const out = new Float32Array(data.length);
    if (axis === 0) filterLines(data, out, volume.grid.shape, 0, boundary, runningMean(radii[0]!));
    else meanAcross(data, out, volume.grid.shape, axis, boundary, radii[axis]!);
    data = out;
  }
  return { grid: volume.grid, data: data === volume.data ? data.slice() : data };
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

/** Running means along j or k of whole rows at once, in float64. */
function meanAcross(
  source: Float32Array,
  target: Float32Array,
  shape: Vec3,
  axis: 1 | 2,
  boundary: Boundary,
  radius: number,
): void {
  const [row] = shape;
  const count = shape[axis];
  const stride = axis === 1 ? row : row * shape[1];
  const size = 2 * radius + 1;
  const sum = new Float64Array(row);
  for (let slab = 0; slab < source.length; slab += stride * count)
    for (let first = slab; first < slab + stride; first += row) {
      sum.fill(0);
      for (let n = -radius; n <= radius; n++) {
        const at = standsAt(n, count, boundary);
        if (at >= 0) for (let i = 0; i < row; i++) sum[i]! += source[first + at * stride + i]!;
      }
      for (let n = 0; n < count; n++) {
        const entering = standsAt(n + radius + 1, count, boundary);
        const leaving = standsAt(n - radius, count, boundary);
        const at = (row: number) => (row < 0 ? -1 : first + row * stride);
        slideRow(sum, source, target, first + n * stride, at(entering), at(leaving), size);
      }
    }
}

/** Writes the means of one row and moves the sums on to the next; −1 stands for a row of zeros. */
function slideRow(
  sum: Float64Array,
  source: Float32Array,
  target: Float32Array,
  to: number,
  entering: number,
  leaving: number,
  size: number,
): void {
  const [plus, minus] = [entering < 0 ? 0 : 1, leaving < 0 ? 0 : 1];
  const [from, past] = [Math.max(0, entering), Math.max(0, leaving)];
  for (let i = 0; i < sum.length; i++) {
    const s = sum[i]!;
    target[to + i] = s / size;
    sum[i] = s + plus * source[from + i]! - minus * source[past + i]!;
  }
}
