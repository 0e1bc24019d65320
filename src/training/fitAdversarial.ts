import type { Backend, Session, Tensor, Tensors } from "../backend/backend.js";
import { GadoliniteError } from "../core/errors.js";
import { checkNotAborted, checkPositiveInteger } from "../internal/check.js";
import { encodeGraph } from "../model/graph/encode.js";
import type { Graph } from "../model/graph/graph.js";
import { createModel } from "../model/model.js";
import type { Adam } from "./adam.js";
import { withFlatParameters } from "./flatParameters.js";
import { type ConesGeneratorLossOptions, conesDiscriminatorLoss, conesGeneratorLoss } from "./losses/conesLosses.js";
import { outputOf } from "./losses/terms.js";
import { normalizeSpectra } from "./normalizeSpectra.js";
import { prepared, runStep, vector } from "./runStep.js";
import type { Schedule } from "./schedules.js";
import { checkState, initialState, type TrainingState } from "./trainingState.js";
import { trainingStep } from "./trainingStep.js";

/** How one of the two networks is trained. */
export interface AdversarialPlayer {
  readonly optimizer: Adam;
  readonly schedule: Schedule;
  readonly clipNorm?: number;
}

export interface AdversarialState {
  readonly generator: TrainingState;
  readonly discriminator: TrainingState;
}

export interface FitAdversarialOptions {
  readonly backend: Backend;
  /** Inputs `x` [batch, sources, j, i] and `target` [batch, 1, j, i] of a step, 1 … `steps`; asked for one ahead. */
  readonly batches: (step: number) => Tensors | Promise<Tensors>;
  /** Number of the last step. */
  readonly steps: number;
  /** CoNeS: Adam with β₁ = 0.5 and two time scales, 1e-4 for the generator (weight decay 3e-5) and 4e-4 for the discriminator. */
  readonly generator: AdversarialPlayer;
  readonly discriminator: AdversarialPlayer;
  /** Weights of the generator's terms. */
  readonly loss?: ConesGeneratorLossOptions;
  readonly resume?: AdversarialState;
  readonly signal?: AbortSignal;
}

/** What a step did. */
export interface AdversarialProgress {
  readonly step: number;
  readonly generatorLoss: number;
  readonly discriminatorLoss: number;
  readonly seconds: number;
  readonly state: AdversarialState;
}

/**
 * Trains the generator of CoNeS against its discriminator. In each step the generator makes images, the discriminator learns to tell them from true ones, its
 * spectra are normalised, and the generator learns against the new discriminator.
 *
 * It repeats and resumes bit for bit as {@link fit} does.
 *
 * @param generator of `conesGenerator` with `shifts: true` and fixed sizes
 * @param discriminator of `conesDiscriminator` with the generator's batch doubled, and a channel more
 * @throws as {@link conesGeneratorLoss} and {@link fit} do
 * @see Heusel et al. 2017 (arXiv:1706.08500, two time scales); Chen et al. 2025, "Model training"; details from the public code of CoNeS
 * @example
 * const players = {
 *   generator: { optimizer: adam({ beta1: 0.5, weightDecay: 3e-5 }), schedule: constantThenLinear({ rate: 1e-4, constant: 50_000, linear: 50_000 }) },
 *   discriminator: { optimizer: adam({ beta1: 0.5 }), schedule: constantThenLinear({ rate: 4e-4, constant: 50_000, linear: 50_000 }) },
 * };
 * for await (const { step, generatorLoss } of fitAdversarial(generator, discriminator, { backend, batches, steps: 100_000, ...players })) draw(step, generatorLoss);
 */
export async function* fitAdversarial(
  generator: Graph,
  discriminator: Graph,
  options: FitAdversarialOptions,
): AsyncGenerator<AdversarialProgress, void, void> {
  const { backend, batches, steps, loss = {}, resume, signal } = options;
  checkPositiveInteger("steps", steps);
  checkNotAborted(signal);
  const judged = conesDiscriminatorLoss(discriminator);
  const made = { ...withFlatParameters(generator, "weights"), outputs: [outputOf(generator, "y")] };
  const graphs = [
    made,
    trainingStep(judged, options.discriminator),
    trainingStep(conesGeneratorLoss(generator, discriminator, loss), options.generator),
  ];
  let state = resume ?? {
    generator: initialState(generator),
    discriminator: normalized(discriminator, initialState(discriminator)),
  };
  checkState(generator, state.generator);
  checkState(discriminator, state.discriminator);
  const sessions: Session[] = [];
  try {
    for (const graph of graphs) sessions.push(await backend.load(createModel(encodeGraph(graph)), signal ? { signal } : {}));
    const [make, judge, learn] = sessions as [Session, Session, Session];
    let batch = prepared(batches, state.generator.step + 1);
    while (state.generator.step < steps) {
      const start = performance.now();
      const step = state.generator.step + 1;
      const { x, target } = checkBatch(await batch);
      checkNotAborted(signal);
      if (step < steps) batch = prepared(batches, step + 1);
      const { y } = await make.run({ x, weights: vector(state.generator.weights) });
      const seen = behindSources(x, [target, y!]);
      const judgement = await runStep(judge, { x: seen }, state.discriminator, options.discriminator.schedule(step), signal);
      const next = normalized(discriminator, judgement.state);
      const data = { x, target, discriminator: vector(next.weights) };
      const result = await runStep(learn, data, state.generator, options.generator.schedule(step), signal);
      state = { generator: result.state, discriminator: next };
      const seconds = (performance.now() - start) / 1000;
      yield { step, generatorLoss: result.loss, discriminatorLoss: judgement.loss, seconds, state };
    }
  } finally {
    for (const session of sessions) await session.dispose();
  }
}

const normalized = (graph: Graph, state: TrainingState): TrainingState => ({
  ...state,
  weights: normalizeSpectra(graph, state.weights),
});

function checkBatch(batch: Tensors): { readonly x: Tensor; readonly target: Tensor } {
  const { x, target } = batch;
  if (x && target && Object.keys(batch).length === 2) return { x, target };
  throw new GadoliniteError("out-of-range", `A batch holds x and target, but this one holds ${Object.keys(batch).join(", ")}.`);
}

/** Each image behind the channels of its sources, the samples of all images one after another. */
function behindSources(x: Tensor, images: readonly Tensor[]): Tensor {
  const [batch, channels, ...space] = x.dims as readonly [number, number, ...number[]];
  const plane = space.reduce((product, n) => product * n, 1);
  const size = (channels + 1) * plane;
  const data = new Float32Array(images.length * batch * size);
  images.forEach((image, part) => {
    for (let n = 0; n < batch; n++) {
      const to = (part * batch + n) * size;
      data.set(x.data.subarray(n * channels * plane, (n + 1) * channels * plane), to);
      data.set(image.data.subarray(n * plane, (n + 1) * plane), to + channels * plane);
    }
  });
  return { dims: [images.length * batch, channels + 1, ...space], data };
}
