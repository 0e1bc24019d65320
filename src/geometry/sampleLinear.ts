import type { Vec3 } from "../core/grid.js";
import { eachRunInside, kept, type VoxelMap } from "./voxelMap.js";

/** Writes the trilinear value into each voxel of `out` whose point lies in the volume; beyond the outermost centres their value goes on. */
export function sampleLinear(out: Float32Array, to: Vec3, data: Float32Array, from: Vec3, map: VoxelMap): void {
  if (map[4] === 0 && map[8] === 0) {
    const line = new Float64Array(from[0]);
    eachRunInside(map, from, to, (o, end, x, y, z) => straightRun(out, o, end, data, from, x, y, z, map[0]!, line));
  } else eachRunInside(map, from, to, (o, end, x, y, z) => linearRun(out, o, end, data, from, x, y, z, map));
}

/** A run along the old rows: four of them make one line, and the values lie on it. */
function straightRun(
  out: Float32Array,
  o: number,
  end: number,
  data: Float32Array,
  [ni, nj, nk]: Vec3,
  x0: number,
  y0: number,
  z0: number,
  dx: number,
  line: Float64Array,
): void {
  const y = kept(y0, nj - 1);
  const z = kept(z0, nk - 1);
  const yi = Math.min(Math.floor(y), Math.max(nj - 2, 0));
  const zi = Math.min(Math.floor(z), Math.max(nk - 2, 0));
  const xEnd = kept(x0 + dx * (end - o - 1), ni - 1);
  const xLast = Math.max(ni - 2, 0);
  const first = Math.min(Math.floor(Math.min(kept(x0, ni - 1), xEnd)), xLast);
  const last = Math.min(Math.floor(Math.max(kept(x0, ni - 1), xEnd)) + 1, ni - 1);
  const p = ni * (yi + nj * zi);
  const nextY = nj > 1 ? ni : 0;
  const nextZ = nk > 1 ? ni * nj : 0;
  mixRows(line, first, last, data, p, nextY, nextZ, y - yi, z - zi);
  const nextX = ni > 1 ? 1 : 0;
  for (let t = 0; o < end; o++, t++) {
    const x = kept(x0 + dx * t, ni - 1);
    const xi = Math.min(x | 0, xLast);
    out[o] = line[xi]! + (x - xi) * (line[xi + nextX]! - line[xi]!);
  }
}

function mixRows(
  line: Float64Array,
  first: number,
  last: number,
  data: Float32Array,
  p: number,
  nextY: number,
  nextZ: number,
  v: number,
  w: number,
): void {
  for (let i = first; i <= last; i++) {
    const a = data[p + i]!;
    const c = data[p + nextZ + i]!;
    const low = a + v * (data[p + nextY + i]! - a);
    const high = c + v * (data[p + nextY + nextZ + i]! - c);
    line[i] = low + w * (high - low);
  }
}

function linearRun(
  out: Float32Array,
  o: number,
  end: number,
  data: Float32Array,
  [ni, nj, nk]: Vec3,
  x0: number,
  y0: number,
  z0: number,
  map: VoxelMap,
): void {
  const dx = map[0]!;
  const dy = map[4]!;
  const dz = map[8]!;
  // The last voxel that has a next one; an axis of one voxel is its own next.
  const xLast = Math.max(ni - 2, 0);
  const yLast = Math.max(nj - 2, 0);
  const zLast = Math.max(nk - 2, 0);
  const nextX = ni > 1 ? 1 : 0;
  const nextY = nj > 1 ? ni : 0;
  const nextZ = nk > 1 ? ni * nj : 0;
  for (let t = 0; o < end; o++, t++) {
    const x = kept(x0 + dx * t, ni - 1);
    const y = kept(y0 + dy * t, nj - 1);
    const z = kept(z0 + dz * t, nk - 1);
    const xi = Math.min(x | 0, xLast);
    const yi = Math.min(y | 0, yLast);
    const zi = Math.min(z | 0, zLast);
    const u = x - xi;
    const v = y - yi;
    const w = z - zi;
    const p = xi + ni * (yi + nj * zi);
    const q = p + nextY;
    const r = p + nextZ;
    const s = q + nextZ;
    const a = data[p]!;
    const b = data[q]!;
    const c = data[r]!;
    const d = data[s]!;
    const alongA = a + u * (data[p + nextX]! - a);
    const alongB = b + u * (data[q + nextX]! - b);
    const alongC = c + u * (data[r + nextX]! - c);
    const alongD = d + u * (data[s + nextX]! - d);
    const low = alongA + v * (alongB - alongA);
    const high = alongC + v * (alongD - alongC);
    out[o] = low + w * (high - low);
  }
}
