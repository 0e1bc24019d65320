import type { ByteSource } from "./byteSource.js";
import type { NiftiHeader } from "./niftiHeader.js";
import { HOST_LITTLE_ENDIAN, NIFTI_TYPES, swapBytes } from "./niftiTypes.js";

/** Voxels decoded at a time: what is staged stays within a processor's cache. */
const BLOCK = 1 << 16;

const ARRAYS = {
  uint8: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float64: Float64Array,
};

export interface StoredVoxels extends Pick<NiftiHeader, "dtype" | "littleEndian"> {
  /** Applied to what is stored, in float64; 1 and 0 if there is no scaling. */
  readonly slope: number;
  readonly intercept: number;
}

/** Reads as many voxels as `out` holds; each is rounded to float32 once. */
export async function readVoxels(
  source: ByteSource,
  { dtype, littleEndian, slope, intercept }: StoredVoxels,
  out: Float32Array,
  onBlock: (done: number) => void,
): Promise<void> {
  const { bytes } = NIFTI_TYPES[dtype];
  const block = Math.min(BLOCK, out.length);
  // float32 is read where it belongs. What float32 holds exactly is converted there; the rest goes through float64.
  const inPlace = dtype === "float32";
  const exact = inPlace || bytes < 4;
  const staged = new Uint8Array(inPlace ? 0 : block * bytes);
  const wide = new Float64Array(exact ? 0 : block);
  for (let done = 0; done < out.length; ) {
    const part = out.subarray(done, done + block);
    const length = part.length * bytes;
    const raw = inPlace ? new Uint8Array(part.buffer, part.byteOffset, length) : staged.subarray(0, length);
    await source.read(raw);
    if (littleEndian !== HOST_LITTLE_ENDIAN) swapBytes(raw, bytes);
    const values = exact ? part : wide.subarray(0, part.length);
    if (dtype === "int64" || dtype === "uint64") widen64(staged.buffer, dtype === "int64", values);
    else if (dtype !== "float32") values.set(new ARRAYS[dtype](staged.buffer, 0, part.length));
    if (slope !== 1 || intercept !== 0) scale(values, slope, intercept);
    if (!exact) part.set(values);
    done += part.length;
    onBlock(done);
  }
}

function scale(values: Float32Array | Float64Array, slope: number, intercept: number): void {
  for (let i = 0; i < values.length; i++) values[i] = values[i]! * slope + intercept;
}

/** 64-bit integers as the nearest float64. */
function widen64(buffer: ArrayBuffer, signed: boolean, out: Float32Array | Float64Array): void {
  const low = new Uint32Array(buffer);
  const high = signed ? new Int32Array(buffer) : low;
  const first = HOST_LITTLE_ENDIAN ? 0 : 1;
  for (let i = 0; i < out.length; i++) out[i] = high[2 * i + 1 - first]! * 2 ** 32 + low[2 * i + first]!;
}
