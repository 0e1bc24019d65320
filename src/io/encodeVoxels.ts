import { GadoliniteError } from "../core/errors.js";
import type { VoxelArray } from "../core/volume.js";

/** Types in which voxels are written, and the arrays that hold them. */
export const WRITABLE_ARRAYS = {
  uint8: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float32: Float32Array,
  float64: Float64Array,
};

export type WritableDtype = keyof typeof WRITABLE_ARRAYS;

export type WritableArray = InstanceType<(typeof WRITABLE_ARRAYS)[WritableDtype]>;

const RANGES: Readonly<Partial<Record<WritableDtype, readonly [number, number]>>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  int16: [-32768, 32767],
  uint16: [0, 65535],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
};

// So large a float64 has no room for a fraction: adding it rounds to an integer, halves to even, and taking it away leaves that.
const ROUNDING = 1.5 * 2 ** 52;

export interface EncodeVoxelsOptions {
  readonly dtype: WritableDtype;
  readonly slope: number;
  readonly intercept: number;
}

/** Fills `out` with (voxel − intercept) / slope; integers are rounded, halves to even. Throws `out-of-range` if one does not fit. */
export function encodeVoxels(data: VoxelArray, out: WritableArray, { dtype, slope, intercept }: EncodeVoxelsOptions): void {
  const range = RANGES[dtype];
  const scaled = slope !== 1 || intercept !== 0;
  if (!scaled && (range === undefined || data instanceof WRITABLE_ARRAYS[dtype])) {
    out.set(data);
    return;
  }
  if (range === undefined) {
    for (let i = 0; i < out.length; i++) out[i] = (data[i]! - intercept) / slope;
    return;
  }
  const [low, high] = range;
  for (let i = 0; i < out.length; i++) {
    const rounded = (data[i]! - intercept) / slope + ROUNDING - ROUNDING;
    // NaN is on neither side.
    if (!(rounded >= low && rounded <= high)) throw misfit(data, i, dtype, range, scaled);
    out[i] = rounded;
  }
}

function misfit(data: VoxelArray, index: number, dtype: WritableDtype, [low, high]: readonly [number, number], scaled: boolean) {
  let min = Infinity;
  let max = -Infinity;
  for (const value of data) {
    if (!Number.isFinite(value))
      return new GadoliniteError(
        "out-of-range",
        `Voxels that are NaN or infinite can't be stored as ${dtype}. Replace them, or write float32.`,
      );
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  // A little wider than the voxels reach, so that the rounding of these two numbers, to float32 too, does no harm.
  const reach = (max - min) * 1.001 + Math.max(Math.abs(min), Math.abs(max)) * 2 ** -21;
  const slope = Number((reach / (high - low) || 1).toPrecision(6));
  const intercept = Number(((min + max) / 2 - (slope * (low + high)) / 2).toPrecision(9));
  return new GadoliniteError(
    "out-of-range",
    `Voxel ${index} is ${data[index]}, and ${dtype} holds ${low} to ${high}${scaled ? " with this slope and intercept" : ""}. Write float32, or scale: ` +
      `the voxels reach from ${min} to ${max}, so slope ${slope} with intercept ${intercept} would fit.`,
  );
}
