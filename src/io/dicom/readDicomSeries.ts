import { GadoliniteError } from "../../core/errors.js";
import { voxelCount } from "../../core/grid.js";
import type { TaskOptions } from "../../core/progress.js";
import type { Acquisition, Injection } from "../../core/study.js";
import type { Volume } from "../../core/volume.js";
import { checkNotAborted, checkPositive } from "../../internal/check.js";
import { allocate, checkedIndex, type ReadFileOptions } from "../announced.js";
import { quoted, shown } from "../textHeader.js";
import { freeText, number, text } from "./dataset.js";
import { acquisitionOf, contrastOf } from "./facts.js";
import { type Frame, framesOf } from "./frames.js";
import { type DicomFile, type DicomObject, naming, parseDicom } from "./parseDicom.js";
import { type FrameReader, openPixels, pixelFormat } from "./readPixels.js";
import { APART, type Stack, stackFrames } from "./stackFrames.js";

export interface ReadDicomSeriesOptions extends ReadFileOptions {
  /** The series to read, where the files are of several. Default: they must be of one. */
  readonly seriesInstanceUid?: string;
}

/** What a DICOM series says about itself; nothing that names the patient but the identifier. */
export interface DicomHeader {
  readonly format: "dicom";
  readonly patientId: string | undefined;
  readonly studyInstanceUid: string | undefined;
  readonly seriesInstanceUid: string | undefined;
  readonly frameOfReferenceUid: string | undefined;
  readonly seriesNumber: number | undefined;
  readonly seriesDescription: string | undefined;
  readonly manufacturer: string | undefined;
  readonly model: string | undefined;
  readonly transferSyntaxUid: string;
  /** Names of the files, one a slice, in the order of the volume's slices. A file of several frames is named for each. */
  readonly slices: readonly string[];
}

export interface ReadDicomSeriesResult {
  /** The voxels, rescaled, as float32; the affine in mm, RAS+. Rows run along i, columns along j, slices along k. */
  readonly volume: Volume;
  readonly header: DicomHeader;
  readonly acquisition: Acquisition;
  /** What the files say of a contrast agent; absent if nothing. */
  readonly injection?: Injection;
  /** Fraction of the standard dose (= 1) of a known agent, where volume and weight are given too. */
  readonly dose?: number;
}

/**
 * Reads an MR series from its DICOM files: classic images, one file a slice, or enhanced ones, many frames a file.
 *
 *     voxel = stored · RescaleSlope + RescaleIntercept        (each slice by its own)
 *
 * Slices are sorted by ImagePositionPatient along the normal of their plane; neither names nor numbers of files matter. They must
 * lie at even distances, to a twentieth of the distance. The step along k is the mean one; a slice alone is as thick as
 * SliceThickness. Raw (both byte orders), deflated, RLE and JPEG 2000 pixels are read here, JPEG lossless and JPEG-LS by the
 * optional package daikon. Elements are checked against the bytes that are there, and the volume against `maxBytes`, before
 * memory is taken; deflated files may inflate to `maxBytes` together.
 *
 * @param files the bytes of each file, in any order, with names for messages where there are any
 * @returns volume, what the files say of themselves, how the scan was acquired, and what was injected
 * @throws `bad-file`, naming the file, if one is damaged or no DICOM file, slices are missing, duplicated, at uneven distances, of another
 *   direction or size, or the volume is larger than `maxBytes`; `unsupported` for files of several series, anything but MR, colour, a
 *   sheared stack, other transfer syntaxes, several volumes without `volumeIndex`; `out-of-range` for a `volumeIndex` that is not there, no
 *   files; `aborted`
 * @see DICOM PS3.3, C.7.6.2 (image plane), C.8.3 (MR) and C.8.13 (enhanced MR); PS3.5 (encoding), https://www.dicomstandard.org
 * @example
 * const { volume, acquisition, injection, dose } = await readDicomSeries(files);
 */
export async function readDicomSeries(
  files: readonly (Uint8Array | DicomFile)[],
  options: ReadDicomSeriesOptions = {},
): Promise<ReadDicomSeriesResult> {
  return readObjects(await parseAll(files, options), options);
}

/** Reads the elements of all files. */
export async function parseAll(
  files: readonly (Uint8Array | DicomFile)[],
  { maxBytes = 2 ** 31, signal, onProgress, inflate }: ReadFileOptions,
): Promise<readonly DicomObject[]> {
  checkPositive("maxBytes", maxBytes);
  const allowance = { left: maxBytes };
  const objects: DicomObject[] = [];
  for (const [n, file] of files.entries()) {
    checkNotAborted(signal);
    const named = ArrayBuffer.isView(file) ? { name: `file ${n + 1}`, bytes: file } : file;
    objects.push(await parseDicom(named, allowance, inflate));
    onProgress?.({ done: n + 1, total: files.length, stage: "reading headers" });
  }
  return objects;
}

/** As {@link readDicomSeries}, from files whose elements are known. */
export async function readObjects(
  objects: readonly DicomObject[],
  options: ReadDicomSeriesOptions,
): Promise<ReadDicomSeriesResult> {
  const { maxBytes = 2 ** 31 } = options;
  const { grid, frames } = await stackOf(objects, options);
  if (voxelCount(grid) * 4 > maxBytes)
    throw new GadoliniteError(
      "bad-file",
      `The series holds ${grid.shape.join("×")} voxels: ${voxelCount(grid) * 4} bytes as float32, more than maxBytes = ${maxBytes}. If that is right, allow more.`,
    );
  const data = await voxelsOf(frames, voxelCount(grid), options);
  const { dataset } = frames[0]!.file;
  return {
    volume: { grid, data },
    header: headerOf(frames),
    acquisition: acquisitionOf(frames),
    ...contrastOf(dataset),
  };
}

/** The slices of the one volume that is asked for, in order, and where they lie. */
export async function stackOf(
  objects: readonly DicomObject[],
  { seriesInstanceUid, volumeIndex }: Pick<ReadDicomSeriesOptions, "seriesInstanceUid" | "volumeIndex">,
): Promise<Stack> {
  const series = oneSeries(objects, seriesInstanceUid);
  const frames: Frame[] = [];
  const instances = new Map<string, string>();
  const size = pixelSize(series[0]!);
  for (const object of series)
    await naming(object.name, async () => {
      checkNew(object, instances);
      checkSize(object, size, series[0]!.name);
      frames.push(...framesOf(object));
    });
  return chosenStack(stackFrames(frames, size), volumeIndex);
}

const pixelSize = ({ dataset }: DicomObject) => ({
  rows: number(dataset, "Rows") ?? 0,
  columns: number(dataset, "Columns") ?? 0,
});

function checkSize(object: DicomObject, size: ReturnType<typeof pixelSize>, first: string): void {
  const { rows, columns } = pixelSize(object);
  if (rows !== size.rows || columns !== size.columns)
    throw new GadoliniteError(
      "bad-file",
      `The image has ${rows}×${columns} pixels, where ${first} has ${size.rows}×${size.columns}.`,
    );
}

/** Throws `bad-file` for an image that has come before. */
function checkNew({ name, dataset }: DicomObject, instances: Map<string, string>): void {
  const uid = text(dataset, "SOPInstanceUID");
  if (uid === undefined) return;
  if (instances.has(uid))
    throw new GadoliniteError("bad-file", `This is the same image as ${instances.get(uid)}. Leave one out.`);
  instances.set(uid, name);
}

/** The objects of the one series there is, or of the one that is asked for. */
function oneSeries(objects: readonly DicomObject[], wanted: string | undefined): readonly DicomObject[] {
  if (objects.length === 0) throw new GadoliniteError("out-of-range", "A series needs one file at least.");
  const bySeries = new Map<string, DicomObject[]>();
  for (const object of objects) {
    const uid = text(object.dataset, "SeriesInstanceUID") ?? "";
    bySeries.set(uid, [...(bySeries.get(uid) ?? []), object]);
  }
  const chosen = wanted === undefined && bySeries.size === 1 ? objects : bySeries.get(wanted ?? "");
  if (chosen && (wanted !== undefined || bySeries.size === 1)) return chosen;
  throw new GadoliniteError(
    wanted === undefined ? "unsupported" : "out-of-range",
    `${wanted === undefined ? "The files are of several series" : `No file is of series ${wanted}`}. There are: ${listed(bySeries)}. Choose one with seriesInstanceUid.`,
  );
}

function listed(bySeries: ReadonlyMap<string, readonly DicomObject[]>): string {
  const all = [...bySeries].map(([uid, [first, ...others]]) => {
    const description = freeText(first!.dataset, "SeriesDescription");
    return `${shown(uid) || "without a UID"} (${description ? `${quoted(description)}, ` : ""}${others.length + 1} files, ${first!.name} …)`;
  });
  return all.slice(0, 20).join("; ") + (all.length > 20 ? `; and ${all.length - 20} more` : "");
}

function chosenStack(stacks: readonly Stack[], volumeIndex: number | undefined): Stack {
  if (volumeIndex === undefined && stacks.length > 1)
    throw new GadoliniteError(
      "unsupported",
      `The series holds ${stacks.length} volumes at one place, which differ in ${differences(stacks)}. Choose with volumeIndex, from 0.`,
    );
  return stacks[checkedIndex(stacks.length, volumeIndex)]!;
}

/** By which of their numbers the first slices of several volumes are told apart. */
function differences(stacks: readonly Stack[]): string {
  for (const [name, of] of Object.entries(APART)) {
    const values = stacks.map(({ frames }) => of(frames[0]!));
    if (new Set(values).size > 1) return `${name} (${values.slice(0, 10).join(", ")}${values.length > 10 ? ", …" : ""})`;
  }
  return "nothing but the names of their files";
}

async function voxelsOf(
  frames: readonly Frame[],
  voxels: number,
  { signal, onProgress }: TaskOptions,
): Promise<Float32Array<ArrayBuffer>> {
  const readers = new Map<DicomObject, FrameReader>();
  // Before memory is taken it is known that all pixels are there.
  for (const { file } of frames)
    if (!readers.has(file)) readers.set(file, await naming(file.name, () => openPixels(file, pixelFormat(file))));
  const data = allocate(voxels);
  const plane = voxels / frames.length;
  for (const [k, { file, index, slope, intercept }] of frames.entries()) {
    checkNotAborted(signal);
    await naming(file.name, async () => {
      const slice = data.subarray(k * plane, (k + 1) * plane);
      const stored = readers.get(file)!(index);
      if (slope === 1 && intercept === 0) slice.set(stored);
      else rescale(stored, slice, slope, intercept);
    });
    onProgress?.({ done: k + 1, total: frames.length, stage: "reading slices" });
  }
  return data;
}

function rescale(stored: ReturnType<FrameReader>, out: Float32Array, slope: number, intercept: number): void {
  for (let i = 0; i < out.length; i++) out[i] = stored[i]! * slope + intercept;
}

function headerOf(frames: readonly Frame[]): DicomHeader {
  const { dataset, transferSyntax } = frames[0]!.file;
  return {
    format: "dicom",
    patientId: freeText(dataset, "PatientID"),
    studyInstanceUid: text(dataset, "StudyInstanceUID"),
    seriesInstanceUid: text(dataset, "SeriesInstanceUID"),
    frameOfReferenceUid: text(dataset, "FrameOfReferenceUID"),
    seriesNumber: number(dataset, "SeriesNumber"),
    seriesDescription: freeText(dataset, "SeriesDescription"),
    manufacturer: freeText(dataset, "Manufacturer"),
    model: freeText(dataset, "ManufacturerModelName"),
    transferSyntaxUid: transferSyntax,
    slices: frames.map(({ file }) => file.name),
  };
}
