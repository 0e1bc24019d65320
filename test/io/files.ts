import { gzipSync } from "node:zlib";
import { expect } from "vitest";
import type { NiftiDtype } from "../../src/io/index.js";
import { NIFTI_LAYOUT, NIFTI_TYPES } from "../../src/io/niftiTypes.js";
import { golden } from "../support/golden.js";

/** A file made by nibabel, and what nibabel reads from it. */
export interface GoldenFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly version: 1 | 2;
  readonly littleEndian: boolean;
  readonly dtype: NiftiDtype;
  readonly dims: readonly number[];
  readonly shape: readonly number[];
  readonly affine: Float64Array;
  readonly values: Float32Array;
}

export const goldenFiles = (): readonly GoldenFile[] => golden<{ files: readonly GoldenFile[] }>("io/nifti").files;

/** Fields of a little-endian header, to be lied about. */
export interface HeaderFields {
  readonly version?: 1 | 2;
  readonly dims?: readonly number[];
  /** Number of axes, if not that of `dims`. */
  readonly rank?: number;
  readonly dtype?: NiftiDtype | number;
  readonly voxelOffset?: number | bigint;
  readonly slope?: number;
  readonly intercept?: number;
  readonly sform?: readonly number[];
  readonly sformCode?: number;
  readonly qformCode?: number;
  readonly quaternion?: readonly number[];
  readonly units?: number;
  readonly magic?: string;
}

const IDENTITY = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];

/** A NIfTI file, written field by field, independently of `writeNifti`. */
export function niftiFile(fields: HeaderFields = {}, voxels: Uint8Array = new Uint8Array(8)): Uint8Array {
  const {
    version = 1,
    dims = [2, 2, 2],
    dtype = "uint8",
    sform = IDENTITY,
    sformCode = 1,
    qformCode = 0,
    quaternion = [0, 0, 0],
  } = fields;
  const at = NIFTI_LAYOUT[version];
  const start = at.size + 4;
  const { rank = dims.length, voxelOffset = start, slope = 1, intercept = 0, units = 2 } = fields;
  const bytes = new Uint8Array(start + voxels.length);
  const view = new DataView(bytes.buffer);
  const integer = (offset: number, v: number | bigint) =>
    version === 1 ? view.setInt16(offset, Number(v), true) : view.setBigInt64(offset, BigInt(v), true);
  const float = (offset: number, v: number) =>
    version === 1 ? view.setFloat32(offset, v, true) : view.setFloat64(offset, v, true);
  const code = (offset: number, v: number) => (version === 1 ? view.setInt16(offset, v, true) : view.setInt32(offset, v, true));
  view.setInt32(0, at.size, true);
  bytes.set(new TextEncoder().encode(fields.magic ?? (version === 1 ? "n+1\0" : "n+2\0\r\n\x1a\n")), at.magic);
  [rank, ...dims].forEach((n, axis) => integer(at.dim + axis * (version === 1 ? 2 : 8), n));
  view.setInt16(at.dataType, typeof dtype === "number" ? dtype : NIFTI_TYPES[dtype].code, true);
  if (version === 1) float(at.voxelOffset, Number(voxelOffset));
  else integer(at.voxelOffset, voxelOffset);
  float(at.slope, slope);
  float(at.intercept, intercept);
  view.setUint8(at.units, units);
  code(at.sformCode, sformCode);
  code(at.qformCode, qformCode);
  for (let n = 0; n < 8; n++) float(at.pixdim + 4 * version * n, 1);
  sform.forEach((v, n) => float(at.sform + 4 * version * n, v));
  quaternion.forEach((v, n) => float(at.quaternion + 4 * version * n, v));
  bytes.set(voxels, start);
  return bytes;
}

export const gz = (bytes: Uint8Array, level = 6): Uint8Array => new Uint8Array(gzipSync(bytes, { level }));

export const concat = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/** Expects a promise to reject with this code and message. */
export async function refusal(promise: Promise<unknown>, code: string, message: RegExp): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (e: unknown) => e as Error,
  );
  expect(error).toMatchObject({ name: "GadoliniteError", code });
  expect(error!.message).toMatch(message);
}
