import { GadoliniteError } from "../../core/errors.js";
import type { Graph } from "./graph.js";

/**
 * The part of a network that computes one of its values: a graph of its own, with that value as its only output and the inputs that it depends on.
 *
 * @param value name of a value between the layers, e.g. `"embedding.1.out"` of `conditionalUnet3d`
 * @throws `bad-model` if the graph has no such value
 * @example
 * const embedding = subgraph(conditionalUnet3d({ seed: 1 }), "embedding.1.out"); // conditions → e
 */
export function subgraph(graph: Graph, value: string): Graph {
  const output = graph.values.get(value);
  if (!output) throw new GadoliniteError("bad-model", `The network ${graph.name} has no value ${value}.`);
  const needed = new Set([value]);
  const nodes = [...graph.nodes].reverse().filter(({ inputs, outputs }) => {
    const used = outputs.some((name) => needed.has(name));
    if (used) for (const name of inputs) needed.add(name);
    return used;
  });
  return {
    ...graph,
    inputs: graph.inputs.filter(({ name }) => needed.has(name)),
    outputs: [output],
    nodes: nodes.reverse(),
    initializers: new Map([...graph.initializers].filter(([name]) => needed.has(name))),
    parameters: graph.parameters.filter((name) => needed.has(name)),
  };
}
