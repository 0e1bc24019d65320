import { GadoliniteError } from "../core/errors.js";
import { type Grid, spacingMm, voxelCount } from "../core/grid.js";
import type { Volume, VoxelArray } from "../core/volume.js";
import { checkFiniteNumber, checkOneOf } from "../internal/check.js";
import { dtypeOf } from "./encodeVolume.js";
import { encodeVoxels, WRITABLE_ARRAYS, type WritableDtype } from "./encodeVoxels.js";
import { gzipBytes } from "./gzipBytes.js";
import { affineQform } from "./niftiAffine.js";
import { HOST_LITTLE_ENDIAN, NIFTI_LAYOUT, NIFTI_TYPES, swapBytes } from "./niftiTypes.js";

export interface WriteNiftiOptions {
  /** How voxels are stored. Default: the type of the volume's array. */
  readonly dtype?: WritableDtype;
  /** Default 1; 2 if an axis has more than 32767 voxels. Version 1 stores the affine in float32, version 2 in float64. */
  readonly version?: 1 | 2;
  /** Compress. Default false. */
  readonly gzip?: boolean;
  /** Free text of at most 79 bytes of UTF-8. Default none. */
  readonly description?: string;
  /** What is stored is (voxel − intercept) / slope, so that readers give the voxel back. Default 1 and 0: the voxels themselves. */
  readonly slope?: number;
  readonly intercept?: number;
}

/**
 * Writes a volume as a single-file NIfTI, little-endian.
 *
 * The affine goes into the sform with code 2 ("aligned"), as nibabel does for an affine whose origin it doesn't know, and into the
 * qform too, with the same code, if the axes are at right angles; otherwise the qform's code is 0. Voxels stored as integers
 * are rounded, halves to even.
 *
 * @returns the bytes of the file; the same volume and options give the same bytes
 * @throws `out-of-range` if a voxel, rounded, does not fit the integer type (NaN never does), an axis or the affine not the version, or
 *   the description its field
 * @see NIfTI-1 and NIfTI-2 data format standards, nifti1.h and nifti2.h, https://nifti.nimh.nih.gov
 * @example
 * const bytes = await writeNifti(volume, { dtype: "int16", gzip: true });
 */
export async function writeNifti(volume: Volume<VoxelArray>, options: WriteNiftiOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const { data, grid } = volume;
  const { dtype = dtypeOf(data), version = Math.max(...grid.shape) > 32767 ? 2 : 1, gzip = false } = options;
  const { description = "", slope = 1, intercept = 0 } = options;
  checkOneOf("dtype", dtype, Object.keys(WRITABLE_ARRAYS) as WritableDtype[]);
  checkOneOf("version", `${version}`, ["1", "2"]);
  checkFiniteNumber("slope", slope);
  checkFiniteNumber("intercept", intercept);
  if (data.length !== voxelCount(grid))
    throw new GadoliniteError("out-of-range", `A grid of ${voxelCount(grid)} voxels needs as many values, not ${data.length}.`);

  const start = NIFTI_LAYOUT[version].size + 4;
  const { bytes: voxelBytes } = NIFTI_TYPES[dtype];
  const bytes = new Uint8Array(start + data.length * voxelBytes);
  const stored = version === 1 ? Math.fround : (value: number) => value;
  // The voxels are divided by what the reader will multiply with.
  const scaling = { slope: stored(slope), intercept: stored(intercept) };
  writeHeader(new DataView(bytes.buffer), grid, { dtype, version, description, ...scaling });
  encodeVoxels(data, new WRITABLE_ARRAYS[dtype](bytes.buffer, start, data.length), { dtype, ...scaling });
  if (!HOST_LITTLE_ENDIAN) swapBytes(bytes.subarray(start), voxelBytes);
  return gzip ? gzipBytes(bytes) : bytes;
}

type HeaderFields = Required<Omit<WriteNiftiOptions, "gzip">>;

function writeHeader(view: DataView, grid: Grid, { dtype, version, description, slope, intercept }: HeaderFields): void {
  const at = NIFTI_LAYOUT[version];
  const integer = (offset: number, value: number) =>
    version === 1 ? view.setInt16(offset, value, true) : view.setBigInt64(offset, BigInt(value), true);
  const code = (offset: number, value: number) =>
    version === 1 ? view.setInt16(offset, value, true) : view.setInt32(offset, value, true);
  const float = (offset: number, value: number) =>
    version === 1 ? view.setFloat32(offset, value, true) : view.setFloat64(offset, value, true);
  const floats = (offset: number, values: Iterable<number>) => {
    let n = 0;
    for (const value of values) float(offset + 4 * version * n++, value);
  };
  const text = (offset: number, bytes: Uint8Array) => new Uint8Array(view.buffer).set(bytes, offset);

  checkFits(grid, version, slope, intercept);
  view.setInt32(0, at.size, true);
  text(at.magic, new TextEncoder().encode(version === 1 ? "n+1\0" : "n+2\0\r\n\x1a\n"));
  [3, ...grid.shape, 1, 1, 1, 1].forEach((n, axis) => integer(at.dim + axis * (version === 1 ? 2 : 8), n));
  view.setInt16(at.dataType, NIFTI_TYPES[dtype].code, true);
  view.setInt16(at.bitsPerVoxel, NIFTI_TYPES[dtype].bytes * 8, true);
  (version === 1 ? float : integer)(at.voxelOffset, at.size + 4);
  float(at.slope, slope);
  float(at.intercept, intercept);
  // Millimetres; no time.
  view.setUint8(at.units, 2);
  text(at.description, checkedText(description));

  const spacing = spacingMm(grid);
  const { qfac, quaternion, orthogonal } = affineQform(grid.affine, spacing);
  code(at.sformCode, ALIGNED);
  code(at.qformCode, orthogonal ? ALIGNED : 0);
  floats(at.sform, grid.affine.subarray(0, 12));
  floats(at.pixdim, [qfac, ...spacing, 1, 1, 1, 1]);
  if (!orthogonal) return;
  floats(at.quaternion, quaternion);
  floats(
    at.qoffset,
    [3, 7, 11].map((n) => grid.affine[n]!),
  );
}

const ALIGNED = 2;

function checkFits({ shape, affine }: Grid, version: 1 | 2, slope: number, intercept: number): void {
  if (slope === 0 || !Number.isFinite(slope) || !Number.isFinite(intercept))
    throw new GadoliniteError("out-of-range", `A slope is neither 0 nor, like the intercept, beyond float32 in version 1.`);
  if (version === 2) return;
  if (Math.max(...shape) > 32767)
    throw new GadoliniteError("out-of-range", `NIfTI-1 has at most 32767 voxels along an axis, not [${shape}]. Write version 2.`);
  if (!affine.every((value) => Number.isFinite(Math.fround(value))))
    throw new GadoliniteError("out-of-range", "The affine does not fit the float32 of NIfTI-1. Write version 2.");
}

function checkedText(description: string): Uint8Array {
  const bytes = new TextEncoder().encode(description);
  if (bytes.length > 79)
    throw new GadoliniteError(
      "out-of-range",
      `A description has at most 79 bytes, but this one has ${bytes.length}. Shorten it.`,
    );
  return bytes;
}
