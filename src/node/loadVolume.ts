import { existsSync } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { GadoliniteError } from "../core/errors.js";
import type { Volume } from "../core/volume.js";
import { isPlainName } from "../io/encodeVolume.js";
import { type ReadVolumeOptions, type ReadVolumeResult, readVolumeWith } from "../io/readVolume.js";
import { inflateWithZlib } from "./inflateWithZlib.js";
import { readFileBytes } from "./readFileBytes.js";

/** As for `readVolume`; the file's path is its name, and zlib inflates. */
export interface LoadVolumeOptions extends Omit<ReadVolumeOptions, "name" | "inflate"> {
  /** Of a folder of DICOM files the series to read, if they are of several. */
  readonly seriesInstanceUid?: string;
}

/**
 * Reads a volume from a file of any format that `readVolume` knows, from a folder of DICOM files (see
 * `loadDicomSeries`), or from that of an OME-Zarr image (at its finest; see `openOmeZarr` for more).
 *
 * The voxels of a detached header (.nhdr, .mhd) are read from the file that it names, if that lies beside it: a name with a folder in it, and
 * a symbolic link that leads out of the folder, are refused. Read such a file yourself and pass its bytes as `data`.
 *
 * @param path path of the file, e.g. `scans/t1.nii.gz`
 * @returns the volume as float32 on a grid in mm, RAS+
 * @throws `bad-file` if there is no such file, it may not be read, it is a folder without DICOM files, is damaged, unknown or larger than `maxBytes`, or
 *   is called .gz and is not gzip; `unsupported` for formats that are known but not read, and voxels that lie elsewhere; `aborted`
 * @example
 * const t1 = await loadVolume("scans/t1.nii.gz");
 * const t1ce = await loadVolume("dicom/t1ce");
 */
export async function loadVolume(path: string, options: LoadVolumeOptions = {}): Promise<Volume> {
  return (await loadVolumeWithHeader(path, options)).volume;
}

/** As {@link loadVolume}, with what the file says about itself: `{ volume, header }`. */
export async function loadVolumeWithHeader(
  path: string,
  { seriesInstanceUid, ...options }: LoadVolumeOptions = {},
): Promise<ReadVolumeResult> {
  const isFolder = await stat(path).then(
    (status) => status.isDirectory(),
    () => false,
  );
  if (isFolder && ZARR.some((name) => existsSync(join(path, name)))) return loadOmeZarr(path, options);
  if (isFolder) {
    const { loadDicomSeries } = await import("./loadDicomSeries.js");
    return loadDicomSeries(path, { ...options, ...(seriesInstanceUid === undefined ? {} : { seriesInstanceUid }) });
  }
  const bytes = await readFileBytes(path, options);
  const open = (name: string) => readBeside(path, name, options);
  return readVolumeWith(bytes, { ...options, name: path, inflate: inflateWithZlib }, open);
}

// One of these lies in the folder of each Zarr hierarchy.
const ZARR = ["zarr.json", ".zgroup", ".zattrs"];

async function loadOmeZarr(path: string, { maxBytes, signal }: LoadVolumeOptions): Promise<ReadVolumeResult> {
  const { openOmeZarr } = await import("../io/zarr/openOmeZarr.js");
  const { zarrFolder } = await import("./zarrFolder.js");
  const image = await openOmeZarr(zarrFolder(path));
  const volume = await image.read(undefined, { ...(maxBytes === undefined ? {} : { maxBytes }), ...(signal ? { signal } : {}) });
  return { volume, header: image.header };
}

/** The content of a file beside another, under a name that stands in the other. */
async function readBeside(path: string, name: string, options: LoadVolumeOptions): Promise<Uint8Array> {
  const folder = dirname(path);
  const beside = join(folder, name);
  // What is not there is for readFileBytes to tell.
  const real = isPlainName(name) ? await realpath(beside).catch(() => undefined) : "";
  if (real !== undefined && dirname(real) !== (await realpath(folder)))
    throw new GadoliniteError(
      "unsupported",
      `The voxels lie in ${JSON.stringify(name.slice(0, 80))}, and only a file beside the header is opened on its word. Pass its bytes as the option data.`,
    );
  return readFileBytes(beside, options);
}
