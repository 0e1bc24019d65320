import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { TaskOptions } from "gadolinite";
import { createMask, GadoliniteError, labelMask, type Mask, type Study } from "gadolinite";
import { cpu } from "gadolinite/backend";
import { classicalRestorers, networkRestorer, type Restorer } from "gadolinite/inference";
import { createModel } from "gadolinite/model";
import { loadVolume } from "gadolinite/node";
import { createPhantom } from "gadolinite/phantom";
import { type FileRecord, sha256 } from "gadolinite/report";
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

export interface LoadNetworksOptions {
  readonly signal?: AbortSignal;
  /** Threads of the runtime. Default: its own choice. */
  readonly threads?: number;
}

/** The fast classical restorers, and a network for each model. */
export async function loadRestorers(models: readonly string[], options: LoadNetworksOptions = {}): Promise<readonly Restorer[]> {
  return [...classicalRestorers(), ...(await loadNetworks(models, options))];
}

export async function loadNetworks(
  models: readonly string[],
  { signal, threads }: LoadNetworksOptions = {},
): Promise<readonly Restorer[]> {
  const backend = cpu(threads === undefined ? {} : { threads });
  const networks: Restorer[] = [];
  for (const path of models) {
    const model = createModel(await readModel(path));
    if (!model.card)
      throw new GadoliniteError(
        "not-prepared",
        `${path} carries no model card, so nobody knows what its inputs mean. Give it one with withCard.`,
      );
    networks.push(networkRestorer(await backend.load(model, signal ? { signal } : {}), model.card));
  }
  return networks;
}

/** Of a file, or of all files in a folder. */
async function records(path: string): Promise<readonly FileRecord[]> {
  if (!(await stat(path)).isDirectory()) return [await record(path)];
  const names = (await readdir(path)).sort();
  return Promise.all(names.map((name) => record(join(path, name))));
}

export async function record(path: string): Promise<FileRecord> {
  const bytes = await readFile(path);
  return { name: basename(path), sha256: await sha256(bytes), byteLength: bytes.byteLength };
}

async function readModel(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new GadoliniteError("bad-file", `The model ${path} can't be read: ${(cause as Error).message}.`, { cause });
  }
}
