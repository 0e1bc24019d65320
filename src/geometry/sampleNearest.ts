import type { Vec3 } from "../core/grid.js";
import type { VoxelArray } from "../core/volume.js";
import { eachRunInside, kept, ROUNDING, type VoxelMap } from "./voxelMap.js";

/** Writes the value of the nearest voxel into each voxel of `out` whose point lies in the volume; ties go to the higher index. */
export function sampleNearest<T extends VoxelArray>(out: T, to: Vec3, data: T, from: Vec3, map: VoxelMap): void {
  eachRunInside(map, from, to, (o, end, x, y, z) => nearestRun(out, o, end, data, from, x, y, z, map));
}

function nearestRun(
  out: VoxelArray,
  o: number,
  end: number,
  data: VoxelArray,
  [ni, nj, nk]: Vec3,
  x0: number,
  y0: number,
  z0: number,
  map: VoxelMap,
): void {
  const half = 0.5 + ROUNDING;
  const dx = map[0]!;
  const dy = map[4]!;
  const dz = map[8]!;
  for (let t = 0; o < end; o++, t++) {
    const x = kept(x0 + dx * t, ni - 1) + half;
    const y = kept(y0 + dy * t, nj - 1) + half;
    const z = kept(z0 + dz * t, nk - 1) + half;
    out[o] = data[(x | 0) + ni * ((y | 0) + nj * (z | 0))]!;
  }
}
