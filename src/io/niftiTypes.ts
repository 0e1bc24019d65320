/** How voxels are stored in a file of any format. */
export type StoredDtype = "uint8" | "int8" | "int16" | "uint16" | "int32" | "uint32" | "int64" | "uint64" | "float32" | "float64";

/** How voxels are stored in a NIfTI file. */
export type NiftiDtype = StoredDtype;

/** NIfTI's number and the bytes a voxel takes. */
export const NIFTI_TYPES: Readonly<Record<NiftiDtype, { readonly code: number; readonly bytes: number }>> = {
  uint8: { code: 2, bytes: 1 },
  int8: { code: 256, bytes: 1 },
  int16: { code: 4, bytes: 2 },
  uint16: { code: 512, bytes: 2 },
  int32: { code: 8, bytes: 4 },
  uint32: { code: 768, bytes: 4 },
  int64: { code: 1024, bytes: 8 },
  uint64: { code: 1280, bytes: 8 },
  float32: { code: 16, bytes: 4 },
  float64: { code: 64, bytes: 8 },
};

/** Types of the standard that hold no one real number a voxel, or one that JavaScript has not. */
export const UNREADABLE_TYPES: Readonly<Record<number, string>> = {
  1: "single bits",
  32: "complex64",
  128: "RGB colour",
  1536: "float128",
  1792: "complex128",
  2048: "complex256",
  2304: "RGBA colour",
};

/** Where fields lie in the two versions of the header. Version 1 has 16-bit integers and float32, version 2 64-bit and float64. */
export const NIFTI_LAYOUT = {
  1: {
    ...{ size: 348, magic: 344, dim: 40, intentCode: 68, dataType: 70, bitsPerVoxel: 72, pixdim: 76, voxelOffset: 108 },
    ...{ slope: 112, intercept: 116, units: 123, calMax: 124, calMin: 128, description: 148, qformCode: 252, sformCode: 254 },
    ...{ quaternion: 256, qoffset: 268, sform: 280, intentName: 328 },
  },
  2: {
    ...{ size: 540, magic: 4, dim: 16, intentCode: 504, dataType: 12, bitsPerVoxel: 14, pixdim: 104, voxelOffset: 168 },
    ...{ slope: 176, intercept: 184, units: 500, calMax: 192, calMin: 200, description: 240, qformCode: 344, sformCode: 348 },
    ...{ quaternion: 352, qoffset: 376, sform: 400, intentName: 508 },
  },
} as const;

export const HOST_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Turns the bytes of each element round, in place; the bytes start at a multiple of the element's size. */
export function swapBytes(bytes: Uint8Array, elementBytes: number): void {
  if (elementBytes === 2) swap16(bytes);
  if (elementBytes >= 4) swap32(bytes);
  if (elementBytes === 8) swapHalves(bytes);
}

// Signed numbers, because unsigned ones of 32 bits leave the processor's integers.

/** Two elements at once, where they lie so. */
function swap16({ buffer, byteOffset, length }: Uint8Array): void {
  const pairs = byteOffset % 4 === 0 ? length >> 2 : 0;
  const v = new Int32Array(buffer, byteOffset - (byteOffset % 4), pairs);
  for (let i = 0; i < pairs; i++) {
    const x = v[i]!;
    v[i] = ((x & 0xff00ff) << 8) | ((x >>> 8) & 0xff00ff);
  }
  const rest = new Uint16Array(buffer, byteOffset + 4 * pairs, length / 2 - 2 * pairs);
  for (let i = 0; i < rest.length; i++) rest[i] = (rest[i]! << 8) | (rest[i]! >>> 8);
}

function swap32({ buffer, byteOffset, length }: Uint8Array): void {
  const v = new Int32Array(buffer, byteOffset, length / 4);
  const count = v.length;
  for (let i = 0; i < count; i++) {
    const x = v[i]!;
    const y = ((x & 0xff00ff) << 8) | ((x >>> 8) & 0xff00ff);
    v[i] = (y << 16) | (y >>> 16);
  }
}

function swapHalves({ buffer, byteOffset, length }: Uint8Array): void {
  const v = new Int32Array(buffer, byteOffset, length / 4);
  for (let i = 0; i < v.length; i += 2) {
    const first = v[i]!;
    v[i] = v[i + 1]!;
    v[i + 1] = first;
  }
}
