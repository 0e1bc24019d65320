import type { Volume } from "../core/volume.js";
import { type ReadVolumeOptions, type ReadVolumeResult, readVolume } from "../io/readVolume.js";
import { inflateWithZlib } from "./inflateWithZlib.js";
import { readFileBytes } from "./readFileBytes.js";

/** As for `readVolume`; the file's path is its name, and zlib inflates. */
export type LoadVolumeOptions = Omit<ReadVolumeOptions, "name" | "inflate">;

/**
 * Reads a volume from a file of any format that `readVolume` knows.
 *
 * @param path path of the file, e.g. `scans/t1.nii.gz`
 * @returns the volume as float32 on a grid in mm, RAS+
 * @throws `bad-file` if there is no such file, it may not be read, it is a folder, is damaged, unknown or larger than `maxBytes`, or
 *   is called .gz and is not gzip; `unsupported` for formats that are known but not read; `aborted`
 * @example
 * const t1 = await loadVolume("scans/t1.nii.gz");
 */
export async function loadVolume(path: string, options: LoadVolumeOptions = {}): Promise<Volume> {
  return (await loadVolumeWithHeader(path, options)).volume;
}

/** As {@link loadVolume}, with what the file says about itself: `{ volume, header }`. */
export async function loadVolumeWithHeader(path: string, options: LoadVolumeOptions = {}): Promise<ReadVolumeResult> {
  const bytes = await readFileBytes(path, options);
  return readVolume(bytes, { ...options, name: path, inflate: inflateWithZlib });
}
