import { GadoliniteError, isGadoliniteError } from "../core/errors.js";
import { createGrid, type Grid, type Vec3, voxelCount } from "../core/grid.js";
import type { TaskOptions } from "../core/progress.js";
import type { Volume } from "../core/volume.js";
import { checkPositive } from "../internal/check.js";
import type { ByteSource, Inflate } from "./byteSource.js";
import { NIFTI_TYPES, type StoredDtype } from "./niftiTypes.js";
import { readVoxels, type StoredVoxels } from "./niftiVoxels.js";

/** What every reader of one volume takes. */
export interface ReadFileOptions extends TaskOptions {
  /** Most memory that the volume's float32 voxels may take, in bytes, whatever the header says. Default 2 GiB. */
  readonly maxBytes?: number;
  /** Which volume of a file that holds several (a dynamic series, say), from 0. Default: the file must hold one. */
  readonly volumeIndex?: number;
  /** What inflates gzip and zlib. Default: the platform's `DecompressionStream`; `gadolinite/node` passes zlib, which is faster. */
  readonly inflate?: Inflate;
}

/** What a header says that its voxels are. */
export interface Announced extends Pick<StoredVoxels, "littleEndian"> {
  readonly grid: Grid;
  readonly dtype: StoredDtype;
  /** Sizes of the axes beyond the third. */
  readonly more: readonly number[];
  /** Applied to what is stored. Default 1 and 0. */
  readonly slope?: number;
  readonly intercept?: number;
}

/** The grid of a header. Throws `bad-file` where sizes and affine make none. */
export function gridOf(shape: readonly number[], affine: ArrayLike<number>): Grid {
  try {
    return createGrid({ shape: shape as unknown as Vec3, affine });
  } catch (error) {
    if (!isGadoliniteError(error, "out-of-range")) throw error;
    throw new GadoliniteError("bad-file", `The header gives no grid. ${error.message}`, { cause: error });
  }
}

/**
 * Reads one volume's voxels, once it is sure that they can be there and may be held.
 *
 * @param start byte of the source, from where it stands, at which the voxels of the first volume begin
 * @throws `bad-file` if the source can't hold them or `maxBytes` forbids them, `unsupported` for several volumes without `volumeIndex`,
 *   `out-of-range` for a `volumeIndex` that is not there
 */
export async function readAnnounced(
  source: ByteSource,
  { grid, dtype, more, littleEndian, slope = 1, intercept = 0 }: Announced,
  start: number,
  { maxBytes = 2 ** 31, volumeIndex, onProgress }: ReadFileOptions,
): Promise<Volume> {
  checkPositive("maxBytes", maxBytes);
  const length = voxelCount(grid) * NIFTI_TYPES[dtype].bytes;
  const first = start + chosenIndex(grid, more, volumeIndex) * length;
  checkSize(grid, dtype, first + length, source, maxBytes);
  const data = allocate(voxelCount(grid));
  await source.skip(first);
  await readVoxels(source, { dtype, littleEndian, slope, intercept }, data, (done) =>
    onProgress?.({ done, total: data.length, stage: "reading voxels" }),
  );
  await source.checkEnd();
  return { grid, data };
}

/** The index of a volume among several. Throws `out-of-range` if it is not there. */
export function checkedIndex(volumes: number, volumeIndex = 0): number {
  if (!(Number.isSafeInteger(volumeIndex) && volumeIndex >= 0 && volumeIndex < volumes))
    throw new GadoliniteError("out-of-range", `volumeIndex must be an integer from 0 to ${volumes - 1}, but is ${volumeIndex}.`);
  return volumeIndex;
}

function chosenIndex({ shape }: Grid, more: readonly number[], volumeIndex: number | undefined): number {
  const volumes = more.reduce((product, n) => product * n, 1);
  if (volumeIndex === undefined && volumes !== 1)
    throw new GadoliniteError(
      "unsupported",
      `The file holds ${volumes} volumes (${[...shape, ...more].join("×")}), a Volume is one. Choose with volumeIndex, from 0.`,
    );
  return checkedIndex(volumes, volumeIndex);
}

function checkSize(grid: Grid, dtype: StoredDtype, end: number, source: ByteSource, maxBytes: number): void {
  const announced = `The header announces ${grid.shape.join("×")} voxels of ${dtype}`;
  if (!(end <= source.maxLength)) {
    const there = source.gzip
      ? `what is compressed can't hold more than ${source.maxLength}`
      : `the file has ${source.maxLength}`;
    throw new GadoliniteError("bad-file", `${announced}, which end at byte ${end}, but ${there}: it is cut short or damaged.`);
  }
  if (voxelCount(grid) * 4 > maxBytes)
    throw new GadoliniteError(
      "bad-file",
      `${announced}: ${voxelCount(grid) * 4} bytes as float32, more than maxBytes = ${maxBytes}. If that is right, allow more.`,
    );
}

/** Zeros for so many voxels. Throws `unsupported` where there is no memory for them. */
export function allocate(voxels: number): Float32Array<ArrayBuffer> {
  try {
    return new Float32Array(voxels);
  } catch (cause) {
    throw new GadoliniteError("unsupported", `There is no memory for a volume of ${voxels} voxels here.`, { cause });
  }
}
