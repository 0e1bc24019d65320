import type { Vec3 } from "../../core/grid.js";
import type { Draws } from "../procedural/draws.js";

/** One of the 48 ways to turn and mirror a cube: axis a of the result is axis `axes[a]` of the input, run backwards where `flips[a]`. */
export interface Symmetry {
  readonly axes: Vec3;
  readonly flips: readonly [boolean, boolean, boolean];
}

const ORDERS: readonly Vec3[] = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

/** Any of the 48: flips, permutations of the axes, and with both every rotation by right angles. */
export const drawSymmetry = (draws: Draws): Symmetry => ({
  axes: ORDERS[draws.integer(6)]!,
  flips: [draws.chance(0.5), draws.chance(0.5), draws.chance(0.5)],
});

/** What undoes a symmetry. */
export function inverseSymmetry({ axes, flips }: Symmetry): Symmetry {
  const back = [0, 1, 2].map((axis) => axes.indexOf(axis));
  return { axes: back as unknown as Vec3, flips: back.map((axis) => flips[axis]!) as [boolean, boolean, boolean] };
}

/** Shape of the input whose result has the given shape. */
export const sourceShape = (shape: Vec3, { axes }: Symmetry): Vec3 =>
  [0, 1, 2].map((axis) => shape[axes.indexOf(axis)]!) as unknown as Vec3;

/** Moves the voxels of an array of `sourceShape(shape, symmetry)` into a new one of `shape`; i runs fastest in both. */
export function turnVoxels<T extends Float32Array | Uint8Array>(data: T, shape: Vec3, symmetry: Symmetry): T {
  const { axes, flips } = symmetry;
  const from = sourceShape(shape, symmetry);
  const strides = [1, from[0], from[0] * from[1]];
  const step = [0, 1, 2].map((a) => strides[axes[a]!]! * (flips[a] ? -1 : 1)) as [number, number, number];
  let start = 0;
  for (let a = 0; a < 3; a++) if (flips[a]) start += (shape[a]! - 1) * strides[axes[a]!]!;
  const out = new (data.constructor as { new (length: number): T })(data.length);
  for (let k = 0, to = 0; k < shape[2]; k++)
    for (let j = 0; j < shape[1]; j++) {
      let v = start + j * step[1] + k * step[2];
      for (let i = 0; i < shape[0]; i++, to++, v += step[0]) out[to] = data[v]!;
    }
  return out;
}
