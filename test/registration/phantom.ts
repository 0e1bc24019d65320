import { applyAffine } from "../../src/geometry/index.js";
import { voxelToWorld } from "../../src/geometry/voxelToWorld.js";
import { type Affine, createVolume, type Mask, type Volume } from "../../src/index.js";
import { createPhantom } from "../../src/phantom/index.js";
import { eachVoxel } from "../support/oracles.js";

/** A small head with and without agent, both as it lay in the first scan: voxels of 3.4 mm. */
export const smallHead = () => createPhantom({ seed: 3, shape: [52, 62, 52] });

/** The rotation about an axis through a point, then a shift, by Rodrigues' formula. */
export function rigidMotion(deg: number, axis: readonly number[], shiftMm: readonly number[], about: readonly number[]): Affine {
  const length = Math.hypot(...axis);
  const [x, y, z] = axis.map((v) => v / length) as [number, number, number];
  const [c, s] = [Math.cos((deg * Math.PI) / 180), Math.sin((deg * Math.PI) / 180)];
  const rows = [
    [c + x * x * (1 - c), x * y * (1 - c) - z * s, x * z * (1 - c) + y * s],
    [y * x * (1 - c) + z * s, c + y * y * (1 - c), y * z * (1 - c) - x * s],
    [z * x * (1 - c) - y * s, z * y * (1 - c) + x * s, c + z * z * (1 - c)],
  ];
  const shift = rows.map((row, n) => about[n]! + shiftMm[n]! - row.reduce((sum, v, m) => sum + v * about[m]!, 0));
  return Float64Array.from([...rows.flatMap((row, n) => [...row, shift[n]!]), 0, 0, 0, 1]);
}

/** How far two transforms put the voxels of a mask apart, in mm. */
export function distances(a: Affine, b: Affine, { grid, data }: Mask): { mean: number; max: number } {
  let [sum, max, count] = [0, 0, 0];
  eachVoxel(grid.shape, (i, j, k, index) => {
    if (!data[index]) return;
    const world = voxelToWorld(grid, [i, j, k]);
    const [p, q] = [applyAffine(a, world), applyAffine(b, world)];
    const distance = Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
    sum += distance;
    count++;
    max = Math.max(max, distance);
  });
  return { mean: sum / count, max };
}

/** The volume with other voxels. */
export const mapped = (volume: Volume, f: (value: number, index: number) => number): Volume =>
  createVolume(volume.data.map(f), volume.grid);
