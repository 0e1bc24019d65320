import fc from "fast-check";
import { createGrid, createVolume, type Grid, type Vec3, type Volume, type VoxelArray } from "../../src/index.js";
import { affine, grid, maskOn, volume } from "../support/arbitraries.js";
import { eachVoxel } from "../support/oracles.js";

/** Volumes of every voxel type, and masks. */
export const anyVolume = (max = 7): fc.Arbitrary<Volume<VoxelArray>> =>
  fc.oneof(
    volume(max),
    grid(max).chain(maskOn),
    integers(Int16Array, -32768, 32767, max),
    integers(Uint16Array, 0, 65535, max),
    integers(Uint8Array, 0, 255, max),
  );

function integers(
  Voxels: { from(values: number[]): Int16Array | Uint16Array | Uint8Array },
  min: number,
  max: number,
  size: number,
): fc.Arbitrary<Volume<VoxelArray>> {
  return grid(size).chain((g) => {
    const n = g.shape[0] * g.shape[1] * g.shape[2];
    return fc.array(fc.integer({ min, max }), { minLength: n, maxLength: n }).map((v) => createVolume(Voxels.from(v), g));
  });
}

/** Every voxel with its place in the world, in micrometres, sorted: the same for two volumes that differ by order alone. */
export const placedVoxels = (
  { grid: { shape, affine: a }, data }: Volume<VoxelArray>,
  keep: (v: number) => boolean = () => true,
) => {
  const placed: string[] = [];
  eachVoxel(shape, (i, j, k, n) => {
    const world = [0, 4, 8].map((r) => a[r]! * i + a[r + 1]! * j + a[r + 2]! * k + a[r + 3]!);
    if (keep(data[n]!)) placed.push(`${world.map((mm) => Math.round(mm * 1000) || 0).join(" ")}: ${data[n]}`);
  });
  return placed.sort();
};

/** The largest distance in mm of corresponding corner voxels of two grids of one shape. */
export const cornerDistanceMm = (a: Grid, b: Grid): number => {
  let max = 0;
  for (let corner = 0; corner < 8; corner++) {
    const at = a.shape.map((n, axis) => ((corner >> axis) & 1) * (n - 1));
    const place = (m: Grid["affine"], r: number) => m[r]! * at[0]! + m[r + 1]! * at[1]! + m[r + 2]! * at[2]! + m[r + 3]!;
    max = Math.max(max, Math.hypot(...[0, 4, 8].map((r) => place(a.affine, r) - place(b.affine, r))));
  }
  return max;
};

/** A volume whose value is a linear function of the world. */
export const worldLinear = (g: Grid, [x, y, z, offset]: readonly [number, number, number, number]): Volume => {
  const data = new Float32Array(g.shape[0] * g.shape[1] * g.shape[2]);
  const a = g.affine;
  eachVoxel(g.shape, (i, j, k, n) => {
    const [wx, wy, wz] = [0, 4, 8].map((r) => a[r]! * i + a[r + 1]! * j + a[r + 2]! * k + a[r + 3]!) as unknown as Vec3;
    data[n] = x * wx + y * wy + z * wz + offset;
  });
  return createVolume(data, g);
};

/** All 48 axis codes. */
export const AXIS_CODES: readonly string[] = ["LR", "PA", "IS"]
  .flatMap((a, n, pairs) => pairs.flatMap((b, m) => (n === m ? [] : [[a, b, pairs[3 - n - m]!]])))
  .flatMap((pairs) => [...pairs[0]!].flatMap((a) => [...pairs[1]!].flatMap((b) => [...pairs[2]!].map((c) => a + b + c))));

/** A grid and another, of unrelated affine, whose voxels lie well among the first's. */
export const gridAndAnother = (max = 7): fc.Arbitrary<[Grid, Grid]> =>
  fc.tuple(grid(max), grid(max), affine()).map(([a, b, m]) => {
    const moved = Float64Array.from(m);
    for (const row of [0, 1, 2]) moved[4 * row + 3] = a.affine[4 * row + 3]!;
    return [a, createGrid({ shape: b.shape, affine: moved })];
  });
