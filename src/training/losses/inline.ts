import { GadoliniteError } from "../../core/errors.js";
import type { GraphBuilder } from "../../model/graph/builder.js";
import type { Graph, Value } from "../../model/graph/graph.js";

/**
 * Writes the nodes of a graph once more with a builder, on other inputs. Its numbers become constants of the new graph.
 *
 * @returns its outputs by their names
 */
export function inlined(
  b: GraphBuilder,
  { name, inputs, nodes, initializers, outputs }: Graph,
  feeds: Readonly<Record<string, Value>>,
): ReadonlyMap<string, Value> {
  const values = new Map<string, Value>();
  for (const input of inputs) {
    const feed = feeds[input.name];
    if (!feed) throw new GadoliniteError("bad-model", `The network ${name} has an input ${input.name} that nothing feeds.`);
    values.set(input.name, feed);
  }
  for (const [constant, tensor] of initializers) values.set(constant, b.constant(constant, tensor));
  for (const node of nodes) {
    const results = b.nodes(
      node.operator,
      node.inputs.map((input) => (input === "" ? undefined : values.get(input)!)),
      node.attributes,
      node.name,
    );
    node.outputs.forEach((output, n) => {
      values.set(output, results[n]!);
    });
  }
  return new Map(outputs.map((output) => [output.name, values.get(output.name)!]));
}
