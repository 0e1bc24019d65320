import { type Affine, type Grid, spacingMm, type Vec3 } from "../core/grid.js";
import { checkAffine, composeAffine, invertAffine } from "./affine.js";

/** Row-major 3×4 (or 4×4): voxel (i, j, k, 1) of the new grid → fractional voxel of the old one. */
export type VoxelMap = Affine;

// Voxel centres nearer than this count as one place, as in `sameGrid`: headers store float32.
const SAME_PLACE_MM = 1e-3;

/**
 * The map from the voxels of `to` to those of `from`. Where rounding alone keeps a coordinate from being an integer, or a
 * voxel axis from running along another, the rounding is taken out: grids that share their voxels then share their values.
 */
export function voxelMap(from: Grid, to: Grid, transform?: Affine): VoxelMap {
  if (transform) checkAffine("transform", transform);
  const world = transform ? composeAffine(transform, to.affine) : to.affine;
  const map = Float64Array.from(composeAffine(invertAffine(from.affine), world));
  spacingMm(from).forEach((mm, axis) => {
    withoutRounding(map.subarray(4 * axis, 4 * axis + 4), to.shape, SAME_PLACE_MM / mm);
  });
  return map;
}

/** Rounds a row of the map to integers if that moves no voxel by more than the tolerance (in voxels), else its zeros alone. */
function withoutRounding(row: Float64Array, shape: Vec3, tolerance: number): void {
  const reach = [shape[0] - 1, shape[1] - 1, shape[2] - 1, 1];
  const moved = row.map((v, column) => Math.abs(v - Math.round(v)) * reach[column]!);
  const integer = moved.reduce((sum, v) => sum + v) <= tolerance;
  for (let column = 0; column < 4; column++)
    if (integer) row[column] = Math.round(row[column]!);
    else if (column < 3 && Math.abs(row[column]!) * reach[column]! <= tolerance / 3) row[column] = 0;
}

// Points this little beyond the box, or past the middle between two voxels, are there by rounding only (in voxels).
export const ROUNDING = 1e-6;

/**
 * The first i and the one past the last of row (j, k) of the new grid whose points lie in the old volume: in the box made of
 * its voxels, which ends half a voxel beyond the outermost centres.
 */
export function rangeInside(map: VoxelMap, from: Vec3, count: number, j: number, k: number): readonly [number, number] {
  let [first, last] = [0, count - 1];
  for (let row = 0; row < 3; row++) {
    const step = map[4 * row]!;
    const start = map[4 * row + 1]! * j + map[4 * row + 2]! * k + map[4 * row + 3]!;
    const [low, high] = [-0.5 - ROUNDING - start, from[row]! - 0.5 + ROUNDING - start];
    if (step === 0) {
      if (low > 0 || high < 0) last = -1;
    } else {
      first = Math.max(first, Math.ceil(Math.min(low / step, high / step)));
      last = Math.min(last, Math.floor(Math.max(low / step, high / step)));
    }
  }
  return [first, Math.max(first, last + 1)];
}

/** Index of the first voxel of a run in the new volume, the one past its last, and the old coordinates of the first. */
export type VisitRun = (o: number, end: number, x: number, y: number, z: number) => void;

/** Visits, row by row, the voxels of the new grid whose points lie in the old volume. */
export function eachRunInside(map: VoxelMap, from: Vec3, to: Vec3, visit: VisitRun): void {
  const at = (row: number, i: number, j: number, k: number) =>
    map[row]! * i + map[row + 1]! * j + map[row + 2]! * k + map[row + 3]!;
  for (let k = 0, row = 0; k < to[2]; k++)
    for (let j = 0; j < to[1]; j++, row += to[0]) {
      const [i, end] = rangeInside(map, from, to[0], j, k);
      if (i < end) visit(row + i, row + end, at(0, i, j, k), at(4, i, j, k), at(8, i, j, k));
    }
}

/** A coordinate kept within 0 … end. */
export const kept = (x: number, end: number) => Math.max(0, Math.min(x, end));
