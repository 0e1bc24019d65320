import { GadoliniteError } from "../core/errors.js";
import { spacingMm } from "../core/grid.js";
import type { Volume, VoxelArray } from "../core/volume.js";
import { checkOneOf } from "../internal/check.js";
import { bytesOf, dtypeOf, encodeVolume } from "./encodeVolume.js";
import { gzipBytes } from "./gzipBytes.js";
import { MGH_START, MGH_TYPES } from "./readMgh.js";

/** Types in which an MGH file holds voxels. */
export type MghDtype = keyof typeof MGH_TYPES;

export interface WriteMghOptions {
  /** How voxels are stored. Default: the type of the volume's array, but int32 for uint16, which only FreeSurfer 7 and later know. */
  readonly dtype?: MghDtype;
  /** Compress: a .mgz. Default false. */
  readonly gzip?: boolean;
}

/**
 * Writes a volume as a FreeSurfer MGH file, big-endian as all of them, with a good RAS flag. The affine is stored in float32, as unit
 * vectors, spacing and the place of the middle. Voxels stored as integers are rounded, halves to even.
 *
 * @returns the bytes of the file
 * @throws `out-of-range` if a voxel, rounded, does not fit the integer type (NaN never does), the affine not float32, or an option is none
 * @see FreeSurfer, MGH and MGZ file format, https://surfer.nmr.mgh.harvard.edu/fswiki/FsTutorial/MghFormat
 * @example
 * const bytes = await writeMgh(volume, { gzip: true });
 */
export async function writeMgh(volume: Volume<VoxelArray>, options: WriteMghOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const { dtype = defaultDtype(volume.data), gzip = false } = options;
  checkOneOf("dtype", dtype, Object.keys(MGH_TYPES) as MghDtype[]);
  const bytes = bytesOf(encodeVolume(volume, dtype), dtype, false, MGH_START);
  bytes.set(headerOf(volume, dtype));
  return gzip ? gzipBytes(bytes) : bytes;
}

const defaultDtype = (data: VoxelArray): MghDtype => (data instanceof Uint16Array ? "int32" : (dtypeOf(data) as MghDtype));

function headerOf({ grid }: Volume<VoxelArray>, dtype: MghDtype): Uint8Array<ArrayBuffer> {
  const { shape, affine } = grid;
  const spacing = spacingMm(grid);
  const directions = [0, 1, 2].flatMap((axis) => [0, 1, 2].map((row) => affine[4 * row + axis]! / spacing[axis]!));
  const centre = [0, 1, 2].map((row) =>
    shape.reduce((at, n, axis) => at + (affine[4 * row + axis]! * n) / 2, affine[4 * row + 3]!),
  );
  const numbers = [...spacing, ...directions, ...centre];
  if (!numbers.every((v) => Number.isFinite(Math.fround(v))))
    throw new GadoliniteError("out-of-range", "The affine does not fit the float32 of MGH. Write NRRD, or NIfTI of version 2.");
  const view = new DataView(new ArrayBuffer(MGH_START));
  [1, ...shape, 1, MGH_TYPES[dtype], 0].forEach((value, n) => view.setInt32(4 * n, value));
  view.setInt16(28, 1);
  numbers.forEach((value, n) => view.setFloat32(30 + 4 * n, value));
  return new Uint8Array(view.buffer);
}
