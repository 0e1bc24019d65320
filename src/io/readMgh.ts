import { GadoliniteError } from "../core/errors.js";
import type { Vec3 } from "../core/grid.js";
import type { Volume } from "../core/volume.js";
import { gridOf, type ReadFileOptions, readAnnounced } from "./announced.js";
import { type ByteSource, openBytes } from "./byteSource.js";
import type { StoredDtype } from "./niftiTypes.js";
import { expectFormat, HEAD_BYTES } from "./recognise.js";

export type ReadMghOptions = ReadFileOptions;

/** What an MGH file says about itself, as it says it. */
export interface MghHeader {
  readonly format: "mgh";
  /** How voxels are stored. */
  readonly dtype: StoredDtype;
  /** Width, height, depth, frames. */
  readonly dims: readonly number[];
  /** Whether the next three say anything; otherwise the volume is coronal, of 1 mm, around the origin. */
  readonly goodRas: boolean;
  readonly spacing: Vec3;
  /** Unit vectors along i, j, k in RAS. */
  readonly directions: readonly [Vec3, Vec3, Vec3];
  /** RAS of voxel (ni/2, nj/2, nk/2). */
  readonly centre: Vec3;
}

export interface ReadMghResult {
  /** The voxels as float32; the affine in mm, RAS+. */
  readonly volume: Volume;
  readonly header: MghHeader;
}

/** Byte at which the voxels of an MGH file start. */
export const MGH_START = 284;

/** MGH's number of each type. */
export const MGH_TYPES = { uint8: 0, int32: 1, float32: 3, int16: 4, uint16: 10 } as const;

/**
 * Reads a FreeSurfer MGH image, plain or gzip (.mgz).
 *
 *     affine = [M | c − M · (ni, nj, nk)/2],   M = [x_ras · di | y_ras · dj | z_ras · dk]
 *
 * Without a good RAS flag it is FreeSurfer's default: coronal, 1 mm, around the origin. What follows the voxels (TR, flip angle,
 * tags) is not read. Sizes are checked against the bytes that are there, and against `maxBytes`, before memory is taken.
 *
 * @param bytes the whole file; may share memory with others, is not kept
 * @returns volume (float32, i fastest) and what the header says
 * @throws `bad-file` if it is damaged, cut short, not MGH or larger than `maxBytes`; `unsupported` for another format, bitmaps, tensors,
 *   colours or 64-bit integers, or several frames without `volumeIndex`; `out-of-range` for a `volumeIndex` that is not there; `aborted`
 * @see FreeSurfer, MGH and MGZ file format, https://surfer.nmr.mgh.harvard.edu/fswiki/FsTutorial/MghFormat
 * @example
 * const { volume } = await readMgh(new Uint8Array(await file.arrayBuffer()));
 */
export async function readMgh(bytes: Uint8Array, options: ReadMghOptions = {}): Promise<ReadMghResult> {
  const source = openBytes(bytes, options);
  try {
    return await readMghFrom(source, options);
  } finally {
    await source.close();
  }
}

/** As {@link readMgh}, from bytes of which some may have been peeked at. */
export async function readMghFrom(source: ByteSource, options: ReadMghOptions): Promise<ReadMghResult> {
  const head = await source.peek(HEAD_BYTES);
  expectFormat("mgh", head);
  const header = parseMghHeader(head);
  const { dims, dtype } = header;
  const grid = gridOf(dims.slice(0, 3), mghAffine(header));
  const announced = { grid, dtype, littleEndian: false, more: dims.slice(3) };
  return { volume: await readAnnounced(source, announced, MGH_START, options), header };
}

function parseMghHeader(head: Uint8Array): MghHeader {
  if (head.length < MGH_START)
    throw new GadoliniteError(
      "bad-file",
      `The file is cut short: the voxels of MGH start at byte ${MGH_START}, it has ${head.length} bytes.`,
    );
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const vector = (at: number): Vec3 => [view.getFloat32(at), view.getFloat32(at + 4), view.getFloat32(at + 8)];
  return {
    format: "mgh",
    dtype: dtypeOf(view.getInt32(20)),
    dims: [4, 8, 12, 16].map((at) => view.getInt32(at)),
    goodRas: view.getInt16(28) > 0,
    spacing: vector(30),
    directions: [vector(42), vector(54), vector(66)],
    centre: vector(78),
  };
}

function dtypeOf(code: number): StoredDtype {
  for (const [dtype, number] of Object.entries(MGH_TYPES)) if (number === code) return dtype as StoredDtype;
  throw new GadoliniteError(
    "unsupported",
    `The voxels are of MGH's type ${code}; gadolinite reads bytes, shorts, ints and floats. Convert the file (mri_convert -odt float).`,
  );
}

function mghAffine({ goodRas, dims, ...said }: MghHeader): Float64Array {
  const { spacing, directions, centre } = goodRas ? said : DEFAULT;
  const affine = new Float64Array(16);
  for (let row = 0; row < 3; row++) {
    let middle = 0;
    for (let axis = 0; axis < 3; axis++) {
      const step = directions[axis]![row]! * spacing[axis]!;
      affine[4 * row + axis] = step;
      middle += (step * dims[axis]!) / 2;
    }
    affine[4 * row + 3] = centre[row]! - middle;
  }
  affine[15] = 1;
  return affine;
}

const DEFAULT: Pick<MghHeader, "spacing" | "directions" | "centre"> = {
  spacing: [1, 1, 1],
  directions: [
    [-1, 0, 0],
    [0, 0, -1],
    [0, 1, 0],
  ],
  centre: [0, 0, 0],
};
