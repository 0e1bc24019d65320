import type { Box } from "../core/boundingBox.js";
import { createGrid, type Vec3 } from "../core/grid.js";
import type { Mask } from "../core/volume.js";

/** The points that make up a mask's surface, on a small grid around both masks, and how much each counts. */
export interface SurfaceElements {
  readonly points: Mask;
  /** For each voxel of that grid: area in mm², or 1; 0 off the surface. */
  readonly weights: Float32Array;
}

/** The voxels of a mask that have a face neighbour outside it; what lies beyond the grid is outside. */
export function borderVoxels(mask: Mask, { start, shape }: Box, spacing: Vec3): SurfaceElements {
  const [ni, nj, nk] = shape;
  const [fi, fj] = mask.grid.shape;
  const { data } = mask;
  const border = new Uint8Array(ni * nj * nk);
  for (let k = 0, at = 0; k < nk; k++)
    for (let j = 0; j < nj; j++)
      for (let i = 0, v = start[0] + fi * (start[1] + j + fj * (start[2] + k)); i < ni; i++, v++, at++)
        if (data[v]) {
          // Beyond the box there is no voxel of the mask.
          const within = i > 0 && i < ni - 1 && j > 0 && j < nj - 1 && k > 0 && k < nk - 1;
          const area = fi * fj;
          const deep = within && data[v - 1] && data[v + 1] && data[v - fi] && data[v + fi] && data[v - area] && data[v + area];
          border[at] = deep ? 0 : 1;
        }
  return { points: { grid: createGrid({ shape, spacingMm: spacing }), data: border }, weights: Float32Array.from(border) };
}

/**
 * The corners of voxels at which the eight voxels around are not all alike, each with the area of the surface that marching cubes lays between
 * them. What lies beyond the grid is outside.
 */
export function cornerElements(mask: Mask, { start, shape }: Box, spacing: Vec3): SurfaceElements {
  const [ni, nj, nk] = shape.map((n) => n + 1) as unknown as Vec3;
  const [fi, fj] = mask.grid.shape;
  const codes = new Uint8Array(ni * nj * nk);
  for (let k = 0; k < shape[2]; k++)
    for (let j = 0; j < shape[1]; j++)
      for (let i = 0, v = start[0] + fi * (start[1] + j + fj * (start[2] + k)); i < shape[0]; i++, v++)
        if (mask.data[v]) {
          // A voxel is neighbour 0 … 7 of its eight corners, from the far one to the near one.
          const near = i + ni * (j + nj * k);
          for (let n = 0; n < 8; n++) codes[near + (n & 1 ? 0 : 1) + (n & 2 ? 0 : ni) + (n & 4 ? 0 : ni * nj)]! |= 1 << n;
        }
  const areas = surfaceAreas(spacing);
  const weights = Float32Array.from(codes, (code) => areas[code]!);
  const points = codes.map((code) => (code === 0 || code === 255 ? 0 : 1));
  return { points: { grid: createGrid({ shape: [ni, nj, nk], spacingMm: spacing }), data: points }, weights };
}

/**
 * Area in mm² of the surface between a cube's eight corners for each of the 256 ways to have them inside or outside. Bit n of the code is the
 * corner at (n & 1, n & 2, n & 4). The surface runs through the middles of the edges, around each connected group of the fewer kind.
 *
 * The groups and their areas, from the triangles of Lorensen and Cline 1987, SIGGRAPH 21:163, with A the areas of the voxel's faces and
 * |A| the length of (A_i, A_j, A_k): one corner |A|/8; an edge along a √(A_b² + A_c²)/2; three in a plane across a A_a/2 + 3|A|/8; a face
 * across a A_a; a corner with its three neighbours 3|A|/4; a path through all directions, a in the middle,
 * |A|/2 + (√(A_a² + A_b²) + √(A_a² + A_c²))/4.
 */
export function surfaceAreas([si, sj, sk]: Vec3): Float64Array {
  const face: Vec3 = [sj * sk, si * sk, si * sj];
  return Float64Array.from({ length: 256 }, (_, code) => {
    const inside = corners(code);
    const fewer = inside.length > 4 ? corners(255 - code) : inside;
    return groupsOf(fewer).reduce((sum, group) => sum + groupArea(group, face), 0);
  });
}

const corners = (code: number) => [0, 1, 2, 3, 4, 5, 6, 7].filter((n) => (code >> n) & 1);

/** Axis along which two corners are neighbours, or −1. */
const axisBetween = (a: number, b: number) => [1, 2, 4].indexOf(a ^ b);

function groupsOf(list: readonly number[]): readonly (readonly number[])[] {
  const groups: number[][] = [];
  for (const corner of list) {
    const touching = groups.filter((group) => group.some((other) => axisBetween(corner, other) >= 0));
    for (const group of touching) groups.splice(groups.indexOf(group), 1);
    groups.push([corner, ...touching.flat()]);
  }
  return groups;
}

function groupArea(group: readonly number[], face: Vec3): number {
  const all = Math.hypot(...face);
  const links = group
    .flatMap((a, n) => group.slice(n + 1).map((b) => ({ a, b, axis: axisBetween(a, b) })))
    .filter((l) => l.axis >= 0);
  const along = (axis: number) => links.filter((l) => l.axis === axis).length;
  const across = [0, 1, 2].find((axis) => along(axis) === 0)!;
  switch (group.length) {
    case 1:
      return all / 8;
    case 2:
      return Math.hypot(...face.filter((_, axis) => axis !== links[0]!.axis)) / 2;
    case 3:
      return face[across]! / 2 + (3 * all) / 8;
  }
  if (links.length === 4) return face[across]!;
  const degree = (corner: number) => links.filter(({ a, b }) => a === corner || b === corner).length;
  if (group.some((corner) => degree(corner) === 3)) return (3 * all) / 4;
  const middle = links.find(({ a, b }) => degree(a) === 2 && degree(b) === 2)!.axis;
  const [b, c] = face.filter((_, axis) => axis !== middle);
  return all / 2 + (Math.hypot(face[middle]!, b!) + Math.hypot(face[middle]!, c!)) / 4;
}
