import { GadoliniteError } from "../core/errors.js";
import { formatShape, type Graph } from "../model/graph/graph.js";
import { valuesAt } from "../model/graph/peakBytes.js";

/**
 * The graph with inputs of these sizes, for a network that was built, or read from a file, with open ones: {@link differentiate} wants them fixed.
 *
 * @param shapes sizes of each input by its name
 * @throws `bad-model` where an input has no sizes or others than the graph fixes, or the network can't take them
 * @example
 * const network = withInputShapes(decodeGraph(bytes), { x: [2, 3, 32, 32, 32], conditions: [2, 4] });
 */
export function withInputShapes(graph: Graph, shapes: Readonly<Record<string, readonly number[]>>): Graph {
  for (const { name, shape } of graph.inputs) {
    const given = shapes[name];
    if (given && given.length === shape.length && shape.every((size, axis) => typeof size === "string" || size === given[axis]))
      continue;
    throw new GadoliniteError(
      "bad-model",
      `The input ${name} of the network is ${formatShape(shape)}; ${given ? `[${given.join(", ")}] does not fit it` : "give its sizes"}.`,
    );
  }
  const values = valuesAt(graph, shapes);
  const at = ({ name }: { readonly name: string }) => values.get(name)!;
  return { ...graph, inputs: graph.inputs.map(at), outputs: graph.outputs.map(at), values };
}
