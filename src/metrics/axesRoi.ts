import { GadoliniteError } from "../core/errors.js";
import type { Grid, Vec3 } from "../core/grid.js";
import type { Mask } from "../core/volume.js";
import { worldToVoxel } from "../geometry/voxelToWorld.js";
import { checkOneOf } from "../internal/check.js";
import { type LesionAxes, middle } from "./lesion.js";

export interface AxesRoiOptions {
  /**
   * What the paper's "parallelogram built from the long and short axes" means: `"diagonals"` (default), the axes are its diagonals and their ends its
   * corners, so that it stays inside the lesion's convex hull; or `"sides"`, its sides run along the axes, twice the area.
   */
  readonly shape?: "diagonals" | "sides";
}

/**
 * The region of interest that two axes span, in the slice in which they lie.
 *
 * Voxels whose middle lies in the quadrilateral or on its border belong. A region that holds no voxel's middle is the voxel at the middle of the
 * long axis.
 *
 * @param axes ends of the axes in world mm
 * @param grid grid of the result; its slice nearest to the axes' middle counts
 * @returns a mask with at least one voxel
 * @throws `out-of-range` if an end isn't finite, the axes' middle lies outside the grid, or `shape` is unknown
 * @see Bône et al. 2022, Invest Radiol 57:527, "Performance metrics" (which leaves the parallelogram open)
 * @example
 * const ratio = cnr(post, axesRoi(axes, post.grid), healthyBrain);
 */
export function axesRoi({ long, short }: LesionAxes, grid: Grid, { shape = "diagonals" }: AxesRoiOptions = {}): Mask {
  checkOneOf("shape", shape, ["diagonals", "sides"]);
  const ends = [...long, ...short].map((p) => worldToVoxel(grid, p));
  const center = worldToVoxel(grid, middle(long)).map(Math.round) as unknown as Vec3;
  // -0.4 rounds to -0, which is inside.
  if (!ends.flat().every(Number.isFinite) || center.some((n, axis) => n < 0 || n >= grid.shape[axis]!))
    throw new GadoliniteError(
      "out-of-range",
      `The axes must be finite and have their middle, voxel [${center}], inside the grid of ${grid.shape.join("×")}.`,
    );
  const k = Math.round(ends.reduce((sum, p) => sum + p[2], 0) / 4);
  const corners = shape === "diagonals" ? [ends[0]!, ends[2]!, ends[1]!, ends[3]!] : parallelogram(ends);
  const [ni, nj, nk] = grid.shape;
  const inside = new Uint8Array(ni * nj * nk);
  const slice = Math.min(nk - 1, Math.max(0, k)) * ni * nj;
  const [i0, i1] = rangeOf(corners, 0, ni);
  const [j0, j1] = rangeOf(corners, 1, nj);
  let any = false;
  for (let j = j0; j <= j1; j++)
    for (let i = i0; i <= i1; i++)
      if (contains(corners, i, j)) {
        inside[slice + i + ni * j] = 1;
        any = true;
      }
  if (!any) inside[slice + center[0] + ni * center[1]] = 1;
  return { grid, data: inside };
}

/** Corners of the parallelogram about the long axis' middle with the axes as its sides. */
function parallelogram([a, b, c, d]: readonly Vec3[]): readonly Vec3[] {
  const center = middle([a!, b!]);
  const corner = (s: number, t: number) =>
    center.map((m, n) => m + (s * (b![n]! - a![n]!) + t * (d![n]! - c![n]!)) / 2) as unknown as Vec3;
  return [corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)];
}

/** First and last voxel along an axis that the corners span, within the grid. */
function rangeOf(corners: readonly Vec3[], axis: 0 | 1, n: number): readonly [number, number] {
  const values = corners.map((p) => p[axis]);
  return [Math.max(0, Math.floor(Math.min(...values))), Math.min(n - 1, Math.ceil(Math.max(...values)))];
}

/** Whether a point lies in a polygon (even–odd) or on its border, to a millionth of a voxel. */
function contains(corners: readonly Vec3[], x: number, y: number): boolean {
  let inside = false;
  for (let n = 0; n < corners.length; n++) {
    const [x0, y0] = corners[n]!;
    const [x1, y1] = corners[(n + 1) % corners.length]!;
    const [dx, dy] = [x1 - x0, y1 - y0];
    const t = Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy || 1)));
    if (Math.hypot(x0 + t * dx - x, y0 + t * dy - y) < 1e-6) return true;
    if (y0 > y !== y1 > y && x < x0 + ((y - y0) / dy) * dx) inside = !inside;
  }
  return inside;
}
