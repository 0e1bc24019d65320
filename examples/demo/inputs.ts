import { basename, dirname, resolve } from "node:path";
import type { TaskOptions } from "gadolinite";
import { createMask, labelMask, type Mask, type Study } from "gadolinite";
import { loadVolume } from "gadolinite/node";
import { createPhantom } from "gadolinite/phantom";
import type { FileRecord } from "gadolinite/report";
import { records } from "../support/records.js";
import { type Aligned, brainFromAtlas, registerStudy } from "./align.js";
import type { DemoOptions } from "./options.js";

export interface Inputs extends Aligned {
  readonly files: readonly FileRecord[];
}

export type InputOptions = Pick<DemoOptions, "scans" | "seg" | "labels" | "brain" | "register" | "atlas" | "case" | "seed">;

/** Reads the scans, or makes the phantom. */
export async function loadInputs(options: InputOptions, task: TaskOptions): Promise<Inputs> {
  if (!options.scans) {
    // The whole head in voxels of 1.375 mm: a minute's work, not three.
    const { truth, ...phantom } = await createPhantom({ seed: options.seed, shape: [128, 152, 128], ...task });
    // As --labels does for a segmentation: the lesions that enhance.
    const enhancing = truth.lesions.filter((lesion) => lesion.enhancing).map(({ label }) => label);
    const lesions = labelMask(truth.lesionLabels, enhancing);
    return { study: { ...phantom, lesions, id: options.case ?? phantom.id }, files: [], registrations: {}, remarks: [] };
  }
  const [pre, post] = options.scans;
  const signal = task.signal ? { signal: task.signal } : {};
  const load = (path: string) => loadVolume(path, signal);
  const id = options.case ?? basename(dirname(resolve(pre)));
  const scanned: Study = {
    id,
    patient: id,
    preContrast: await load(pre),
    postContrast: [{ volume: await load(post), dose: 1 }],
    others: {},
    acquisition: {},
    ...(options.brain && { brain: maskOf(await load(options.brain)) }),
    ...(options.seg && { lesions: lesionsOf(await load(options.seg), options.labels) }),
  };
  const paths = [pre, post, options.brain, options.seg, ...(options.atlas ?? [])].filter((path) => path !== undefined);
  const files = (await Promise.all(paths.map(records))).flat();
  return { ...(await aligned(scanned, options, load, task)), files };
}

/** The study with what --register and --atlas ask for. */
async function aligned(scanned: Study, options: InputOptions, load: typeof loadVolume, task: TaskOptions): Promise<Aligned> {
  const onOne = options.register ? await registerStudy(scanned, task) : { study: scanned, registrations: {}, remarks: [] };
  if (!options.atlas) return onOne;
  const [scan, brain] = await Promise.all(options.atlas.map((path) => load(path)));
  const withBrain = await brainFromAtlas(onOne.study, scan!, brain!, task);
  return {
    study: withBrain.study,
    registrations: { ...onOne.registrations, ...withBrain.registrations },
    remarks: [...onOne.remarks, ...withBrain.remarks],
  };
}

const maskOf = ({ data, grid }: Study["preContrast"]): Mask => createMask(data, grid);

const lesionsOf = (segmentation: Study["preContrast"], labels: readonly number[] | undefined): Mask =>
  labels ? labelMask(segmentation, labels) : maskOf(segmentation);
