import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { GadoliniteError } from "../core/errors.js";
import { checkNotAborted } from "../internal/check.js";
import { element, text } from "../io/dicom/dataset.js";
import { type DicomObject, isDicom, isDirectory, parseDicom } from "../io/dicom/parseDicom.js";
import { type ReadDicomSeriesOptions, type ReadDicomSeriesResult, readObjects } from "../io/dicom/readDicomSeries.js";
import { type Keyword, TAGS } from "../io/dicom/tags.js";
import { inflateWithZlib } from "./inflateWithZlib.js";
import { readFileBytes, reasonOf } from "./readFileBytes.js";

/** As for `readDicomSeries`; zlib inflates. */
export type LoadDicomSeriesOptions = Omit<ReadDicomSeriesOptions, "inflate">;

// Files that are read at the same time: Node has four threads for them.
const AT_ONCE = 8;

/**
 * Reads an MR series from a folder of DICOM files. What is no DICOM file, a DICOMDIR and folders within are left out. Of several series
 * one is chosen by `seriesInstanceUid`; only its pixels are held in memory.
 *
 * @param path the folder
 * @returns as `readDicomSeries`: volume, header, acquisition, and what was injected
 * @throws `bad-file` if the folder can't be read or holds no DICOM file; `unsupported` if it holds several series, which the message lists; and
 *   as `readDicomSeries`
 * @example
 * const { volume, acquisition } = await loadDicomSeries("scans/t1_mprage");
 */
export async function loadDicomSeries(path: string, options: LoadDicomSeriesOptions = {}): Promise<ReadDicomSeriesResult> {
  const { maxBytes = 2 ** 31, signal, onProgress } = options;
  const { files, folders } = await contentOf(path, signal);
  const allowance = { left: maxBytes };
  const objects: DicomObject[] = [];
  let wanted = options.seriesInstanceUid;
  for (let n = 0; n < files.length; n += AT_ONCE) {
    const names = files.slice(n, n + AT_ONCE).map((name) => join(path, name));
    const contents = await Promise.all(names.map((name) => readFileBytes(name, signal ? { signal } : {})));
    for (const [m, bytes] of contents.entries()) {
      onProgress?.({ done: n + m + 1, total: files.length, stage: "reading files" });
      if (!isDicom(bytes)) continue;
      const object = await parseDicom({ name: names[m]!, bytes }, allowance, inflateWithZlib);
      if (isDirectory(object)) continue;
      const uid = text(object.dataset, "SeriesInstanceUID");
      wanted ??= uid;
      objects.push(uid === wanted ? object : label(object));
    }
  }
  if (objects.length === 0)
    throw new GadoliniteError(
      "bad-file",
      `The folder ${path} holds no DICOM files${folders.length > 0 ? `, but folders: ${folders.slice(0, 10).join(", ")}` : ""}. Give the folder of one series, or a file.`,
    );
  return readObjects(objects, { ...options, inflate: inflateWithZlib });
}

/** What lies in a folder, by name. */
async function contentOf(path: string, signal: AbortSignal | undefined) {
  checkNotAborted(signal);
  try {
    const entries = (await readdir(path, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
    const named = (isFolder: boolean) => entries.filter((entry) => entry.isDirectory() === isFolder).map(({ name }) => name);
    return { files: named(false), folders: named(true) };
  } catch (cause) {
    throw new GadoliniteError("bad-file", `The folder ${path} can't be read: ${reasonOf(cause)}.`, { cause });
  }
}

const LABELS: readonly Keyword[] = ["SeriesInstanceUID", "SeriesDescription", "SpecificCharacterSet"];

/** An object of another series, of which only what a list of series says is kept. */
function label(object: DicomObject): DicomObject {
  const kept = LABELS.flatMap((keyword) => {
    const found = element(object.dataset, keyword);
    return found ? [[TAGS[keyword][0], { value: found.value.slice() }] as const] : [];
  });
  return { ...object, dataset: { ...object.dataset, elements: new Map(kept) } };
}
