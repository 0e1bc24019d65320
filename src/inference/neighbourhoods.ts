import type { Vec3 } from "../core/grid.js";
import type { Volume } from "../core/volume.js";

/** Neighbourhoods are of 5×5×5 voxels. */
const RADIUS = 2;
const WITHIN = Array.from({ length: 2 * RADIUS + 1 }, (_, n) => n - RADIUS);
const NEIGHBOURS = WITHIN.flatMap((k) => WITHIN.flatMap((j) => WITHIN.map((i): Vec3 => [i, j, k])));

/** Where half of a voxel's neighbours are, in the order of memory; the other half are opposite. */
export const PAIRS: readonly Vec3[] = NEIGHBOURS.slice((NEIGHBOURS.length + 1) / 2);

/** A volume with its last voxels repeated beyond its ends, so that every voxel has all of its neighbours at the same distances in memory. */
export interface Padded {
  readonly data: Float32Array;
  /** Where a voxel of the volume lies. */
  place(voxel: number): number;
  /** Distances to {@link PAIRS}. */
  readonly pairs: Int32Array;
  /** Distances to the first of the five neighbours in each of the 25 rows, in the order of memory. */
  readonly rows: Int32Array;
}

export function padded({ grid, data: from }: Volume): Padded {
  const [ni, nj, nk] = grid.shape;
  const [mi, mj, mk] = [ni + 2 * RADIUS, nj + 2 * RADIUS, nk + 2 * RADIUS];
  const data = new Float32Array(mi * mj * mk);
  const within = (index: number, n: number) => Math.max(0, Math.min(n - 1, index - RADIUS));
  for (let k = 0, to = 0; k < mk; k++)
    for (let j = 0; j < mj; j++) {
      const row = ni * (within(j, nj) + nj * within(k, nk));
      for (let i = 0; i < mi; i++) data[to++] = from[row + within(i, ni)]!;
    }
  const distance = ([i, j, k]: Vec3) => i + mi * (j + mj * k);
  return {
    data,
    place(voxel) {
      const i = voxel % ni;
      const row = (voxel - i) / ni;
      const j = row % nj;
      return i + RADIUS + mi * (j + RADIUS + mj * ((row - j) / nj + RADIUS));
    },
    pairs: Int32Array.from(PAIRS, distance),
    rows: Int32Array.from(NEIGHBOURS.filter(([i]) => i === -RADIUS).map(distance)),
  };
}

/** Reads the means of each pair of opposite neighbours, and the voxel itself last, which is returned, to `start`, `start + step` and so on. */
export function readFeatures(to: Float64Array, start: number, step: number, { data, pairs }: Padded, at: number): number {
  for (let n = 0; n < pairs.length; n++) to[start + n * step] = (data[at + pairs[n]!]! + data[at - pairs[n]!]!) / 2;
  to[start + pairs.length * step] = data[at]!;
  return data[at]!;
}

/** The indices of what belongs to each of so many groups, from 0; a greater number is no group. */
export function listed(groups: Uint8Array, count: number): readonly Uint32Array[] {
  const sizes = new Uint32Array(0x100);
  for (let v = 0; v < groups.length; v++) sizes[groups[v]!]!++;
  const lists = Array.from({ length: count }, (_, group) => new Uint32Array(sizes[group]!));
  const ends = new Uint32Array(count);
  for (let v = 0; v < groups.length; v++) {
    const group = groups[v]!;
    if (group < count) lists[group]![ends[group]!++] = v;
  }
  return lists;
}

/** One in so many of them, evenly, that there are at most `most`. */
export function thinned(voxels: Uint32Array, most: number): Uint32Array {
  const stride = Math.ceil(voxels.length / most);
  return voxels.filter((_, n) => n % stride === 0);
}
