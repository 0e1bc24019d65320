import { GadoliniteError } from "../../core/errors.js";
import type { ReadFileOptions } from "../announced.js";
import { number } from "./dataset.js";
import { parseDicom } from "./parseDicom.js";
import { type ReadDicomSeriesResult, readObjects } from "./readDicomSeries.js";

/** Reads a file that holds a whole volume. Throws `unsupported` for one slice of a series, else as `readDicomSeries`. */
export async function readDicomFile(bytes: Uint8Array, options: ReadFileOptions): Promise<ReadDicomSeriesResult> {
  const { maxBytes = 2 ** 31, inflate } = options;
  const object = await parseDicom({ name: "", bytes }, { left: maxBytes }, inflate);
  if ((number(object.dataset, "NumberOfFrames") ?? 1) <= 1)
    throw new GadoliniteError(
      "unsupported",
      "This DICOM file is one image of a series. Read all files of the series with readDicomSeries, or their folder with loadVolume.",
    );
  return readObjects([object], options);
}
