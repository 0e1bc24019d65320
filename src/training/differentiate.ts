import { GadoliniteError } from "../core/errors.js";
import { type GraphBuilder, graphBuilder } from "../model/graph/builder.js";
import { formatShape, type Graph, type Node, type Value } from "../model/graph/graph.js";
import { gradients } from "./gradients/table.js";
import { noGradient, sizesOf, type Tape, tapeOn } from "./gradients/tape.js";

export interface DifferentiateOptions {
  /** Name of the value that is differentiated, a single number. Default `"loss"`. */
  readonly loss?: string;
  /** Names of the parameters or inputs by which. Default: all parameters of the graph. */
  readonly parameters?: readonly string[];
}

/** Output `gradientName(p)` of a differentiated graph holds the derivative of the loss by p. */
export const gradientName = (parameter: string): string => `gradient.${parameter}`;

/**
 * Appends the backward pass of reverse mode: ∂loss/∂p for each parameter p, in standard ONNX operators that any backend runs.
 *
 * Sizes must be fixed, since slices and transposed maps are written out: build the network with `batch` and `patch`, or use
 * {@link withInputShapes}. Weight gradients of convolutions are written as one product of matrices a tap, input gradients as convolutions with
 * flipped weights, with zeros put in between where there are strides.
 *
 * @returns the graph with an output {@link gradientName}(p) more for each p, of the shape of p; zeros where the loss doesn't depend on it
 * @throws `bad-model` if the loss or a parameter isn't in the graph, or the loss is no single number; `unsupported` for open sizes and for an operator
 *   without a rule (grouped or dilated convolutions), naming the node
 * @see Griewank & Walther 2008, "Evaluating derivatives", chapter 3 (reverse mode)
 * @example
 * const network = conditionalUnet3d({ seed: 1, features: 8, batch: 2, patch: [32, 32, 32] });
 * const graph = differentiate(huberLoss(network, { delta: 0.1 }));
 */
export function differentiate(graph: Graph, { loss = "loss", parameters = graph.parameters }: DifferentiateOptions = {}): Graph {
  const b = graphBuilder(graph.name, graph);
  const derivatives = appendGradients(b, graph, loss, parameters);
  return b.finish(Object.fromEntries([...derivatives].map(([name, value]) => [gradientName(name), value])));
}

/** Writes the backward pass of `graph` with a builder that was begun with it; the derivatives by the names of the parameters. */
export function appendGradients(
  b: GraphBuilder,
  graph: Graph,
  loss: string,
  parameters: readonly string[],
): ReadonlyMap<string, Value> {
  const target = floatValue(graph, loss);
  const elements = sizesOf(target).reduce((product, size) => product * size, 1);
  if (elements !== 1)
    throw new GadoliniteError("bad-model", `The loss must be a single number, but ${loss} is ${formatShape(target.shape)}.`);
  for (const name of parameters) floatValue(graph, name);

  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const trained = new Set([...graph.parameters, ...parameters]);
  const constantOf: Tape["constantOf"] = (value) => {
    const alias = value && producers.get(value.name);
    if (alias?.operator === "Identity") return constantOf(graph.values.get(alias.inputs[0]!));
    return value && !trained.has(value.name) ? graph.initializers.get(value.name) : undefined;
  };
  const tape = tapeOn(b, constantOf, ({ name }) => producers.get(name));
  return b.scope("backward", () => backward(tape, graph, target, parameters));
}

function backward(tape: Tape, graph: Graph, loss: Value, parameters: readonly string[]): ReadonlyMap<string, Value> {
  const { b } = tape;
  const depends = dependents(graph, parameters);
  const derivatives = new Map<string, Value>([[loss.name, one(tape, loss)]]);
  const add = (name: string, dx: Value) => {
    const before = derivatives.get(name);
    derivatives.set(name, before ? b.node("Add", [before, dx]) : dx);
  };
  for (const node of graph.nodes.toReversed()) {
    const dy = derivatives.get(node.outputs[0]!);
    if (!dy || !depends.has(node.outputs[0]!)) continue;
    for (const [n, dx] of throughNode(tape, graph, node, dy, depends).entries())
      if (dx && depends.has(node.inputs[n]!)) add(node.inputs[n]!, dx);
  }
  return new Map(parameters.map((name) => [name, derivatives.get(name) ?? zeros(tape, graph.values.get(name)!)]));
}

function throughNode(tape: Tape, graph: Graph, node: Node, dy: Value, depends: ReadonlySet<string>) {
  const rule = gradients[node.operator];
  if (!rule) return noGradient(node, "it has no rule.");
  const inputs = node.inputs.map((name) => (name === "" ? undefined : graph.values.get(name)));
  const output = graph.values.get(node.outputs[0]!)!;
  const wants = (n: number) => depends.has(node.inputs[n] ?? "");
  return rule(tape, { node, inputs, output, dy, wants });
}

/** Names of all values that change with one of the parameters. */
function dependents(graph: Graph, parameters: readonly string[]): ReadonlySet<string> {
  const depends = new Set(parameters);
  for (const { inputs, outputs } of graph.nodes)
    if (inputs.some((name) => depends.has(name))) for (const output of outputs) depends.add(output);
  return depends;
}

function one({ b }: Tape, { shape }: Value): Value {
  return b.constant("one", { type: "float32", shape: shape as readonly number[], data: Float32Array.of(1) });
}

function zeros({ b, real, ints }: Tape, value: Value): Value {
  return b.node("Expand", [real(0), ints(sizesOf(value))]);
}

function floatValue(graph: Graph, name: string): Value {
  const value = graph.values.get(name);
  if (value?.type === "float32") return value;
  throw new GadoliniteError(
    "bad-model",
    value
      ? `${name} of the graph ${graph.name} is ${value.type}; float32 can be differentiated.`
      : `The graph ${graph.name} has no value called ${name}. Its outputs are ${graph.outputs.map((output) => output.name).join(", ")}.`,
  );
}
