import type { GraphBuilder } from "../model/graph/builder.js";
import type { Graph, Value } from "../model/graph/graph.js";
import { productOf, sizesOf } from "./gradients/tape.js";

/** Where a parameter lies in the one vector that holds them all. */
export interface Segment {
  readonly name: string;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

/** All parameters of a graph one after another, in the order in which they were made. */
export function segmentsOf({ parameters, initializers }: Graph): readonly Segment[] {
  let end = 0;
  return parameters.map((name) => {
    const { shape } = initializers.get(name)!;
    const start = end;
    end += productOf(shape);
    return { name, shape, start, end };
  });
}

export const lengthOf = (segments: readonly Segment[]): number => segments.at(-1)?.end ?? 0;

/** Puts values one after another into a vector. */
export function flattened(b: GraphBuilder, values: readonly Value[]): Value {
  const flat = values.map((value) => b.node("Reshape", [value, b.constant("flat", [productOf(sizesOf(value))])]));
  return flat.length === 1 ? flat[0]! : b.node("Concat", flat, { axis: { int: 0 } });
}

/** The graph whose parameters are cut out of an input, a vector, instead of being part of it. */
export function withFlatParameters(graph: Graph, input: string): Graph {
  const segments = segmentsOf(graph);
  const trained = new Set(graph.parameters);
  const initializers = new Map([...graph.initializers].filter(([name]) => !trained.has(name)));
  const values = new Map(graph.values);
  const constant = (name: string, numbers: readonly number[]) => {
    initializers.set(name, { type: "int64", shape: [numbers.length], data: BigInt64Array.from(numbers, BigInt) });
    values.set(name, { name, type: "int64", shape: [numbers.length], content: numbers });
    return name;
  };
  const flat: Value = { name: input, type: "float32", shape: [lengthOf(segments)] };
  values.set(input, flat);
  const nodes = segments.flatMap(({ name, shape, start, end }) => {
    const cut = { name: `${name}.flat`, type: "float32" as const, shape: [end - start] };
    values.set(cut.name, cut);
    const [from, to, size] = [
      constant(`${name}.start`, [start]),
      constant(`${name}.end`, [end]),
      constant(`${name}.shape`, shape),
    ];
    return [
      { name: cut.name, operator: "Slice", inputs: [input, from, to], outputs: [cut.name], attributes: {} },
      { name: `${name}.cut`, operator: "Reshape", inputs: [cut.name, size], outputs: [name], attributes: {} },
    ];
  });
  return { ...graph, inputs: [...graph.inputs, flat], nodes: [...nodes, ...graph.nodes], initializers, parameters: [], values };
}
