import type { Backend, Tensors } from "../backend/backend.js";
import { GadoliniteError } from "../core/errors.js";
import { checkNotAborted, checkPositiveInteger } from "../internal/check.js";
import { encodeGraph } from "../model/graph/encode.js";
import type { Graph } from "../model/graph/graph.js";
import { createModel } from "../model/model.js";
import { prepared, runStep } from "./runStep.js";
import type { Schedule } from "./schedules.js";
import { checkState, initialState, type TrainingState } from "./trainingState.js";
import { type TrainingStepOptions, trainingStep } from "./trainingStep.js";

export interface FitOptions extends TrainingStepOptions {
  /** What runs the steps. */
  readonly backend: Backend;
  /**
   * The data of a step, 1 … `steps`, by the names of the graph's inputs. Make it a function of the step alone, and the training repeats and resumes bit
   * for bit. It is asked for the next step before the current one runs, so that a worker prepares it meanwhile.
   */
  readonly batches: (step: number) => Tensors | Promise<Tensors>;
  /** Number of the last step. */
  readonly steps: number;
  /** Learning rate of each step. */
  readonly schedule: Schedule;
  /** Judges the state every so many steps, and after the last one: a number, less is better. */
  readonly validate?: (state: TrainingState) => number | Promise<number>;
  /** Default 1000. */
  readonly validateEvery?: number;
  /** Validations without a better value after which the training ends. Default: it goes on. */
  readonly patience?: number;
  /** Where an earlier training was left; it goes on with the step after. Default: the graph's weights. */
  readonly resume?: TrainingState;
  readonly signal?: AbortSignal;
}

/** What a step did. */
export interface TrainingProgress {
  readonly step: number;
  /** The loss on the step's batch, before the step. */
  readonly loss: number;
  readonly learningRate: number;
  /** Euclidean norm of the gradient, before clipping. */
  readonly gradientNorm: number;
  /** Time that the step took, waiting for its batch included. */
  readonly seconds: number;
  /** Present where the step was validated. */
  readonly validation?: { readonly value: number; readonly best: boolean };
  /** The state after the step. It is never changed later, so it can be kept. */
  readonly state: TrainingState;
}

/**
 * Trains a network, as an iterator over its steps: what happens between them (a checkpoint, a line, a curve, an end by `break`) is the caller's loop.
 *
 * It ends after `steps`, or early where `patience` is given. The same graph, batches and options give the same weights bit for bit on the CPU, and a
 * training that is resumed from the state of any step those of one that wasn't interrupted.
 *
 * @param graph a network with fixed sizes and a loss, e.g. of {@link huberLoss}
 * @throws as {@link trainingStep} and the backend's `load` do; `not-converged`, naming the step, where the loss or the gradient is no number any more (the state of the
 *   step before is still good); `out-of-range` for batches that don't fit the inputs; `bad-model` where `resume` is another network's; `aborted`
 * @example
 * const graph = huberLoss(conditionalUnet3d({ seed: 1, features: 8, batch: 2, patch: [32, 32, 32] }), { delta: 0.1 });
 * const schedule = cosine({ from: 1e-3, to: 1e-6, steps: 1000 });
 * for await (const { step, loss, state } of fit(graph, { backend: cpu(), optimizer: adam(), batches, steps: 1000, schedule })) {
 *   if (step % 100 === 0) await writeFileAtomic("training.safetensors", writeCheckpoint(graph, state));
 * }
 */
export async function* fit(graph: Graph, options: FitOptions): AsyncGenerator<TrainingProgress, void, void> {
  const { backend, batches, steps, schedule, validate, validateEvery = 1000, patience, resume, signal } = options;
  checkPositiveInteger("steps", steps);
  checkPositiveInteger("validateEvery", validateEvery);
  if (patience !== undefined) checkPositiveInteger("patience", patience);
  checkNotAborted(signal);
  let state = startOf(graph, options, resume);
  const session = await backend.load(createModel(encodeGraph(trainingStep(graph, options))), signal ? { signal } : {});
  try {
    let batch = prepared(batches, state.step + 1);
    while (state.step < steps) {
      const start = performance.now();
      const step = state.step + 1;
      const learningRate = schedule(step);
      const data = await batch;
      checkNotAborted(signal);
      if (step < steps) batch = prepared(batches, step + 1);
      const result = await runStep(session, data, state, learningRate, signal);
      state = result.state;
      let validation: TrainingProgress["validation"];
      if (validate && (step % validateEvery === 0 || step === steps)) {
        [state, validation] = judged(state, await validate(state));
        checkNotAborted(signal);
      }
      const { loss, gradientNorm } = result;
      const seconds = (performance.now() - start) / 1000;
      yield { step, loss, learningRate, gradientNorm, seconds, ...(validation && { validation }), state };
      if (patience !== undefined && state.best && state.best.since >= patience) return;
    }
  } finally {
    await session.dispose();
  }
}

function startOf(graph: Graph, { averageDecay }: TrainingStepOptions, resume: TrainingState | undefined): TrainingState {
  const average = averageDecay !== undefined;
  if (!resume) return initialState(graph, { average });
  checkState(graph, resume);
  const { average: kept, ...rest } = resume;
  return average ? { ...rest, average: kept ?? resume.weights } : rest;
}

/** Notes a validation in the state. */
function judged(state: TrainingState, value: number): readonly [TrainingState, NonNullable<TrainingProgress["validation"]>] {
  if (!Number.isFinite(value))
    throw new GadoliniteError(
      "not-converged",
      `The validation after step ${state.step} is ${value}; a finite number is expected.`,
    );
  const best = !state.best || value < state.best.value;
  const noted = best ? { step: state.step, value, since: 0 } : { ...state.best!, since: state.best!.since + 1 };
  return [
    { ...state, best: noted },
    { value, best },
  ];
}
