import { GadoliniteError } from "../../core/errors.js";
import { productOf } from "./denseConv.js";
import { type ElementType, failOpen, formatShape, type Graph, type Node, type Value } from "./graph.js";
import { operators } from "./operators/table.js";

const BYTES: Readonly<Record<ElementType, number>> = {
  float32: 4,
  float16: 2,
  float64: 8,
  int32: 4,
  int64: 8,
  uint8: 1,
  bool: 1,
};

/**
 * Type and shape of every value, for inputs of these sizes. Throws, naming the node, `bad-model` where a network can't take them, `unsupported`
 * where sizes depend on more than the sizes of the inputs.
 */
export function valuesAt(graph: Graph, inputs: Readonly<Record<string, readonly number[]>>): ReadonlyMap<string, Value> {
  const values = new Map<string, Value>();
  for (const value of graph.inputs) {
    const shape = inputs[value.name];
    if (!shape || shape.length !== value.shape.length)
      throw new GadoliniteError(
        "bad-model",
        `Input ${value.name} of the network has ${value.shape.length} sizes, not ${shape?.length ?? "none"}.`,
      );
    values.set(value.name, { ...value, shape });
  }
  for (const name of graph.initializers.keys()) values.set(name, graph.values.get(name)!);
  for (const { name, operator, inputs: names, outputs, attributes } of graph.nodes) {
    const types = operators[operator]!.infer({ node: name, operator, inputs: names.map((n) => values.get(n)), attributes });
    outputs.forEach((output, n) => {
      const type = types[n];
      if (!type) return;
      if (type.shape.some((size) => typeof size === "string"))
        failOpen({ node: name, operator }, `the size of its output, ${formatShape(type.shape)}, can't be told beforehand.`);
      values.set(output, { ...type, name: output });
    });
  }
  return values;
}

/** Bytes of a value whose sizes are all numbers. */
export const bytesOf = ({ type, shape }: Value): number => BYTES[type] * productOf(shape as readonly number[]);

/** Bytes of all weights and constants. */
export function weightBytes({ initializers }: Graph): number {
  let sum = 0;
  for (const { data } of initializers.values()) sum += data.byteLength;
  return sum;
}

// They give their input another shape, or name, and no new memory.
const VIEWS = new Set(["Identity", "Reshape", "Squeeze", "Unsqueeze", "Flatten"]);

/**
 * The most bytes that inputs, outputs and what lies between them take at a time, while nodes run in their order and each value is freed after its
 * last reader. Operators that could write over their input are not trusted to do so; a ConvTranspose and a Conv of many channels on few voxels
 * need room for the unfolded windows besides.
 *
 * @param values of {@link valuesAt}
 */
export function peakActivationBytes(graph: Graph, values: ReadonlyMap<string, Value>): number {
  const owner = new Map<string, string>();
  const ownerOf = (name: string) => owner.get(name) ?? name;
  for (const { operator, inputs, outputs } of graph.nodes) if (VIEWS.has(operator)) owner.set(outputs[0]!, ownerOf(inputs[0]!));

  const lastReader = new Map<string, number>();
  graph.nodes.forEach(({ inputs }, n) => {
    for (const name of inputs) lastReader.set(ownerOf(name), n);
  });
  // Who called holds the inputs, and gets the outputs.
  for (const { name } of [...graph.inputs, ...graph.outputs]) lastReader.set(ownerOf(name), graph.nodes.length);

  const size = (name: string) => (graph.initializers.has(name) ? 0 : bytesOf(values.get(name)!));
  let live = graph.inputs.reduce((sum, { name }) => sum + size(name), 0);
  let peak = live;
  graph.nodes.forEach((node, n) => {
    const made = VIEWS.has(node.operator) ? [] : node.outputs.filter((name) => name !== "");
    live += made.reduce((sum, name) => sum + size(name), 0);
    peak = Math.max(peak, live + workspaceBytes(node, values));
    const read = new Set(node.inputs.filter((name) => name !== "").map(ownerOf));
    for (const name of [...read, ...made]) if ((lastReader.get(name) ?? n) === n) live -= size(name);
  });
  return peak;
}

function workspaceBytes({ operator, inputs, outputs }: Node, values: ReadonlyMap<string, Value>): number {
  if (operator !== "Conv" && operator !== "ConvTranspose") return 0;
  const [x, w, y] = [inputs[0]!, inputs[1]!, outputs[0]!].map((name) => values.get(name)!.shape as readonly number[]);
  const [sites, kernel] = [productOf((operator === "Conv" ? y! : x!).slice(2)), productOf(w!.slice(2))];
  // Of a Conv the windows are unfolded whole only where there are more of its channels than voxels.
  if (operator === "Conv" && (w![0]! <= sites || kernel === 1)) return 0;
  return 4 * sites * kernel * w![1]!;
}
