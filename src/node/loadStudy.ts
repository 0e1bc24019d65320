import { readdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { GadoliniteError } from "../core/errors.js";
import type { TaskOptions } from "../core/progress.js";
import type { Acquisition, Study } from "../core/study.js";
import { createMask, labelMask, type Mask, type Volume } from "../core/volume.js";
import { checkFraction, checkNotAborted } from "../internal/check.js";
import { loadVolume } from "./loadVolume.js";
import { reasonOf } from "./readFileBytes.js";

export interface LoadStudyOptions extends TaskOptions {
  /** Names of the files, without `.nii` or `.nii.gz`; `*` stands for anything. Each may be a list, of which one must be there. */
  readonly names?: {
    /** Scan before the agent. Default `t1`. */
    readonly preContrast?: string | readonly string[];
    /** Scan after it. Default `t1ce`. */
    readonly postContrast?: string | readonly string[];
    /** Segmentation; may be absent. Default `seg`. */
    readonly lesions?: string | readonly string[];
    /** Brain mask; may be absent. Default `brainmask*` or `mask`. */
    readonly brain?: string | readonly string[];
  };
  /** Further sequences to load into `study.others`, by name, e.g. `["flair", "adc"]`. Default none. */
  readonly others?: readonly string[];
  /** Labels of the segmentation that count as lesion, e.g. `[3]` for enhancing tumour in BraTS 2023. Default: all but 0. */
  readonly lesionLabels?: readonly number[];
  /** Dose of the scan after the agent as a fraction of the standard dose, 0 to 1. Default 1. */
  readonly dose?: number;
  /** Default: the folder's name. */
  readonly id?: string;
  /** Default: the folder's name. */
  readonly patient?: string;
  /** Default: nothing is known. */
  readonly acquisition?: Acquisition;
  /** Most memory that each volume may take, in bytes. Default 2 GiB. */
  readonly maxBytes?: number;
}

/**
 * Reads the examination of one patient from a folder: `t1.nii.gz` and `t1ce.nii.gz`, and where they are there `seg.nii.gz` and
 * `brainmask*.nii.gz` or `mask.nii.gz` (`.nii` too).
 *
 * Nothing is resampled: each volume and mask keeps the grid of its file, as scanners and segmentation tools left it.
 *
 * @param path the folder
 * @returns the study; `lesions` is empty if the segmentation is, and absent, like `brain`, if there is no file
 * @throws `bad-file` if the folder or one of the two scans is missing, a name fits several files, or a file can't be read (see
 *   `loadVolume`); `empty-mask` if one of `lesionLabels` occurs nowhere; `out-of-range` for a wrong `dose`; `aborted`
 * @example
 * const study = await loadStudy("BraTS-GLI-00000", { lesionLabels: [3] });
 */
export async function loadStudy(path: string, options: LoadStudyOptions = {}): Promise<Study> {
  const { names = {}, others = [], lesionLabels, dose = 1, acquisition = {}, signal, onProgress } = options;
  const folder = basename(resolve(path));
  const { id = folder, patient = folder } = options;
  checkFraction("dose", dose);
  const files = await listFiles(path, signal);
  const find = (patterns: string | readonly string[]) => findFile(path, files, [patterns].flat());
  const need = (patterns: string | readonly string[]) => find(patterns) ?? missing(path, [patterns].flat());

  // All names are looked up before the first file is read.
  const found = {
    pre: need(names.preContrast ?? "t1"),
    post: need(names.postContrast ?? "t1ce"),
    lesions: find(names.lesions ?? "seg"),
    brain: find(names.brain ?? ["brainmask*", "mask"]),
    others: others.map((name) => need(name)),
  };
  const paths = [found.pre, found.post, found.lesions, found.brain, ...found.others];
  const total = paths.filter((file) => file !== undefined).length;
  let done = 0;
  const load = async (file: string | undefined): Promise<Volume | undefined> => {
    if (file === undefined) return undefined;
    const volume = await loadVolume(join(path, file), {
      ...(options.maxBytes === undefined ? {} : { maxBytes: options.maxBytes }),
      ...(signal ? { signal } : {}),
    });
    onProgress?.({ done: ++done, total, stage: "reading files" });
    return volume;
  };
  const [pre, post, lesions, brain, ...rest] = await Promise.all(paths.map(load));
  return {
    id,
    patient,
    preContrast: pre!,
    postContrast: [{ volume: post!, dose }],
    others: Object.fromEntries(others.map((name, n) => [name, rest[n]!])),
    acquisition,
    ...(brain ? { brain: createMask(brain.data, brain.grid) } : {}),
    ...(lesions ? { lesions: lesionMask(lesions, lesionLabels) } : {}),
  };
}

const lesionMask = (segmentation: Volume, labels: readonly number[] | undefined): Mask =>
  labels ? labelMask(segmentation, labels) : createMask(segmentation.data, segmentation.grid);

async function listFiles(path: string, signal: AbortSignal | undefined): Promise<readonly string[]> {
  checkNotAborted(signal);
  try {
    return (await readdir(path)).sort();
  } catch (error) {
    throw new GadoliniteError("bad-file", `The study's folder ${path} can't be read: ${reasonOf(error)}.`, { cause: error });
  }
}

/** The one file whose name, less its end, is one of the patterns; the first pattern that fits any file counts. */
function findFile(path: string, files: readonly string[], patterns: readonly string[]): string | undefined {
  for (const pattern of patterns) {
    const parts = pattern.split("*").map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"));
    const expression = new RegExp(`^${parts.join(".*")}\\.nii(\\.gz)?$`, "i");
    const fitting = files.filter((file) => expression.test(file));
    if (fitting.length > 1)
      throw new GadoliniteError(
        "bad-file",
        `${path} holds ${fitting.join(" and ")}, where one ${pattern} is expected. Give its exact name.`,
      );
    if (fitting[0] !== undefined) return fitting[0];
  }
  return undefined;
}

function missing(path: string, patterns: readonly string[]): never {
  throw new GadoliniteError(
    "bad-file",
    `${path} holds no ${patterns.join(" or ")} (.nii or .nii.gz). Give the file's name with the option names.`,
  );
}
