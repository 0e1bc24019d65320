import { type Affine, type Grid, voxelCount } from "../core/grid.js";
import type { Volume, VoxelArray } from "../core/volume.js";
import { checkFiniteVoxels, checkOneOf } from "../internal/check.js";
import { sampleCubic } from "./sampleCubic.js";
import { sampleLinear } from "./sampleLinear.js";
import { sampleNearest } from "./sampleNearest.js";
import { voxelMap } from "./voxelMap.js";
import { voxelsLike } from "./voxels.js";

/** How values between voxel centres are made: the nearest voxel, trilinear, or the cubic B-spline through all voxels. */
export type Interpolation = "nearest" | "linear" | "cubic";

export interface ResampleOptions {
  /** How values between voxel centres are made. */
  readonly interpolation: Interpolation;
  /** Row-major 4×4, world (mm, RAS+) of `grid` → world of the volume: what a registration with `grid` as fixed gives. Default: identity. */
  readonly transform?: Affine;
  /** Value where the volume does not reach. Default 0. */
  readonly outside?: number;
  /** Limits the result to the smallest and largest voxel of the volume; only cubic interpolation goes beyond them. Default false. */
  readonly clamp?: boolean;
}

/**
 * The volume's values at the voxel centres of another grid.
 *
 *     result(v) = volume(A⁻¹ · T · G · v),   G, A the affines of the new and the old grid, T the transform
 *
 * A volume is the box made of its voxels: it ends half a voxel beyond the outermost centres. In that last half voxel the
 * value at the nearest place between centres goes on; farther out is `outside`. Between centres linear and cubic equal
 * SciPy's `map_coordinates` of order 1 and 3 in its default mode; the spline's mirror boundary is the same.
 *
 * Where every new voxel is an old one (to 0.001 mm, as in `sameGrid`), as after a crop, a flip or on the own grid, values are
 * copied bit for bit. A point midway between voxels takes the one of higher index if `nearest`. Nothing is smoothed: before
 * halving the resolution, or worse, smooth the volume (`gaussian`). For labels and masks see {@link resampleLabels}.
 *
 * @param volume any voxel type; with linear interpolation NaN spreads to the points next to it, with nearest it stays
 * @param grid   where the values are wanted
 * @returns new float32 volume on `grid`
 * @throws `out-of-range` if the interpolation is unknown, the transform is not a finite affine, or a voxel is NaN or infinite
 * where `cubic` would spread it over the volume
 * @see Unser, Aldroubi & Eden 1993, IEEE Trans Signal Process 41:821-833 (cubic)
 * @example
 * const onPre = resample(post, pre.grid, { interpolation: "linear", transform });
 */
export function resample(
  volume: Volume<VoxelArray>,
  grid: Grid,
  { interpolation, transform, outside = 0, clamp = false }: ResampleOptions,
): Volume {
  checkOneOf("interpolation", interpolation, ["nearest", "linear", "cubic"]);
  if (interpolation === "cubic") checkFiniteVoxels("The volume", volume.data);
  const map = voxelMap(volume.grid, grid, transform);
  const data = volume.data instanceof Float32Array ? volume.data : new Float32Array(volume.data);
  const out = voxelsLike(data, voxelCount(grid), outside);
  const [from, to] = [volume.grid.shape, grid.shape];
  // Where every point is a voxel of the volume there is nothing to interpolate.
  if (interpolation === "nearest" || map.every(Number.isInteger)) sampleNearest(out, to, data, from, map);
  else if (interpolation === "linear") sampleLinear(out, to, data, from, map);
  else sampleCubic(out, to, data, from, map, clamp ? limitsOf(data) : { low: -Infinity, high: Infinity });
  return { grid, data: out };
}

function limitsOf(data: Float32Array): { low: number; high: number } {
  let [low, high] = [Infinity, -Infinity];
  for (let v = 0; v < data.length; v++) {
    low = Math.min(low, data[v]!);
    high = Math.max(high, data[v]!);
  }
  return { low, high };
}
