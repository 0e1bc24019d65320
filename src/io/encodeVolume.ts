import { GadoliniteError } from "../core/errors.js";
import { voxelCount } from "../core/grid.js";
import type { Volume, VoxelArray } from "../core/volume.js";
import { checkOneOf } from "../internal/check.js";
import { encodeVoxels, WRITABLE_ARRAYS, type WritableArray, type WritableDtype } from "./encodeVoxels.js";
import { HOST_LITTLE_ENDIAN, NIFTI_TYPES, swapBytes } from "./niftiTypes.js";

/** The type of a volume's array. */
export function dtypeOf(data: VoxelArray): WritableDtype {
  for (const dtype of ["float32", "int16", "uint16", "uint8"] as const) if (data instanceof WRITABLE_ARRAYS[dtype]) return dtype;
  throw new GadoliniteError("out-of-range", "A volume's voxels are a Float32Array, Int16Array, Uint16Array or Uint8Array.");
}

/** The voxels of a volume as an array of a type: the volume's own array if it is of that type. Throws `out-of-range` if one does not fit, or the array is not of the grid's size. */
export function encodeVolume({ data, grid }: Volume<VoxelArray>, dtype: WritableDtype): WritableArray {
  checkOneOf("dtype", dtype, Object.keys(WRITABLE_ARRAYS) as WritableDtype[]);
  if (data.length !== voxelCount(grid))
    throw new GadoliniteError("out-of-range", `A grid of ${voxelCount(grid)} voxels needs as many values, not ${data.length}.`);
  if (data instanceof WRITABLE_ARRAYS[dtype]) return data as WritableArray;
  const out = new WRITABLE_ARRAYS[dtype](data.length);
  encodeVoxels(data, out, { dtype, slope: 1, intercept: 0 });
  return out;
}

/** Voxels as bytes of one byte order, after so many bytes that are left free. */
export function bytesOf(voxels: WritableArray, dtype: WritableDtype, littleEndian: boolean, free = 0): Uint8Array<ArrayBuffer> {
  const size = NIFTI_TYPES[dtype].bytes;
  // The voxels begin at a multiple of their size, so that they can be turned round in place.
  const before = Math.ceil(free / size) * size;
  const bytes = new Uint8Array(before + voxels.byteLength);
  bytes.set(new Uint8Array(voxels.buffer, voxels.byteOffset, voxels.byteLength), before);
  if (littleEndian !== HOST_LITTLE_ENDIAN) swapBytes(bytes.subarray(before), size);
  return bytes.subarray(before - free);
}

/** A file in two: the text that describes the voxels, and the voxels. */
export interface DetachedFile {
  readonly header: Uint8Array<ArrayBuffer>;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** Both parts in one. */
export function joined({ header, data }: DetachedFile): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(header.length + data.length);
  bytes.set(header);
  bytes.set(data, header.length);
  return bytes;
}

/** Throws `out-of-range` unless a name is that of a file in the same folder, whole on one line. */
export function checkPlainName(name: string): void {
  if (!isPlainName(name))
    throw new GadoliniteError(
      "out-of-range",
      `dataFile must be the name of a file in the same folder, not ${JSON.stringify(name)}.`,
    );
}

/** Whether a name is one file's in the same folder: no folder, drive or control character in it, nor what headers read as several files. */
export const isPlainName = (name: string): boolean =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is kept out
  !/[/\\:%\u0000-\u001f\u007f]/.test(name) && name.trim() === name && !/^(\.{0,2}|local|list(\s.*)?)$/i.test(name);
