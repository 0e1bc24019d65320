import { statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { GadoliniteError } from "../core/errors.js";
import type { TaskOptions } from "../core/progress.js";
import type { Acquisition, Injection, Study } from "../core/study.js";
import { createMask, labelMask, type Mask, type Volume } from "../core/volume.js";
import { checkFraction, checkNotAborted } from "../internal/check.js";
import type { ReadDicomSeriesResult } from "../io/dicom/readDicomSeries.js";
import { acquisitionOfSidecar, bidsFolder, bidsName, bidsSidecar, bidsSubject } from "./bids.js";
import { loadVolumeWithHeader } from "./loadVolume.js";
import { reasonOf } from "./readFileBytes.js";

export interface LoadStudyOptions extends TaskOptions {
  /**
   * Names of the files, without `.nii` or `.nii.gz`, or of folders of DICOM files; `*` stands for anything. Each may be a list, of which one
   * must be there. In a folder of DICOM files of several series a SeriesInstanceUID names one.
   */
  readonly names?: {
    /** Scan before the agent. Default `t1`, in BIDS the one T1w without the entity `ce`. */
    readonly preContrast?: string | readonly string[];
    /** Scan after it. Default `t1ce`, in BIDS the one T1w with the entity `ce`. */
    readonly postContrast?: string | readonly string[];
    /** Segmentation; may be absent. Default `seg`, in BIDS `*_label-lesion_mask`. */
    readonly lesions?: string | readonly string[];
    /** Brain mask; may be absent. Default `brainmask*` or `mask`, in BIDS `*_desc-brain_mask`. */
    readonly brain?: string | readonly string[];
  };
  /** Further sequences to load into `study.others`, by name, e.g. `["flair", "adc"]`. Default none. */
  readonly others?: readonly string[];
  /** Labels of the segmentation that count as lesion, e.g. `[3]` for enhancing tumour in BraTS 2023. Default: all but 0. */
  readonly lesionLabels?: readonly number[];
  /**
   * Dose of the scan after the agent as a fraction of the standard dose, 0 to 1. Default 1; what DICOM files say, if that is further from 1
   * than the rounding of volumes to whole millilitres takes it (0.2).
   */
  readonly dose?: number;
  /** Default: the folder's name, in BIDS those of subject and session. */
  readonly id?: string;
  /** Default: the folder's name, in BIDS the subject's. */
  readonly patient?: string;
  /** Default: what DICOM files, or the sidecars of BIDS, say of both scans alike. */
  readonly acquisition?: Acquisition;
  /** Most memory that each volume may take, in bytes. Default 2 GiB. */
  readonly maxBytes?: number;
}

/**
 * Reads the examination of one patient from a folder: `t1.nii.gz` and `t1ce.nii.gz`, and where they are there `seg.nii.gz` and
 * `brainmask*.nii.gz` or `mask.nii.gz` (`.nii` too). `t1` and `t1ce` may be folders of DICOM files.
 *
 * Of a BIDS dataset it reads a subject or session (`sub-01`, `sub-01/ses-02`, or the `anat` within): the T1w without and with the entity
 * `ce`, and how they were acquired from the JSON files beside and above them.
 *
 * Nothing is resampled: each volume and mask keeps the grid of its file, as scanners and segmentation tools left it.
 *
 * @param path the folder
 * @returns the study; `lesions` is empty if the segmentation is, and absent, like `brain`, if there is no file
 * @throws `bad-file` if the folder or one of the two scans is missing, a name fits several files, or a file can't be read (see
 *   `loadVolume`); `empty-mask` if one of `lesionLabels` occurs nowhere; `out-of-range` for a dose that is not within 0 and 1; `aborted`
 * @see BIDS specification, https://bids-specification.readthedocs.io
 * @example
 * const study = await loadStudy("BraTS-GLI-00000", { lesionLabels: [3] });
 * const subject = await loadStudy("dataset/sub-01");
 */
export async function loadStudy(path: string, options: LoadStudyOptions = {}): Promise<Study> {
  const { names = {}, others = [], lesionLabels, dose, signal, onProgress } = options;
  if (dose !== undefined) checkFraction("dose", dose);
  checkNotAborted(signal);
  const place = await placeOf(path);
  const { folder, defaults } = place;
  const find = (patterns: Patterns) => findFile(folder, place.files, [patterns].flat());
  const need = (patterns: Patterns) => find(patterns) ?? missing(folder, [patterns].flat());

  // All names are looked up before the first file is read.
  const pre = need(names.preContrast ?? defaults.preContrast());
  const post = need(names.postContrast ?? defaults.postContrast());
  const found = [pre, post, find(names.lesions ?? defaults.lesions), find(names.brain ?? defaults.brain), ...others.map(need)];
  const total = found.filter((file) => file !== undefined).length;
  let done = 0;
  const load = async (file: Found | undefined): Promise<Scan | undefined> => {
    if (file === undefined) return undefined;
    const scan = await loadScan(folder, file, options);
    onProgress?.({ done: ++done, total, stage: "reading files" });
    return scan;
  };
  const [first, second, lesions, brain, ...rest] = await Promise.all(found.map(load));
  const given = dose ?? nominal(second!.dose ?? 1);
  return {
    id: options.id ?? place.id,
    patient: options.patient ?? place.patient,
    preContrast: first!.volume,
    postContrast: [{ volume: second!.volume, dose: given, ...(second!.injection ? { injection: second!.injection } : {}) }],
    others: Object.fromEntries(others.map((name, n) => [name, rest[n]!.volume])),
    acquisition: options.acquisition ?? commonFacts(first!.acquisition, second!.acquisition),
    ...(brain ? { brain: createMask(brain.volume.data, brain.volume.grid) } : {}),
    ...(lesions ? { lesions: lesionMask(lesions.volume, lesionLabels) } : {}),
  };
}

const nominal = (dose: number) => (Math.abs(dose - 1) <= 0.2 ? 1 : dose);

type Patterns = string | readonly string[];

/** A file or folder, or a series among the files of the folder itself. */
interface Found {
  readonly name: string;
  readonly seriesInstanceUid?: string;
}

interface Scan {
  readonly volume: Volume;
  readonly acquisition: Acquisition;
  readonly injection?: Injection;
  readonly dose?: number;
}

async function loadScan(folder: string, { name, ...series }: Found, { maxBytes, signal }: LoadStudyOptions): Promise<Scan> {
  const path = join(folder, name);
  const { volume, ...rest } = await loadVolumeWithHeader(path, {
    ...series,
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(signal ? { signal } : {}),
  });
  if (rest.header.format !== "dicom") return { volume, acquisition: acquisitionOfSidecar(await bidsSidecar(path)) };
  return { volume, ...(rest as Omit<ReadDicomSeriesResult, "volume">) };
}

/** The facts that two scans share, and those that only one tells. */
function commonFacts(a: Acquisition, b: Acquisition): Acquisition {
  const both = { ...a, ...b };
  const agree = ([key, value]: [string, unknown]) => (a[key as keyof Acquisition] ?? value) === value;
  return Object.fromEntries(Object.entries(both).filter(agree));
}

interface Place {
  readonly id: string;
  readonly patient: string;
  readonly folder: string;
  readonly files: readonly string[];
  /** Names that are looked for unless others are given. */
  readonly defaults: {
    readonly preContrast: () => Patterns;
    readonly postContrast: () => Patterns;
    readonly lesions: Patterns;
    readonly brain: Patterns;
  };
}

const PLAIN: Place["defaults"] = {
  preContrast: () => "t1",
  postContrast: () => "t1ce",
  lesions: "seg",
  brain: ["brainmask*", "mask"],
};

/** Where the files of an examination lie, and how they are called there. */
async function placeOf(path: string): Promise<Place> {
  const anat = await bidsFolder(path);
  if (anat === undefined) {
    const id = basename(resolve(path));
    return { id, patient: id, folder: path, files: await listFiles(path), defaults: PLAIN };
  }
  const files = await listFiles(anat);
  const t1w = (contrast: boolean) => () => {
    const fitting = files.filter((file) => {
      const name = bidsName(file);
      return name?.suffix === "T1w" && SCAN.test(name.extension) && "ce" in name.entities === contrast;
    });
    if (fitting.length === 1) return fitting[0]!.replace(SCAN, "");
    const what = `T1w ${contrast ? "with" : "without"} the entity ce`;
    throw new GadoliniteError(
      "bad-file",
      `${anat} holds ${fitting.join(" and ") || "no scan"}, where one ${what} is expected. Give its name with the option names.`,
    );
  };
  const { patient, session } = bidsSubject(anat);
  return {
    ...{ id: session ? `${patient}_${session}` : patient, patient, folder: anat, files },
    defaults: { preContrast: t1w(false), postContrast: t1w(true), lesions: "*_label-lesion_mask", brain: "*_desc-brain_mask" },
  };
}

const SCAN = /\.nii(\.gz)?$/i;

const lesionMask = (segmentation: Volume, labels: readonly number[] | undefined): Mask =>
  labels ? labelMask(segmentation, labels) : createMask(segmentation.data, segmentation.grid);

async function listFiles(path: string): Promise<readonly string[]> {
  try {
    return (await readdir(path)).sort();
  } catch (error) {
    throw new GadoliniteError("bad-file", `The study's folder ${path} can't be read: ${reasonOf(error)}.`, { cause: error });
  }
}

/** The one file or folder whose name, less the end of a file's, is one of the patterns; the first pattern that fits any counts. */
function findFile(path: string, files: readonly string[], patterns: readonly string[]): Found | undefined {
  for (const pattern of patterns) {
    if (/^\d+(\.\d+)+$/.test(pattern)) return { name: "", seriesInstanceUid: pattern };
    const parts = pattern.split("*").map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"));
    const expression = new RegExp(`^${parts.join(".*")}$`, "i");
    const fitting = files.filter((file) => expression.test(file.replace(SCAN, "")) && isScan(path, file));
    if (fitting.length > 1)
      throw new GadoliniteError(
        "bad-file",
        `${path} holds ${fitting.join(" and ")}, where one ${pattern} is expected. Give its exact name.`,
      );
    if (fitting[0] !== undefined) return { name: fitting[0] };
  }
  return undefined;
}

/** A file by its name's end, or a folder, which may hold DICOM files. */
const isScan = (path: string, name: string): boolean =>
  SCAN.test(name) || statSync(join(path, name), { throwIfNoEntry: false })?.isDirectory() === true;

function missing(path: string, patterns: readonly string[]): never {
  throw new GadoliniteError(
    "bad-file",
    `${path} holds no ${patterns.join(" or ")} (.nii or .nii.gz, or a folder of DICOM files). Give the file's name with the option names.`,
  );
}
