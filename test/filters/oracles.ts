import { type Mask, spacingMm, type Vec3, type Volume } from "../../src/index.js";
import { eachVoxel } from "../support/oracles.js";

export type Boundary = "replicate" | "reflect" | "zero";

/** Index of the voxel that stands at n on a line of `count`, −1 for none. */
function standsAt(n: number, count: number, boundary: Boundary): number {
  if (n >= 0 && n < count) return n;
  if (boundary === "zero") return -1;
  if (boundary === "replicate") return n < 0 ? 0 : count - 1;
  // Fold the line back at one outer edge after the other.
  return standsAt(n < 0 ? -1 - n : 2 * count - 1 - n, count, boundary);
}

/** Convolution along the three axes with kernels given by their halves, in float64, each product by itself. */
export function slowSeparable({ grid, data }: Volume, halves: readonly Float64Array[], boundary: Boundary): Float64Array {
  const { shape } = grid;
  const strides = [1, shape[0], shape[0] * shape[1]];
  let source = Float64Array.from(data);
  halves.forEach((half, axis) => {
    const out = new Float64Array(source.length);
    eachVoxel(shape, (i, j, k, v) => {
      const n = [i, j, k][axis]!;
      for (let m = 1 - half.length; m < half.length; m++) {
        const at = standsAt(n + m, shape[axis]!, boundary);
        if (at >= 0) out[v]! += half[Math.abs(m)]! * source[v + (at - n) * strides[axis]!]!;
      }
    });
    source = out;
  });
  return source;
}

/** For each voxel the least distance in mm to a masked one, by asking all of them. */
export function slowDistances({ grid, data }: Mask): Float64Array {
  const spacing = spacingMm(grid);
  const inside: Vec3[] = [];
  eachVoxel(grid.shape, (i, j, k, v) => {
    if (data[v]) inside.push([i, j, k]);
  });
  const out = new Float64Array(data.length);
  eachVoxel(grid.shape, (i, j, k, v) => {
    const to = inside.map((m) => Math.hypot((m[0] - i) * spacing[0], (m[1] - j) * spacing[1], (m[2] - k) * spacing[2]));
    out[v] = Math.min(Infinity, ...to);
  });
  return out;
}

/** Whether two different voxels touch. */
export function touch(a: Vec3, b: Vec3, connectivity: 6 | 18 | 26): boolean {
  const d = a.map((x, axis) => Math.abs(x - b[axis]!));
  const faces = { 6: 1, 18: 2, 26: 3 }[connectivity];
  const sum = d[0]! + d[1]! + d[2]!;
  return Math.max(...d) === 1 && sum <= faces;
}

const positions = (shape: Vec3): Vec3[] => {
  const all: Vec3[] = [];
  eachVoxel(shape, (i, j, k) => {
    all.push([i, j, k]);
  });
  return all;
};

/** Components by flooding from each voxel in memory order: for each voxel the first voxel of its component, −1 outside. */
export function slowComponents({ grid, data }: Mask, connectivity: 6 | 18 | 26): Int32Array {
  const at = positions(grid.shape);
  const first = new Int32Array(data.length).fill(-1);
  for (let seed = 0; seed < data.length; seed++) {
    if (!data[seed] || first[seed]! >= 0) continue;
    const queue = [seed];
    first[seed] = seed;
    for (let v = queue.pop(); v !== undefined; v = queue.pop())
      for (let u = 0; u < data.length; u++)
        if (data[u] && first[u]! < 0 && touch(at[u]!, at[v]!, connectivity)) {
          first[u] = seed;
          queue.push(u);
        }
  }
  return first;
}

/** One step of growth, asking all pairs of voxels. */
export function slowDilate({ grid, data }: Mask, connectivity: 6 | 18 | 26): Uint8Array {
  const at = positions(grid.shape);
  return data.map((value, v) => (value || data.some((other, u) => other && touch(at[u]!, at[v]!, connectivity)) ? 1 : 0));
}
