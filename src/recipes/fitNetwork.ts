import { encodeGraph } from "../model/graph/encode.js";
import type { Graph } from "../model/graph/graph.js";
import { createModel, type Model } from "../model/model.js";
import type { ModelCard } from "../model/modelCard.js";
import { parseCard } from "../model/parseCard.js";
import { withWeights } from "../model/weights.js";
import { modelSha256, withCard } from "../model/withCard.js";
import { type FitOptions, fit } from "../training/fit.js";
import { type FitAdversarialOptions, fitAdversarial } from "../training/fitAdversarial.js";
import { readCheckpoint, type TrainingState, trainedWeights, writeCheckpoint } from "../training/trainingState.js";
import type { NetworkProgress, TrainNetworkOptions } from "./system.js";

/** What a recipe says of its model; the rest of the card is the same for all recipes. */
export type RecipeCard = Pick<ModelCard, "name" | "description" | "inputs" | "output" | "patch" | "preprocessing"> &
  Partial<Pick<ModelCard, "conditions">>;

export interface FitPlan extends Pick<FitOptions, "batches" | "steps" | "schedule" | "optimizer" | "clipNorm" | "averageDecay"> {
  /** The network with its loss, of fixed sizes. */
  readonly graph: Graph;
  /** The same network for use, of open sizes. */
  readonly network: Graph;
  readonly card: RecipeCard;
}

/** Trains one network as its recipe says. */
export async function* fitNetwork(
  { graph, network, card, ...plan }: FitPlan,
  { backend, resume, signal }: TrainNetworkOptions,
): AsyncGenerator<NetworkProgress, void, void> {
  const left = resume && { resume: readCheckpoint(graph, resume["network"]!) };
  for await (const { step, loss, seconds, state } of fit(graph, { ...plan, backend, ...left, ...(signal && { signal }) }))
    yield {
      step,
      steps: plan.steps,
      loss,
      seconds,
      checkpoint: () => ({ network: writeCheckpoint(graph, state) }),
      model: () => finished(network, graph, state, card),
    };
}

export interface FitAdversarialPlan extends Omit<FitAdversarialOptions, "backend" | "resume" | "signal"> {
  readonly generatorGraph: Graph;
  readonly discriminatorGraph: Graph;
  /** The generator for use. */
  readonly network: Graph;
  readonly card: RecipeCard;
}

/** Trains a generator against its discriminator as its recipe says. */
export async function* fitAdversaries(
  { generatorGraph, discriminatorGraph, network, card, ...plan }: FitAdversarialPlan,
  { backend, resume, signal }: TrainNetworkOptions,
): AsyncGenerator<NetworkProgress, void, void> {
  const left = resume && {
    resume: {
      generator: readCheckpoint(generatorGraph, resume["generator"]!),
      discriminator: readCheckpoint(discriminatorGraph, resume["discriminator"]!),
    },
  };
  const options = { ...plan, backend, ...left, ...(signal && { signal }) };
  for await (const { step, generatorLoss, seconds, state } of fitAdversarial(generatorGraph, discriminatorGraph, options))
    yield {
      step,
      steps: plan.steps,
      loss: generatorLoss,
      seconds,
      checkpoint: () => ({
        generator: writeCheckpoint(generatorGraph, state.generator),
        discriminator: writeCheckpoint(discriminatorGraph, state.discriminator),
      }),
      model: () => finished(network, generatorGraph, state.generator, card),
    };
}

async function finished(network: Graph, graph: Graph, state: TrainingState, card: RecipeCard): Promise<Model> {
  const bytes = encodeGraph(withWeights(network, trainedWeights(graph, state)));
  const whole = parseCard({
    ...card,
    format: 1,
    version: `step-${state.step}`,
    intendedUse: "Research on gadolinium dose reduction: repeating a published study.",
    limits: "Not a medical device. It is as good as the scans that it was trained on, and was judged on no others.",
    licence: "That of whoever trained it.",
    sha256: await modelSha256(bytes),
  });
  return createModel(withCard(bytes, whole));
}
