import { GadoliniteError } from "../../core/errors.js";
import { type GraphBuilder, graphBuilder } from "../../model/graph/builder.js";
import { formatShape, type Graph, type Value } from "../../model/graph/graph.js";

/** Which value of the network a loss judges, and how its own input is called. */
export interface LossInputs {
  /** Output of the network that is judged. Default `"y"`. */
  readonly prediction?: string;
  /** Name of the new input of the prediction's shape that holds the truth. Default `"target"`. */
  readonly target?: string;
}

/** Extends a network by a loss: `write` gives the value that becomes the output `loss`. */
export function withLoss(
  graph: Graph,
  { prediction = "y", target = "target" }: LossInputs,
  write: (b: GraphBuilder, prediction: Value, target: Value) => Value,
): Graph {
  const b = graphBuilder(graph.name, graph);
  const y = outputOf(graph, prediction);
  const truth = b.input(target, y.shape);
  return b.finish({ loss: b.scope("loss", () => write(b, y, truth)) });
}

export function outputOf(graph: Graph, name: string): Value {
  const value = graph.outputs.find((output) => output.name === name);
  if (value) return value;
  const outputs = graph.outputs.map((output) => `${output.name} ${formatShape(output.shape)}`).join(", ");
  throw new GadoliniteError("bad-model", `The network ${graph.name} has no output ${name}; its outputs are ${outputs}.`);
}

/** A real number in the graph. */
export const real = (b: GraphBuilder, value: number): Value =>
  b.constant("real", { type: "float32", shape: [], data: Float32Array.of(value) });

/** The mean over all elements, as a number without axes. */
export const meanOf = (b: GraphBuilder, value: Value): Value => b.node("ReduceMean", [value], { keepdims: { int: 0 } });

/**
 * Huber's function of each element: t²/2 up to δ, beyond it δ(|t| − δ/2). With c = min(|t|, δ) both are c(|t| − c/2), without a branch.
 */
export function huberOf(b: GraphBuilder, difference: Value, delta: number): Value {
  const size = b.node("Abs", [difference]);
  const clipped = b.node("Min", [size, real(b, delta)]);
  const half = b.node("Mul", [clipped, real(b, 0.5)]);
  return b.node("Mul", [clipped, b.node("Sub", [size, half])]);
}
