import { GadoliniteError } from "../core/errors.js";
import type { Vec3 } from "../core/grid.js";
import type { VoxelArray } from "../core/volume.js";

const ARRAYS = { Float32Array, Int16Array, Uint16Array, Uint8Array };

/** An array of `length` voxels of the same type as `like`, all of them `value`. */
export function voxelsLike<T extends VoxelArray>(like: T, length: number, value: number): T {
  const Voxels = ARRAYS[like[Symbol.toStringTag] as keyof typeof ARRAYS];
  if (!Voxels)
    throw new GadoliniteError(
      "unsupported",
      `Voxels are held in a Float32Array, Int16Array, Uint16Array or Uint8Array, not in ${Object.prototype.toString.call(like)}.`,
    );
  const voxels = new Voxels(length);
  if (value !== 0) voxels.fill(value);
  // A value that an integer array can't hold would wrap round in silence.
  if (length > 0 && !(voxels instanceof Float32Array) && voxels[0] !== value)
    throw new GadoliniteError(
      "out-of-range",
      `A ${like[Symbol.toStringTag]} can't hold the value ${value}; the nearest it holds is ${voxels[0]}.`,
    );
  return voxels as T;
}

/** Where a box begins in an array of voxels. */
export interface BoxStart {
  readonly data: VoxelArray;
  readonly shape: Vec3;
  readonly start: Vec3;
}

/** Copies a box of `size` voxels from one array to another, row by row. */
export function copyBox(from: BoxStart, to: BoxStart, size: Vec3): void {
  for (let k = 0; k < size[2]; k++)
    for (let j = 0; j < size[1]; j++) {
      const first = rowStart(from, j, k);
      to.data.set(from.data.subarray(first, first + size[0]), rowStart(to, j, k));
    }
}

const rowStart = ({ shape, start }: BoxStart, j: number, k: number) =>
  start[0] + shape[0] * (start[1] + j + shape[1] * (start[2] + k));
