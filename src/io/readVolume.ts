import { GadoliniteError, isGadoliniteError } from "../core/errors.js";
import type { Volume } from "../core/volume.js";
import { type ByteSource, openBytes } from "./byteSource.js";
import type { DetachedData, ReadDetachedOptions } from "./detached.js";
import type { DicomHeader } from "./dicom/readDicomSeries.js";
import type { MetaImageHeader } from "./metaImageHeader.js";
import type { NiftiHeader } from "./niftiHeader.js";
import type { NrrdHeader } from "./nrrdHeader.js";
import type { MghHeader } from "./readMgh.js";
import { HEAD_BYTES, recognise } from "./recognise.js";
import type { OmeZarrHeader } from "./zarr/openOmeZarr.js";

export interface ReadVolumeOptions extends ReadDetachedOptions {
  /** Name of the file, for messages; the format is told from the content. */
  readonly name?: string;
}

/** What a file says about itself; `format` tells which kind it is. */
export type VolumeHeader = NiftiHeader | NrrdHeader | MetaImageHeader | MghHeader | DicomHeader | OmeZarrHeader;

export interface ReadVolumeResult {
  readonly volume: Volume;
  readonly header: VolumeHeader;
}

/**
 * Reads a volume from the bytes of a file of any format that gadolinite knows: NIfTI-1 and NIfTI-2, NRRD, MetaImage and MGH, plain or
 * gzip, and DICOM of several frames. The format is told from the content, and its parser loaded when it is needed.
 *
 * @param bytes the whole file; is not kept. Of a NRRD or MetaImage in two files the header, with the other's content as `data`.
 * @returns the volume as float32 on a grid in mm, RAS+, and the header, whose `format` says what it is
 * @throws `bad-file` if it is damaged, cut short, unknown or larger than `maxBytes`; `unsupported` if it is something else that is
 *   known (one slice of a DICOM series, MINC, Analyze, a .hdr/.img pair, several volumes), or a header whose voxels lie in another file;
 *   `aborted`
 * @see {@link readNifti}, {@link readNrrd}, {@link readMetaImage}, {@link readMgh} and {@link readDicomSeries} for what is read how
 * @example
 * const bytes = new Uint8Array(await (await fetch("t1.nii.gz")).arrayBuffer());
 * const { volume } = await readVolume(bytes, { name: "t1.nii.gz" });
 */
export async function readVolume(bytes: Uint8Array, options: ReadVolumeOptions = {}): Promise<ReadVolumeResult> {
  return readVolumeWith(bytes, options);
}

/** As {@link readVolume}; `open` gives the content of a data file that a header names. */
export async function readVolumeWith(
  bytes: Uint8Array,
  { name, ...options }: ReadVolumeOptions,
  open?: DetachedData,
): Promise<ReadVolumeResult> {
  const source = openBytes(bytes, options);
  try {
    const { format } = recognise(await source.peek(HEAD_BYTES));
    if (options.data && format !== "nrrd" && format !== "metaimage")
      throw new GadoliniteError("bad-file", "The file holds its own voxels: leave out the option data.");
    switch (format) {
      case "nifti":
        return await (await import("./readNifti.js")).readNiftiFrom(source, options);
      case "nrrd":
        return await (await import("./readNrrd.js")).readNrrdFrom(source, options, open);
      case "metaimage":
        return await (await import("./readMetaImage.js")).readMetaImageFrom(source, options, open);
      case "mgh":
        return await (await import("./readMgh.js")).readMghFrom(source, options);
      case "dicom":
        return await (await import("./dicom/readDicomFile.js")).readDicomFile(wholeBytes(source), options);
    }
  } catch (error) {
    if (name === undefined || !isGadoliniteError(error)) throw error;
    throw new GadoliniteError(error.code, `${name}: ${error.message}`, { cause: error.cause });
  } finally {
    await source.close();
  }
}

function wholeBytes(source: ByteSource): Uint8Array {
  const bytes = source.rest();
  if (bytes) return bytes;
  throw new GadoliniteError("unsupported", "This is a DICOM file within gzip. Inflate it first.");
}
