import { GadoliniteError } from "../core/errors.js";
import { toFloat16 } from "./float16.js";
import { formatShape, type Graph, type Initializer, initializerValue, type Node, type Value } from "./graph/graph.js";
import { TYPE_CODES } from "./graph/operators/layout.js";
import { asFloat32, type WeightTensor } from "./weightTensor.js";

/**
 * The parameters of a graph by name, in the order in which they were made. The numbers are the graph's own, not copied.
 *
 * @example
 * const bytes = writeSafetensors(weightsOf(graph));
 */
export function weightsOf({ parameters, initializers }: Graph): ReadonlyMap<string, WeightTensor> {
  return new Map(
    parameters.map((name) => {
      const { type, shape, data } = initializers.get(name)!;
      return [name, { dtype: type, shape, data }];
    }),
  );
}

export interface WithWeightsOptions {
  /**
   * From a tensor's name to the name of the graph's parameter: an object (names that it lacks stay as they are), or a function, which
   * gives `undefined` for a tensor that is to be left out. Default: names stay as they are.
   */
  readonly names?: Readonly<Record<string, string>> | ((name: string) => string | undefined);
}

/**
 * The graph with other weights: each parameter gets the tensor of its name.
 *
 * @param graph the architecture; its other constants stay
 * @param tensors real numbers of any width, e.g. of {@link readSafetensors}; kept, not copied, where they are float32
 * @throws `bad-model` unless every parameter gets exactly one tensor of its shape and every tensor is used; the message names the first that don't fit
 * @example
 * const graph = withWeights(conditionalUnet3d({ seed: 1 }), readSafetensors(bytes), {
 *   names: (name) => name.replace(/^module\./, ""),
 * });
 */
export function withWeights(
  graph: Graph,
  tensors: ReadonlyMap<string, WeightTensor>,
  { names = {} }: WithWeightsOptions = {},
): Graph {
  const rename = typeof names === "function" ? names : (name: string) => (Object.hasOwn(names, name) ? names[name] : name);
  const given = new Map<string, readonly [string, WeightTensor]>();
  const problems: string[] = [];
  const wanted = new Set(graph.parameters);
  for (const [name, tensor] of tensors) {
    const parameter = rename(name);
    if (parameter === undefined) continue;
    const as = name === parameter ? name : `${name} (as ${parameter})`;
    if (!wanted.has(parameter)) problems.push(`${as} is not expected`);
    else if (given.has(parameter)) problems.push(`${as} comes after ${given.get(parameter)![0]}`);
    else given.set(parameter, [name, tensor]);
  }
  const initializers = new Map(graph.initializers);
  for (const name of graph.parameters) {
    const [from, tensor] = given.get(name) ?? [];
    const old = graph.initializers.get(name)!;
    const problem = tensor ? misfit(tensor, old) : "is missing";
    if (problem) problems.push(`${name} ${problem}`);
    else initializers.set(name, { ...old, data: old.type === "float16" ? halves(from!, tensor!) : asFloat32(from!, tensor!) });
  }
  if (problems.length > 0)
    throw new GadoliniteError(
      "bad-model",
      `The weights do not fit the network ${graph.name}: ${problems.slice(0, 5).join("; ")}${problems.length > 5 ? `; and ${problems.length - 5} more` : ""}. Build the network with the sizes that it was trained with, or map names with { names }.`,
    );
  const values = new Map(graph.values);
  // In a model of another program a parameter may be a factor of sizes, too.
  for (const name of graph.parameters)
    if (values.get(name)!.content) values.set(name, initializerValue(name, initializers.get(name)!));
  return { ...graph, initializers, values };
}

function misfit({ shape, dtype, data }: WeightTensor, old: Initializer): string | undefined {
  if (shape.length !== old.shape.length || shape.some((size, axis) => size !== old.shape[axis]))
    return `should have shape ${formatShape(old.shape)}, but has ${formatShape(shape)}`;
  if (data.length !== old.data.length) return `has ${data.length} elements, which do not fit its shape ${formatShape(shape)}`;
  return /float/.test(dtype) ? undefined : `holds ${dtype} instead of real numbers`;
}

const halves = (name: string, tensor: WeightTensor): Uint16Array =>
  tensor.dtype === "float16" ? (tensor.data as Uint16Array) : toFloat16(asFloat32(name, tensor), name);

/**
 * The graph with its float32 parameters stored as float16 and cast to float32 where they are used: half the file, the same float32 inputs, outputs
 * and arithmetic. Each weight is off by at most 2⁻¹¹ of itself (2⁻²⁵ for those below 2⁻¹⁴).
 *
 * Do it last: the parameters are then called `….float16`.
 *
 * @throws `out-of-range` for a weight beyond ±65504
 * @example
 * const bytes = encodeGraph(halfWeights(graph));
 */
export function halfWeights(graph: Graph): Graph {
  const halved = new Set(graph.parameters.filter((name) => graph.initializers.get(name)!.type === "float32"));
  const stored = (name: string) => (halved.has(name) ? `${name}.float16` : name);
  const initializers = new Map<string, Initializer>();
  const values = new Map<string, Value>(graph.values);
  const casts: Node[] = [];
  for (const [name, tensor] of graph.initializers) {
    if (!halved.has(name)) {
      initializers.set(name, tensor);
      continue;
    }
    const half = stored(name);
    if (values.has(half)) throw new GadoliniteError("bad-model", `The graph ${graph.name} already has a value called ${half}.`);
    initializers.set(half, { type: "float16", shape: tensor.shape, data: toFloat16(tensor.data as Float32Array, name) });
    values.set(half, { name: half, type: "float16", shape: tensor.shape });
    casts.push({
      name: `${name}.cast`,
      operator: "Cast",
      inputs: [half],
      outputs: [name],
      attributes: { to: { int: TYPE_CODES.float32 } },
    });
  }
  return { ...graph, nodes: [...casts, ...graph.nodes], initializers, parameters: graph.parameters.map(stored), values };
}
