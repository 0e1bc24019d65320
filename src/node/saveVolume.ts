import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";
import { GadoliniteError } from "../core/errors.js";
import type { Volume, VoxelArray } from "../core/volume.js";
import { checkNotAborted } from "../internal/check.js";
import { type WriteNiftiOptions, writeNifti } from "../io/writeNifti.js";
import { writeFileAtomic } from "./writeFileAtomic.js";

export interface SaveVolumeOptions extends Omit<WriteNiftiOptions, "gzip"> {
  /** How hard `.gz` is compressed, 1 (fast) to 9. Default 1, as nibabel does: 6 makes scans 4 to 6 % smaller in two to four times the time. */
  readonly gzipLevel?: number;
  readonly signal?: AbortSignal;
}

const gzipAsync = promisify(gzip);

/**
 * Writes a volume to a file; the name's end says the format: `.nii` or `.nii.gz`. The file appears whole or not at all.
 *
 * @param path path of the file; its folder must exist, a file of that name is replaced
 * @throws `unsupported` for another end of the name, `out-of-range` if the voxels don't fit the type (see `writeNifti`), `bad-file` if the
 *   file can't be written, `aborted`
 * @example
 * await saveVolume("out/restored.nii.gz", restored, { dtype: "int16" });
 */
export async function saveVolume(path: string, volume: Volume<VoxelArray>, options: SaveVolumeOptions = {}): Promise<void> {
  const { gzipLevel = 1, signal, ...format } = options;
  const end = /\.nii(\.gz)?$/i.exec(path);
  if (!end)
    throw new GadoliniteError("unsupported", `Volumes are written as .nii or .nii.gz, which ${path} is not called. Rename it.`);
  if (!(Number.isInteger(gzipLevel) && gzipLevel >= 1 && gzipLevel <= 9))
    throw new GadoliniteError("out-of-range", `gzipLevel must be an integer from 1 to 9, but is ${gzipLevel}.`);
  checkNotAborted(signal);
  const bytes = await writeNifti(volume, format);
  const content = end[1] ? await gzipAsync(bytes, { level: gzipLevel, strategy: strategyOf(volume, format, gzipLevel) }) : bytes;
  await writeFileAtomic(path, content, signal ? { signal } : {});
}

/** The noisy bits of floats never repeat: looking for runs alone takes half of the time, and the file comes out no larger. */
function strategyOf({ data }: Volume<VoxelArray>, { dtype }: WriteNiftiOptions, level: number): number {
  const floats = dtype ? dtype.startsWith("float") : data instanceof Float32Array || data instanceof Float64Array;
  return floats && level === 1 ? constants.Z_RLE : constants.Z_DEFAULT_STRATEGY;
}
