import { type Grid, spacingMm, type Vec3 } from "../core/grid.js";
import type { Mask } from "../core/volume.js";
import { checkOrthogonal } from "../filters/orthogonal.js";
import { voxelToWorld } from "../geometry/voxelToWorld.js";
import { checkMask } from "../internal/check.js";
import type { LesionAxes } from "./lesion.js";

/**
 * Long and short axis of a lesion, as a reader marks them: the longest diameter in any slice, and the longest one at a right angle to it in the
 * same slice.
 *
 * Diameters run between the middles of voxels plus one voxel's extent along the diameter, so that a row of n voxels is n spacings long; ends of the
 * short axis lie within half a voxel. Where slices tie, the one of the lowest k counts.
 *
 * @param mask one lesion, on a grid whose axes are at right angles. A slice is k = constant: axial once the grid is in RAS order (`reorient`)
 * @returns ends of both axes in world mm
 * @throws `empty-mask` if the mask has no voxel, `unsupported` if the grid is sheared
 * @see Eisenhauer et al. 2009, Eur J Cancer 45:228 (RECIST 1.1, longest diameter and longest perpendicular)
 * @example
 * const { longMm, shortMm } = lesionFromAxes(lesionAxes(metastasis));
 */
export function lesionAxes(mask: Mask): LesionAxes {
  checkMask("mask", mask, mask.grid);
  const voxels: number[] = [];
  mask.data.forEach((inside, v) => {
    if (inside) voxels.push(v);
  });
  return axesOfVoxels(voxels, mask.grid);
}

/** The same of voxels given by their indices, in memory order. */
export function axesOfVoxels(voxels: readonly number[], grid: Grid): LesionAxes {
  checkOrthogonal(grid);
  const [ni, nj] = grid.shape;
  const [si, sj] = spacingMm(grid);
  let best: { axes: PlaneAxes; k: number } | undefined;
  for (let first = 0; first < voxels.length; ) {
    const k = Math.floor(voxels[first]! / (ni * nj));
    let end = first;
    while (end < voxels.length && voxels[end]! < (k + 1) * ni * nj) end++;
    const points = voxels.slice(first, end).map((v): Point => [(v % ni) * si, (Math.floor(v / ni) % nj) * sj]);
    const axes = planeAxes(points, [si, sj]);
    if (!best || axes.length > best.axes.length * (1 + 1e-9)) best = { axes, k };
    first = end;
  }
  const { axes, k } = best!;
  const world = ([x, y]: Point): Vec3 => voxelToWorld(grid, [x / si, y / sj, k]);
  return { long: [world(axes.long[0]), world(axes.long[1])], short: [world(axes.short[0]), world(axes.short[1])] };
}

type Point = readonly [number, number];

interface PlaneAxes {
  readonly long: readonly [Point, Point];
  readonly short: readonly [Point, Point];
  readonly length: number;
}

/** Axes of the pixels of one slice, in mm along i and j. */
function planeAxes(points: readonly Point[], pixel: Point): PlaneAxes {
  const [a, b] = farthestPair(convexHull(points));
  const apart = Math.hypot(b[0] - a[0], b[1] - a[1]);
  // One pixel has no direction: its longer side gives it.
  const u: Point = apart > 0 ? [(b[0] - a[0]) / apart, (b[1] - a[1]) / apart] : pixel[0] >= pixel[1] ? [1, 0] : [0, 1];
  const v: Point = [-u[1], u[0]];
  const long: readonly [Point, Point] = [shifted(a, u, -extent(u, pixel) / 2), shifted(b, u, extent(u, pixel) / 2)];
  const short = longestChord(points, a, u, v, pixel);
  const [length, across] = [lengthOf(long), lengthOf(short)];
  // Two flat pixels can be wider than long.
  return across > length ? { long: short, short: long, length: across } : { long, short, length };
}

/** Extent of a pixel along a direction: of the ellipse inscribed in it. */
const extent = (u: Point, pixel: Point) => 1 / Math.hypot(u[0] / pixel[0], u[1] / pixel[1]);

const shifted = (p: Point, u: Point, by: number): Point => [p[0] + by * u[0], p[1] + by * u[1]];

const lengthOf = ([a, b]: readonly [Point, Point]) => Math.hypot(b[0] - a[0], b[1] - a[1]);

/** The longest line at a right angle to the long axis, among lines one pixel apart; of equal ones the nearest to the middle. */
function longestChord(points: readonly Point[], origin: Point, u: Point, v: Point, pixel: Point): readonly [Point, Point] {
  const step = extent(u, pixel);
  const chords = new Map<number, { low: number; high: number }>();
  let last = 0;
  for (const [x, y] of points) {
    const [dx, dy] = [x - origin[0], y - origin[1]];
    const line = Math.round((dx * u[0] + dy * u[1]) / step);
    const across = dx * v[0] + dy * v[1];
    const chord = chords.get(line);
    if (!chord) chords.set(line, { low: across, high: across });
    else {
      chord.low = Math.min(chord.low, across);
      chord.high = Math.max(chord.high, across);
    }
    last = Math.max(last, line);
  }
  const fromMiddle = (line: number) => Math.abs(line - last / 2);
  const [line, { low, high }] = [...chords].reduce((best, chord) => {
    const gain = chord[1].high - chord[1].low - (best[1].high - best[1].low);
    return gain > 1e-9 || (gain > -1e-9 && fromMiddle(chord[0]) < fromMiddle(best[0])) ? chord : best;
  });
  const base = shifted(origin, u, line * step);
  const half = extent(v, pixel) / 2;
  return [shifted(base, v, low - half), shifted(base, v, high + half)];
}

/** Andrew's monotone chain, for points in rising order of y, then x. */
function convexHull(points: readonly Point[]): readonly Point[] {
  const half = (list: readonly Point[]) => {
    const hull: Point[] = [];
    for (const p of list) {
      while (hull.length >= 2 && cross(hull.at(-2)!, hull.at(-1)!, p) <= 0) hull.pop();
      hull.push(p);
    }
    return hull;
  };
  return points.length < 3 ? points : [...half(points).slice(0, -1), ...half([...points].reverse()).slice(0, -1)];
}

const cross = (o: Point, a: Point, b: Point) => (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);

function farthestPair(hull: readonly Point[]): readonly [Point, Point] {
  let pair: readonly [Point, Point] = [hull[0]!, hull[0]!];
  let longest = 0;
  hull.forEach((a, n) => {
    for (const b of hull.slice(n + 1)) {
      const d = lengthOf([a, b]);
      if (d > longest * (1 + 1e-12)) {
        longest = d;
        pair = [a, b];
      }
    }
  });
  return pair;
}
