import type { Attributes, Dim, Graph, Initializer, Node, Value } from "./graph.js";
import { fail, initializerValue } from "./graph.js";
import { operators } from "./operators/table.js";

/** What the replacement of a node is made with. */
export interface Rewriter {
  /** A value by its name; `undefined` for `""`, an optional input that is left out. */
  value(name: string): Value | undefined;
  /** The numbers behind a value, if they are part of the graph. */
  constantOf(name: string | undefined): Initializer | undefined;
  /** Adds numbers; integers become an int64 vector whose content is known. */
  constant(value: Initializer | readonly number[]): Value;
  /** Adds a node with one output. Its shape is inferred. */
  node(operator: string, inputs: readonly (Value | undefined)[], attributes?: Attributes): Value;
}

/**
 * The graph with some nodes in the place of others. `replace` gives the value that shall stand for the node's first output, or `undefined`
 * where the node stays. Values keep their names and shapes; numbers that nothing reads any more are left out.
 */
export function rewriteNodes(graph: Graph, replace: (node: Node, rewriter: Rewriter) => Value | undefined): Graph {
  const values = new Map(graph.values);
  const initializers = new Map(graph.initializers);
  const aliases = new Map(
    graph.nodes.filter(({ operator }) => operator === "Identity").map(({ inputs, outputs }) => [outputs[0]!, inputs[0]!]),
  );
  const constantOf = (name: string | undefined): Initializer | undefined =>
    name ? (graph.initializers.get(name) ?? constantOf(aliases.get(name))) : undefined;

  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const added: Node[] = [];
    const fresh = (part: string): string => {
      const base = `${node.name || node.outputs[0]}.${part}`;
      for (let n = 0; ; n++) {
        const name = n === 0 ? base : `${base}_${n}`;
        if (!values.has(name)) return name;
      }
    };
    const declare = (value: Value): Value => {
      values.set(value.name, value);
      return value;
    };
    const result = replace(node, {
      value: (name) => values.get(name),
      constantOf,
      constant(value) {
        const tensor: Initializer =
          "data" in value
            ? value
            : { type: "int64", shape: [value.length], data: BigInt64Array.from(value, (n: number) => BigInt(n)) };
        const name = fresh("constant");
        initializers.set(name, tensor);
        return declare(initializerValue(name, tensor));
      },
      node(operator, inputs, attributes = {}) {
        const name = fresh(operator.toLowerCase());
        const rule = operators[operator] ?? fail({ node: name, operator }, "this operator is not known to the builder.");
        const [type] = rule.infer({ node: name, operator, inputs, attributes });
        added.push({
          name,
          operator,
          inputs: withoutEmptyEnd(inputs.map((value) => value?.name ?? "")),
          outputs: [name],
          attributes,
        });
        return declare({ ...type!, name });
      },
    });
    if (!result) nodes.push(node);
    else {
      // The last node takes over the name under which others read the result.
      values.delete(result.name);
      nodes.push(...added.map((n) => (n.outputs[0] === result.name ? { ...n, outputs: node.outputs.slice(0, 1) } : n)));
    }
  }
  return withoutUnread({ ...graph, nodes, initializers, values });
}

/** Optional inputs at the end that are left out need no name; `""` there is as good in ONNX, but not to every runtime. */
export function withoutEmptyEnd(inputs: readonly string[]): readonly string[] {
  let length = inputs.length;
  while (length > 0 && inputs[length - 1] === "") length--;
  return inputs.slice(0, length);
}

function withoutUnread(graph: Graph): Graph {
  const read = new Set([...graph.nodes.flatMap(({ inputs }) => inputs), ...graph.outputs.map(({ name }) => name)]);
  const initializers = new Map([...graph.initializers].filter(([name]) => read.has(name)));
  const gone = (name: string) => graph.initializers.has(name) && !read.has(name);
  return {
    ...graph,
    initializers,
    parameters: graph.parameters.filter((name) => initializers.has(name)),
    values: new Map([...graph.values].filter(([name]) => !gone(name))),
  };
}

/** The size of an axis times a whole number, as it is known at run time: `[size · factor]`. */
export function timesSize(r: Rewriter, x: Value, axis: number, factor: number): Value | readonly number[] {
  const size: Dim = x.shape[axis]!;
  if (typeof size === "number") return [size * factor];
  const shape = r.node("Shape", [x], { start: { int: axis }, end: { int: axis + 1 } });
  return factor === 1 ? shape : r.node("Mul", [shape, r.constant([factor])]);
}

/** A shape from parts, each known or given at run time. */
export function joinSizes(r: Rewriter, parts: readonly (Value | readonly number[])[]): Value {
  const isKnown = (part: Value | readonly number[]): part is readonly number[] => Array.isArray(part);
  if (parts.every(isKnown)) return r.constant(parts.flat());
  return r.node(
    "Concat",
    parts.map((part) => (isKnown(part) ? r.constant(part) : part)),
    { axis: { int: 0 } },
  );
}
