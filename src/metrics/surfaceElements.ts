import type { Box } from "../core/boundingBox.js";
import { createGrid, type Vec3 } from "../core/grid.js";
import type { Mask } from "../core/volume.js";

/** The points that make up a mask's surface, on a small grid around both masks. */
export interface SurfaceElements {
  readonly points: Mask;
  /** Indices of the points, rising. */
  readonly at: Uint32Array;
  /** What each counts: its area in mm², or 1. */
  readonly weights: Float32Array;
}

/** The voxels of a mask that have a face neighbour outside it; what lies beyond the grid is outside. */
export function borderVoxels(mask: Mask, { start, shape }: Box, spacing: Vec3): SurfaceElements {
  const [ni, nj, nk] = shape;
  const [fi, fj] = mask.grid.shape;
  const area = fi * fj;
  const { data } = mask;
  const border = new Uint8Array(ni * nj * nk);
  for (let k = 0, at = 0; k < nk; k++)
    for (let j = 0; j < nj; j++) {
      // Beyond the box there is no voxel of the mask, so all of its faces are border.
      const face = k === 0 || k === nk - 1 || j === 0 || j === nj - 1;
      for (let i = 0, v = start[0] + fi * (start[1] + j + fj * (start[2] + k)); i < ni; i++, v++, at++) {
        if (!data[v]) continue;
        const deep =
          !face &&
          i > 0 &&
          i < ni - 1 &&
          data[v - 1]! & data[v + 1]! & data[v - fi]! & data[v + fi]! & data[v - area]! & data[v + area]!;
        if (!deep) border[at] = 1;
      }
    }
  const at = indicesOf(border);
  return {
    points: { grid: createGrid({ shape, spacingMm: spacing }), data: border },
    at,
    weights: new Float32Array(at.length).fill(1),
  };
}

/**
 * The corners of voxels at which the eight voxels around are not all alike, each with the area of the surface that marching cubes lays between
 * them. What lies beyond the grid is outside.
 */
export function cornerElements(mask: Mask, { start, shape }: Box, spacing: Vec3): SurfaceElements {
  const [ni, nj, nk] = [shape[0] + 1, shape[1] + 1, shape[2] + 1];
  const [fi, fj] = mask.grid.shape;
  const codes = new Uint8Array(ni * nj * nk);
  for (let k = 0; k < shape[2]; k++)
    for (let j = 0; j < shape[1]; j++) {
      const row = start[0] + fi * (start[1] + j + fj * (start[2] + k));
      for (let i = 0; i < shape[0]; i++) {
        if (!mask.data[row + i]) continue;
        // A voxel is neighbour 7 of its near corner, 0 of its far one.
        const near = i + ni * (j + nj * k);
        const above = near + ni * nj;
        codes[near]! |= 128;
        codes[near + 1]! |= 64;
        codes[near + ni]! |= 32;
        codes[near + ni + 1]! |= 16;
        codes[above]! |= 8;
        codes[above + 1]! |= 4;
        codes[above + ni]! |= 2;
        codes[above + ni + 1]! |= 1;
      }
    }
  const points = new Uint8Array(codes.length);
  for (let c = 0; c < codes.length; c++) points[c] = codes[c] === 0 || codes[c] === 255 ? 0 : 1;
  const areas = surfaceAreas(spacing);
  const at = indicesOf(points);
  const weights = new Float32Array(at.length);
  for (let n = 0; n < at.length; n++) weights[n] = areas[codes[at[n]!]!]!;
  return { points: { grid: createGrid({ shape: [ni, nj, nk], spacingMm: spacing }), data: points }, at, weights };
}

function indicesOf(points: Uint8Array): Uint32Array {
  let count = 0;
  for (let v = 0; v < points.length; v++) count += points[v]!;
  const at = new Uint32Array(count);
  for (let v = 0, n = 0; v < points.length; v++) if (points[v]) at[n++] = v;
  return at;
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
