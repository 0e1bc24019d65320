import { copyFile, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { GadoliniteError } from "gadolinite";
import { cpu } from "gadolinite/backend";
import {
  type ConditionalUnet3dOptions,
  conditionalUnet3d,
  createModel,
  encodeGraph,
  type Graph,
  type ModelCard,
  modelSha256,
  noiseUnitsCard,
  parameterCount,
  withCard,
  withWeights,
} from "gadolinite/model";
import { writeFileAtomic } from "gadolinite/node";
import { lineChart, toCsv } from "gadolinite/report";
import {
  adam,
  constantThenLinear,
  fit,
  huberLoss,
  prefetchSamples,
  type RestorationSamplesOptions,
  readCheckpoint,
  restorationSamples,
  type TrainingState,
  trainedWeights,
  writeCheckpoint,
} from "gadolinite/training";
import type { TrainingSettings, TrainOptions } from "./options.js";
import { spreadWeights } from "./spreadWeights.js";

export interface TrainingTask {
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** Means over the steps since the row before. */
interface LogRow {
  readonly step: number;
  readonly loss: number;
  /** Loss on samples that are never trained on; of the averaged weights. */
  readonly validation: number;
  readonly learningRate: number;
  readonly gradientNorm: number;
  readonly seconds: number;
}

const COLUMNS = ["step", "loss", "validation", "learningRate", "gradientNorm", "seconds"] as const;
const CHECK_EVERY = 250;
const CHECKPOINT_MS = 120_000;
const WARM_UP = 100;
/** Steps before the learning rate begins to fall: so far a training is the same however long it will be. */
const plateauOf = (steps: number) => Math.floor(0.7 * steps);
// The thread of the samples reads TypeScript, too.
const execArgv = ["--import", new URL("./fromSource.mjs", import.meta.url).href];

const samplesOf = ({ patch, batch }: TrainingSettings, seed: number): RestorationSamplesOptions => ({
  seed,
  patch: [patch, patch, patch],
  batch,
  enhancementWeight: 3,
  uses: 4,
});
// A loss at a patch's border judges what the network can't see.
const MARGIN = 4;
const DELTA = 3;
/** Reach in voxels of the boxes over which the weights are spread once the learning rate falls. */
const WEIGHT_REACH = 3;

/** The network, of open sizes or for the batches of a training. */
export const network = (
  { features, unshuffle, detail, scales, seed }: TrainingSettings,
  sizes: Pick<ConditionalUnet3dOptions, "batch" | "patch"> = {},
): Graph =>
  conditionalUnet3d({
    inputs: 4,
    conditions: 3,
    features,
    unshuffle,
    scales,
    embedding: 64,
    padding: "zero",
    output: "linear",
    detail,
    seed,
    ...sizes,
  });

/** The network and its loss. */
export function taughtGraph(settings: TrainingSettings): Graph {
  const { batch, patch } = settings;
  return huberLoss(network(settings, { batch, patch: [patch, patch, patch] }), { delta: DELTA, weighted: true, margin: MARGIN });
}

/** Trains to the end, to the time limit, or to Ctrl-C; each ends with a checkpoint, a log, a curve and a model. */
export async function runTraining(
  { settings, out, minutes, threads }: TrainOptions,
  { signal, say }: TrainingTask,
): Promise<void> {
  const { rate, seed, steps } = settings;
  const graph = taughtGraph(settings);
  const backend = cpu(threads === undefined ? {} : { threads });
  const path = (name: string) => join(out, name);
  await mkdir(out, { recursive: true });
  const resume = await readState(path("checkpoint.safetensors"), graph);
  await checkSettings(path("settings.json"), settings, resume?.step ?? 0);
  const log = resume ? await readLog(path("log.csv"), resume.step) : [];
  say(`${parameterCount(graph)} parameters, ${resume ? `going on after step ${resume.step}` : "from the beginning"}.`);

  const checkpoint = (state: TrainingState) => writeFileAtomic(path("checkpoint.safetensors"), writeCheckpoint(graph, state));
  const save = async (state: TrainingState) => {
    await checkpoint(state);
    await writeFileAtomic(
      path("log.csv"),
      toCsv(
        log.map((row) => ({ ...row })),
        [...COLUMNS],
      ),
    );
    if (log.length > 1) await writeFileAtomic(path("curve.svg"), curve(log));
    const bytes = encodeGraph(withWeights(network(settings), trainedWeights(graph, state)));
    await writeFileAtomic(path("model.onnx"), withCard(bytes, cardOf(settings, state, await modelSha256(bytes))));
  };
  const judge = validator(settings, backend, (state) => encodeGraph(withWeights(graph, trainedWeights(graph, state))));
  const fall = constantThenLinear({ rate, constant: plateauOf(steps), linear: steps - plateauOf(steps) });
  const schedule = (step: number) => fall(step) * Math.min(1, step / WARM_UP);
  const training = {
    backend,
    optimizer: adam({ weightDecay: 1e-4 }),
    steps,
    schedule,
    clipNorm: 1,
    averageDecay: 0.999,
  };
  const end = performance.now() + minutes * 60_000;
  let saved = performance.now();
  const since: { loss: number; norm: number; seconds: number }[] = [];
  const { batches, close } = await prefetchSamples(
    { kind: "procedural", options: samplesOf(settings, seed) },
    { end: steps + 1, execArgv },
  );
  const weighted = async (step: number) => {
    const batch = await batches(step);
    return step <= plateauOf(steps) ? batch : { ...batch, weight: spreadWeights(batch["weight"]!, WEIGHT_REACH) };
  };
  for await (const progress of fit(graph, { ...training, batches: weighted, ...(resume && { resume }) })) {
    const { step, loss, gradientNorm: norm, learningRate, seconds, state } = progress;
    since.push({ loss, norm, seconds });
    const stop = signal.aborted || performance.now() > end;
    if (step % CHECK_EVERY !== 0 && step !== plateauOf(steps) && step !== steps && !stop) {
      // What a cut-off run may cost.
      if (performance.now() - saved > CHECKPOINT_MS) {
        await checkpoint(state);
        saved = performance.now();
      }
      continue;
    }
    saved = performance.now();
    const mean = (key: "loss" | "norm" | "seconds") => since.reduce((sum, one) => sum + one[key], 0) / since.length;
    // Between two checks a stop is a checkpoint, and nothing that the training's course could depend on.
    if (step % CHECK_EVERY === 0 || step === steps) {
      const validation = await judge(state);
      log.push({ step, loss: mean("loss"), validation, learningRate, gradientNorm: mean("norm"), seconds: mean("seconds") });
      say(
        `step ${step} of ${steps}: loss ${mean("loss").toFixed(4)}, validation ${validation.toFixed(4)}, ${mean("seconds").toFixed(2)} s a step`,
      );
      since.length = 0;
    }
    await save(state);
    // From here a longer training could go on.
    if (step === plateauOf(steps)) await copyFile(path("checkpoint.safetensors"), path("plateau.safetensors"));
    if (!stop || step === steps) continue;
    say(`Stopped after step ${step}; the same command goes on from there.`);
    break;
  }
  await close();
  if (log.at(-1)?.step === steps) say(`Done: ${path("model.onnx")}`);
}

/** What a user of the model must know; the settings are the recipe. */
export function cardOf(settings: TrainingSettings, { step }: TrainingState, sha256: string): ModelCard {
  const divisor = settings.unshuffle * 2 ** (settings.scales - 1);
  return {
    ...noiseUnitsCard,
    format: 1,
    name: "contrast",
    version: `step-${step}`,
    description: `Conditional 3-D U-Net that takes the noise from the enhancement of a low-dose scan. Trained on procedural scans alone: ${JSON.stringify({ ...settings, step })}.`,
    intendedUse: "Research on gadolinium dose reduction: T1-weighted brain scans before and after a low dose, on one grid.",
    limits:
      "Not a medical device. It never saw a patient; what it can't tell from noise it takes away, and noise that looks like enhancement may stay.",
    licence: "Apache-2.0",
    // Eight windows cover a brain's box of up to 160 × 192 × 160 voxels.
    patch: { window: [88, 104, 88], divisibleBy: [divisor, divisor, divisor], marginVoxels: 8, overlap: 0.15 },
    sha256,
  };
}

const VALIDATION_BATCHES = 8;

/** The mean loss over samples of another seed. */
function validator(settings: TrainingSettings, backend: ReturnType<typeof cpu>, encode: (state: TrainingState) => Uint8Array) {
  const samples = restorationSamples({ ...samplesOf(settings, settings.seed + 1_000_003), uses: 1 });
  return async (state: TrainingState) => {
    const session = await backend.load(createModel(encode(state)));
    let sum = 0;
    for (let n = 0; n < VALIDATION_BATCHES; n++) sum += (await session.run(samples(n)))["loss"]!.data[0]!;
    await session.dispose();
    return sum / VALIDATION_BATCHES;
  };
}

/** Notes the settings of a folder; refuses a folder that holds a training of other settings, but for a length that makes no difference yet. */
async function checkSettings(path: string, settings: TrainingSettings, done: number): Promise<void> {
  const text = `${JSON.stringify(settings, null, 2)}\n`;
  const found = await readFile(path, "utf8").catch(() => text);
  const noted = JSON.parse(found) as TrainingSettings;
  const prolonged = `${JSON.stringify({ ...noted, steps: settings.steps }, null, 2)}\n` === text;
  if (found !== text && !(prolonged && done <= plateauOf(Math.min(noted.steps, settings.steps))))
    throw new GadoliniteError(
      "out-of-range",
      `${path} tells of a training with other settings. Give another --out, or the same options.`,
    );
  await writeFileAtomic(path, text);
}

async function readState(path: string, graph: Graph): Promise<TrainingState | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  return bytes && readCheckpoint(graph, bytes);
}

/** The log up to a step; a cut-off run may have logged more than it saved. */
async function readLog(path: string, step: number): Promise<LogRow[]> {
  const text = await readFile(path, "utf8").catch(() => "");
  const [, ...lines] = text.trim().split(/\r?\n/);
  return lines
    .map((line) => line.split(",").map(Number))
    .map((cells) => Object.fromEntries(COLUMNS.map((name, n) => [name, cells[n]])) as unknown as LogRow)
    .filter((row) => row.step <= step);
}

function curve(log: readonly LogRow[]): string {
  const line = (name: string, key: "loss" | "validation") => ({ name, points: log.map((row) => ({ x: row.step, y: row[key] })) });
  return lineChart({
    title: "Training",
    x: { label: "step" },
    y: { label: "loss", scale: "log" },
    series: [line("training", "loss"), line("validation", "validation")],
  });
}
