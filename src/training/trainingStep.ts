import { GadoliniteError } from "../core/errors.js";
import { checkPositive, checkWithin } from "../internal/check.js";
import { type GraphBuilder, graphBuilder } from "../model/graph/builder.js";
import type { Graph, Value } from "../model/graph/graph.js";
import type { Adam } from "./adam.js";
import { appendGradients } from "./differentiate.js";
import { flattened, lengthOf, segmentsOf, withFlatParameters } from "./flatParameters.js";
import { outputOf } from "./losses/terms.js";

export interface TrainingStepOptions {
  /** What turns gradients into steps. */
  readonly optimizer: Adam;
  /** Longest gradient, as the Euclidean norm over all parameters together; a longer one is shortened to it. Default: none is. */
  readonly clipNorm?: number;
  /** Decay of the exponential moving average of the weights, 0 to 1. Default: no average is kept. */
  readonly averageDecay?: number;
  /** Name of the output that is made small. Default `"loss"`. */
  readonly loss?: string;
}

// Names of inputs; outputs of the same name with "Next" behind it take their place in the next step.
const STATE = ["weights", "mean", "variance", "average"] as const;

/**
 * One step of training as an ordinary ONNX graph: forward, backward, clipping, optimiser. It needs no training runtime: every backend that runs the
 * network's operators runs it.
 *
 * Inputs are those of the graph and, as vectors over all parameters in their order, `weights`, `mean` and `variance` (Adam's m and v; zeros at the
 * start) and, where `averageDecay` is given, `average`; then `learningRate` [1] and `step` [1], which is 1 in the first step. Outputs are
 * `loss` and `gradientNorm` [1], both of the weights that came in, the norm before clipping, and `weightsNext`, `meanNext`, `varianceNext`, `averageNext`: what
 * comes out goes in again, without a copy.
 *
 * The average is a ← d a + (1 − d) w with d = min(decay, (1 + t) / (10 + t)), so that it doesn't hang on to the start.
 *
 * @param graph a network with a loss and fixed sizes
 * @throws as {@link differentiate} does; `out-of-range` for a clipNorm or a decay that makes no sense; `bad-model` for parameters that aren't float32
 * @see Pascanu et al. 2013, "On the difficulty of training recurrent neural networks" (clipping by norm)
 * @example
 * const step = trainingStep(huberLoss(network, { delta: 0.1 }), { optimizer: adam(), clipNorm: 1 });
 * const session = await cpu().load(createModel(encodeGraph(step)));
 */
export function trainingStep(graph: Graph, options: TrainingStepOptions): Graph {
  const { optimizer, clipNorm, averageDecay, loss = "loss" } = options;
  if (clipNorm !== undefined) checkPositive("clipNorm", clipNorm);
  if (averageDecay !== undefined) checkWithin("averageDecay", averageDecay, 0, 1);
  checkParameters(graph);
  const segments = segmentsOf(graph);
  const names = segments.map(({ name }) => name);
  const open = { ...withFlatParameters(graph, STATE[0]), outputs: [outputOf(graph, loss)] };
  const b = graphBuilder(`${graph.name}.step`, open);
  const vector = (name: string) => b.input(name, [lengthOf(segments)]);
  const weights = open.values.get(STATE[0])!;
  const [mean, variance] = [vector(STATE[1]), vector(STATE[2])];
  const average = averageDecay === undefined ? undefined : vector(STATE[3]);
  const learningRate = b.input("learningRate", [1]);
  const step = b.input("step", [1]);

  const derivatives = appendGradients(b, open, loss, names);
  return b.scope("optimizer", () => {
    const whole = flattened(
      b,
      names.map((name) => derivatives.get(name)!),
    );
    const norm = b.node("ReduceL2", [whole]);
    const gradient = clipNorm === undefined ? whole : clipped(b, whole, norm, clipNorm);
    const next = adamStep(b, optimizer, { weights, mean, variance, gradient, learningRate, step });
    return b.finish({
      gradientNorm: norm,
      weightsNext: next.weights,
      meanNext: next.mean,
      varianceNext: next.variance,
      ...(average && { averageNext: averaged(b, average, next.weights, step, averageDecay!) }),
    });
  });
}

function checkParameters({ name, parameters, initializers }: Graph): void {
  if (parameters.length === 0) throw new GadoliniteError("bad-model", `The graph ${name} has no parameters to train.`);
  const other = parameters.find((parameter) => initializers.get(parameter)!.type !== "float32");
  if (other)
    throw new GadoliniteError(
      "bad-model",
      `The parameter ${other} is ${initializers.get(other)!.type}; float32 can be trained. Store halves after training.`,
    );
}

/** g · min(1, most / ‖g‖). */
function clipped(b: GraphBuilder, gradient: Value, norm: Value, most: number): Value {
  const factor = b.node("Div", [real(b, most), b.node("Max", [norm, real(b, most)])]);
  return b.node("Mul", [gradient, factor]);
}

interface AdamValues {
  readonly weights: Value;
  readonly mean: Value;
  readonly variance: Value;
  readonly gradient: Value;
  readonly learningRate: Value;
  readonly step: Value;
}

function adamStep(b: GraphBuilder, { beta1, beta2, epsilon, weightDecay }: Adam, values: AdamValues) {
  const { weights, gradient, learningRate, step } = values;
  const mul = (x: Value, y: Value) => b.node("Mul", [x, y]);
  const mix = (old: Value, fresh: Value, beta: number) => b.node("Add", [mul(old, real(b, beta)), mul(fresh, real(b, 1 - beta))]);
  const mean = mix(values.mean, gradient, beta1);
  const variance = mix(values.variance, mul(gradient, gradient), beta2);
  const root = b.node("Sqrt", [b.node("Div", [variance, biasCorrection(b, step, beta2)])]);
  const direction = b.node("Div", [mean, b.node("Add", [root, real(b, epsilon)])]);
  const change = mul(direction, b.node("Div", [learningRate, biasCorrection(b, step, beta1)]));
  // The decay first, as a factor close to 1: a weight of 0 stays 0.
  const kept = weightDecay === 0 ? weights : mul(weights, b.node("Sub", [real(b, 1), mul(learningRate, real(b, weightDecay))]));
  return { weights: b.node("Sub", [kept, change]), mean, variance };
}

/**
 * 1 − βᵗ, to float32's full precision: 0.999ᵗ is so close to 1 that a difference would lose four digits. With h = tanh(−t ln β / 2) it is 2h / (1 + h).
 */
function biasCorrection(b: GraphBuilder, step: Value, beta: number): Value {
  if (beta === 0) return real(b, 1);
  const h = b.node("Tanh", [b.node("Mul", [step, real(b, -Math.log(beta) / 2)])]);
  return b.node("Div", [b.node("Add", [h, h]), b.node("Add", [h, real(b, 1)])]);
}

function averaged(b: GraphBuilder, average: Value, weights: Value, step: Value, decay: number): Value {
  const warm = b.node("Div", [b.node("Add", [step, real(b, 1)]), b.node("Add", [step, real(b, 10)])]);
  const share = b.node("Sub", [real(b, 1), b.node("Min", [warm, real(b, decay)])]);
  return b.node("Add", [average, b.node("Mul", [share, b.node("Sub", [weights, average])])]);
}

const real = (b: GraphBuilder, value: number): Value =>
  b.constant("real", { type: "float32", shape: [], data: Float32Array.of(value) });
