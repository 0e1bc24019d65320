import { GadoliniteError, isGadoliniteError } from "../core/errors.js";
import type { Volume } from "../core/volume.js";
import { openBytes } from "./byteSource.js";
import type { NiftiHeader } from "./niftiHeader.js";
import type { ReadNiftiOptions } from "./readNifti.js";
import { HEAD_BYTES, recognise } from "./recognise.js";

export interface ReadVolumeOptions extends ReadNiftiOptions {
  /** Name of the file, for messages; the format is told from the content. */
  readonly name?: string;
}

/** What a file says about itself; `format` tells which kind it is. */
export type VolumeHeader = NiftiHeader;

export interface ReadVolumeResult {
  readonly volume: Volume;
  readonly header: VolumeHeader;
}

/**
 * Reads a volume from the bytes of a file of any format that gadolinite knows, today NIfTI-1 and NIfTI-2, plain or gzip. The
 * format is told from the content, and its parser loaded when it is needed.
 *
 * @param bytes the whole file; is not kept
 * @returns the volume as float32 on a grid in mm, RAS+, and the header, whose `format` says what it is
 * @throws `bad-file` if it is damaged, cut short, unknown or larger than `maxBytes`; `unsupported` if it is something else that is
 *   known (DICOM, NRRD, MetaImage, MGH, MINC, Analyze, a .hdr/.img pair, several volumes); `aborted`
 * @see {@link readNifti} for what is read how
 * @example
 * const bytes = new Uint8Array(await (await fetch("t1.nii.gz")).arrayBuffer());
 * const { volume } = await readVolume(bytes, { name: "t1.nii.gz" });
 */
export async function readVolume(bytes: Uint8Array, { name, ...options }: ReadVolumeOptions = {}): Promise<ReadVolumeResult> {
  const source = openBytes(bytes, options);
  try {
    const { format } = recognise(await source.peek(HEAD_BYTES));
    switch (format) {
      case "nifti":
        return await (await import("./readNifti.js")).readNiftiFrom(source, options);
    }
  } catch (error) {
    if (name === undefined || !isGadoliniteError(error)) throw error;
    throw new GadoliniteError(error.code, `${name}: ${error.message}`, { cause: error.cause });
  } finally {
    await source.close();
  }
}
