import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { GadoliniteError } from "gadolinite";
import type { Backend } from "gadolinite/backend";
import { createModel, type Model } from "gadolinite/model";
import { writeFileAtomic } from "gadolinite/node";
import {
  type Checkpoint,
  loadModels,
  type PreparedStudy,
  type ReadySystem,
  type System,
  type SystemNetwork,
} from "gadolinite/recipes";

export interface TrainTask {
  readonly backend: Backend;
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** How long each training took, which goes into the report. */
export type TrainingTimes = Record<string, { steps: number; seconds: number }>;

const PLAYERS = ["network", "generator", "discriminator"];
const CHECKPOINT_SECONDS = 60;

/** Trains what isn't trained yet, and loads all models. */
export async function trainSystems(
  systems: readonly System[],
  studies: readonly PreparedStudy[],
  task: TrainTask,
): Promise<{ readonly ready: readonly ReadySystem[]; readonly times: TrainingTimes }> {
  const ready: ReadySystem[] = [];
  const times = JSON.parse((await text(join(task.folder, "times.json"))) ?? "{}") as TrainingTimes;
  for (const system of systems) {
    const models: Model[] = [];
    for (const network of system.networks) models.push(await trained(system, network, studies, times, task));
    ready.push({ system, models: await loadModels(system, models, task.backend) });
  }
  return { ready, times };
}

async function trained(
  system: System,
  network: SystemNetwork,
  studies: readonly PreparedStudy[],
  times: TrainingTimes,
  { backend, folder, signal, say }: TrainTask,
): Promise<Model> {
  const name = `${system.name}-${network.name}`;
  const path = join(folder, `${name}.onnx`);
  const done = await readFile(path).catch(() => undefined);
  if (done) return createModel(done);
  const resume = await readCheckpoint(folder, name);
  let last = performance.now();
  let losses: number[] = [];
  const training = network.train(studies, { backend, ...(resume && { resume }) });
  for await (const { step, steps, loss, seconds, checkpoint, model } of training) {
    times[name] = { steps: step, seconds: (resume || step > 1 ? (times[name]?.seconds ?? 0) : 0) + seconds };
    losses.push(loss);
    if (step === steps) {
      const finished = await model();
      await writeFileAtomic(path, finished.bytes);
      await writeTimes(folder, times);
      say(`${name}: ${steps} steps in ${Math.round(times[name].seconds)} s, loss ${mean(losses).toPrecision(3)}`);
      return finished;
    }
    if (!signal.aborted && performance.now() - last < CHECKPOINT_SECONDS * 1000) continue;
    for (const [player, bytes] of Object.entries(checkpoint()))
      await writeFileAtomic(join(folder, `${name}.${player}.safetensors`), bytes);
    await writeTimes(folder, times);
    if (signal.aborted)
      throw new GadoliniteError("aborted", `Stopped after step ${step} of ${name}; the same command goes on from there.`);
    say(`${name}: step ${step} of ${steps}, loss ${mean(losses).toPrecision(3)}, ${seconds.toFixed(2)} s a step`);
    [last, losses] = [performance.now(), []];
  }
  throw new GadoliniteError("not-converged", `The training of ${name} ended early.`);
}

async function readCheckpoint(folder: string, name: string): Promise<Checkpoint | undefined> {
  const found: Record<string, Uint8Array> = {};
  for (const player of PLAYERS) {
    const bytes = await readFile(join(folder, `${name}.${player}.safetensors`)).catch(() => undefined);
    if (bytes) found[player] = bytes;
  }
  return Object.keys(found).length > 0 ? found : undefined;
}

const writeTimes = (folder: string, times: TrainingTimes) =>
  writeFileAtomic(join(folder, "times.json"), `${JSON.stringify(times, null, 2)}\n`);
const text = (path: string) => readFile(path, "utf8").catch(() => undefined);
const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
