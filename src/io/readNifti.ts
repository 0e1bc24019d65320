import { GadoliniteError, isGadoliniteError } from "../core/errors.js";
import { createGrid, type Grid, type Vec3, voxelCount } from "../core/grid.js";
import type { TaskOptions } from "../core/progress.js";
import type { Volume } from "../core/volume.js";
import { checkPositive } from "../internal/check.js";
import { type ByteSource, type Inflate, openBytes } from "./byteSource.js";
import { niftiAffine } from "./niftiAffine.js";
import { type NiftiHeader, parseNiftiHeader } from "./niftiHeader.js";
import { NIFTI_TYPES } from "./niftiTypes.js";
import { readVoxels } from "./niftiVoxels.js";
import { HEAD_BYTES, recognise } from "./recognise.js";

export interface ReadNiftiOptions extends TaskOptions {
  /** Most memory that the volume's float32 voxels may take, in bytes, whatever the header says. Default 2 GiB. */
  readonly maxBytes?: number;
  /** Which volume of a file that holds several (a dynamic series, say), from 0. Default: the file must hold one. */
  readonly volumeIndex?: number;
  /** What inflates gzip. Default: the platform's `DecompressionStream`; `gadolinite/node` passes zlib, which is faster. */
  readonly inflate?: Inflate;
}

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
export async function readNiftiFrom(
  source: ByteSource,
  { maxBytes = 2 ** 31, volumeIndex, onProgress }: ReadNiftiOptions,
): Promise<ReadNiftiResult> {
  checkPositive("maxBytes", maxBytes);
  const head = await source.peek(HEAD_BYTES);
  const header = parseNiftiHeader(head, recognise(head).version);
  const grid = gridOf(header);
  const start = header.voxelOffset + checkedIndex(header, volumeIndex) * voxelCount(grid) * NIFTI_TYPES[header.dtype].bytes;
  const voxels = { dtype: header.dtype, littleEndian: header.littleEndian, ...scalingOf(header) };
  checkSize(header, grid, start, source, maxBytes);
  const data = allocate(voxelCount(grid));
  await source.skip(start);
  await readVoxels(source, voxels, data, (done) => onProgress?.({ done, total: data.length, stage: "reading voxels" }));
  await source.checkEnd();
  return { volume: { grid, data }, header };
}

function gridOf(header: NiftiHeader): Grid {
  const shape = [0, 1, 2].map((axis) => header.dims[axis] ?? 1) as unknown as Vec3;
  try {
    return createGrid({ shape, affine: niftiAffine(header) });
  } catch (error) {
    if (!isGadoliniteError(error, "out-of-range")) throw error;
    throw new GadoliniteError("bad-file", `The header gives no grid. ${error.message}`, { cause: error });
  }
}

function checkedIndex({ dims }: NiftiHeader, volumeIndex: number | undefined): number {
  const volumes = dims.slice(3).reduce((product, n) => product * n, 1);
  if (volumeIndex === undefined && volumes !== 1)
    throw new GadoliniteError(
      "unsupported",
      `The file holds ${volumes} volumes (${dims.join("×")}), a Volume is one. Choose with volumeIndex, from 0.`,
    );
  const index = volumeIndex ?? 0;
  if (!(Number.isSafeInteger(index) && index >= 0 && index < volumes))
    throw new GadoliniteError("out-of-range", `volumeIndex must be an integer from 0 to ${volumes - 1}, but is ${index}.`);
  return index;
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

function checkSize(header: NiftiHeader, grid: Grid, start: number, source: ByteSource, maxBytes: number): void {
  const end = start + voxelCount(grid) * NIFTI_TYPES[header.dtype].bytes;
  const announced = `The header announces ${grid.shape.join("×")} voxels of ${header.dtype}`;
  if (!(end <= source.maxLength)) {
    const there = source.gzip ? `the gzip can't hold more than ${source.maxLength}` : `the file has ${source.maxLength}`;
    throw new GadoliniteError("bad-file", `${announced}, which end at byte ${end}, but ${there}: it is cut short or damaged.`);
  }
  if (voxelCount(grid) * 4 > maxBytes)
    throw new GadoliniteError(
      "bad-file",
      `${announced}: ${voxelCount(grid) * 4} bytes as float32, more than maxBytes = ${maxBytes}. If that is right, allow more.`,
    );
}

function allocate(voxels: number): Float32Array<ArrayBuffer> {
  try {
    return new Float32Array(voxels);
  } catch (cause) {
    throw new GadoliniteError("unsupported", `There is no memory for a volume of ${voxels} voxels here.`, { cause });
  }
}
