import { GadoliniteError } from "../core/errors.js";
import type { Volume } from "../core/volume.js";
import { gridOf, type ReadFileOptions, readAnnounced } from "./announced.js";
import { type ByteSource, openBytes } from "./byteSource.js";
import { niftiAffine } from "./niftiAffine.js";
import { type NiftiHeader, parseNiftiHeader } from "./niftiHeader.js";
import { expectFormat, HEAD_BYTES } from "./recognise.js";

export type ReadNiftiOptions = ReadFileOptions;

export interface ReadNiftiResult {
  /** The voxels, scaled, as float32; the affine in mm, RAS+. */
  readonly volume: Volume;
  readonly header: NiftiHeader;
}

/**
 * Reads a NIfTI-1 or NIfTI-2 image of one file, plain or gzip, of either byte order.
 *
 *     voxel = stored · slope + intercept        (neither if the slope is 0, NaN or infinite)
 *
 * The affine is the sform if it has a code, else the qform, else voxel sizes around the middle, as nibabel chooses; a header in
 * metres or micrometres is converted to mm. Integer labels survive float32 up to 2²⁴. Sizes are checked against the bytes that
 * are there, and against `maxBytes`, before memory is taken; inflating stops at what the header announced.
 *
 * @param bytes the whole file; may share memory with others, is not kept
 * @returns volume (float32, i fastest) and what the header says. 1-D and 2-D images get axes of one voxel.
 * @throws `bad-file` if it is damaged, cut short, not NIfTI or larger than `maxBytes`; `unsupported` for another format, a .hdr/.img
 *   pair, complex or colour voxels, or several volumes without `volumeIndex`; `out-of-range` for a `volumeIndex` that is not there;
 *   `aborted`
 * @see NIfTI-1 and NIfTI-2 data format standards, nifti1.h and nifti2.h, https://nifti.nimh.nih.gov
 * @example
 * const { volume, header } = await readNifti(new Uint8Array(await file.arrayBuffer()));
 */
export async function readNifti(bytes: Uint8Array, options: ReadNiftiOptions = {}): Promise<ReadNiftiResult> {
  const source = openBytes(bytes, options);
  try {
    return await readNiftiFrom(source, options);
  } finally {
    await source.close();
  }
}

/** As {@link readNifti}, from bytes of which some may have been peeked at. */
export async function readNiftiFrom(source: ByteSource, options: ReadNiftiOptions): Promise<ReadNiftiResult> {
  const head = await source.peek(HEAD_BYTES);
  const header = parseNiftiHeader(head, expectFormat("nifti", head).version);
  const { dims, dtype, littleEndian } = header;
  const grid = gridOf(
    [0, 1, 2].map((axis) => dims[axis] ?? 1),
    niftiAffine(header),
  );
  const announced = { grid, dtype, littleEndian, more: dims.slice(3), ...scalingOf(header) };
  return { volume: await readAnnounced(source, announced, header.voxelOffset, options), header };
}

function scalingOf({ slope, intercept }: NiftiHeader): { readonly slope: number; readonly intercept: number } {
  if (slope === 0 || !Number.isFinite(slope)) return { slope: 1, intercept: 0 };
  if (!Number.isFinite(intercept))
    throw new GadoliniteError(
      "bad-file",
      `The header scales voxels by ${slope} and adds ${intercept}: no voxel would be a number.`,
    );
  return { slope, intercept };
}
