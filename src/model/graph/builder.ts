import { GadoliniteError } from "../../core/errors.js";
import type { Attribute, Attributes, Dim, ElementType, Graph, Initializer, Node, Value } from "./graph.js";
import { fail, formatShape, initializerValue, parameterValue } from "./graph.js";
import { operators } from "./operators/table.js";

/** Builds a graph node by node; shapes are inferred and checked as it grows, so a mistake is a message with the node's name. */
export interface GraphBuilder {
  /** Declares an input of the network. */
  input(name: string, shape: readonly Dim[], type?: ElementType): Value;
  /** Declares numbers that training changes. */
  parameter(name: string, initializer: Initializer): Value;
  /** Declares numbers that stay as they are. Integers become an int64 vector whose content is known. */
  constant(name: string, value: Initializer | readonly number[]): Value;
  /** Adds a node and returns its outputs; `undefined` stands for an optional input that is left out. */
  nodes(operator: string, inputs: readonly (Value | undefined)[], attributes?: Attributes, name?: string): readonly Value[];
  /** Adds a node with one output. */
  node(operator: string, inputs: readonly (Value | undefined)[], attributes?: Attributes, name?: string): Value;
  /** Runs `build` with `scope/` before every name that it gives. */
  scope<T>(scope: string, build: () => T): T;
  /** Ends the graph: `outputs` by the names that they shall have, after those of the graph that it was built on. */
  finish(outputs: Readonly<Record<string, Value>>): Graph;
}

/** @param from a graph to build on: all of it is there already, and what is added follows it. It is not changed. */
export function graphBuilder(graphName: string, from?: Graph): GraphBuilder {
  const values = new Map<string, Value>(from?.values);
  const inputs: Value[] = [...(from?.inputs ?? [])];
  const nodes: Node[] = [...(from?.nodes ?? [])];
  const initializers = new Map<string, Initializer>(from?.initializers);
  const parameters: string[] = [...(from?.parameters ?? [])];
  const counts = new Map<string, number>();
  let prefix = "";

  const declare = (value: Value): Value => {
    if (values.has(value.name))
      throw new GadoliniteError("bad-model", `The graph ${graphName} already has a value called ${value.name}.`);
    values.set(value.name, value);
    return value;
  };
  const fresh = (base: string): string => {
    const full = prefix + base;
    for (let count = counts.get(full) ?? 0; ; count++) {
      counts.set(full, count + 1);
      const name = count === 0 ? full : `${full}_${count}`;
      if (!from || !(from.values.has(name) || from.values.has(`${name}.out`))) return name;
    }
  };
  const initializer = (name: string, tensor: Initializer, asValue = initializerValue): Value => {
    const elements = tensor.shape.reduce((product, n) => product * n, 1);
    if (elements !== tensor.data.length)
      throw new GadoliniteError(
        "bad-model",
        `${prefix + name} has shape ${formatShape(tensor.shape)}, but ${tensor.data.length} elements.`,
      );
    const value = declare(asValue(fresh(name), tensor));
    initializers.set(value.name, tensor);
    return value;
  };

  const builder: GraphBuilder = {
    input(name, shape, type = "float32") {
      const value = declare({ name, type, shape });
      inputs.push(value);
      return value;
    },
    parameter(name, tensor) {
      const value = initializer(name, tensor, parameterValue);
      parameters.push(value.name);
      return value;
    },
    constant(name, value) {
      if (!Array.isArray(value)) return initializer(name, value as Initializer);
      const numbers = value as readonly number[];
      return initializer(name, { type: "int64", shape: [numbers.length], data: BigInt64Array.from(numbers, BigInt) });
    },
    nodes(operator, nodeInputs, attributes = {}, name = operator.toLowerCase()) {
      const node = fresh(name);
      const rule = operators[operator] ?? fail({ node, operator }, "this operator is not known to the builder.");
      for (const value of nodeInputs)
        if (value && values.get(value.name) !== value)
          fail({ node, operator }, `its input ${value.name} is not a value of this graph.`);
      const types = rule.infer({ node, operator, inputs: nodeInputs, attributes });
      const outputs = types.map((type, n) => declare({ ...type, name: n === 0 ? `${node}.out` : `${node}.out${n}` }));
      nodes.push({
        name: node,
        operator,
        inputs: nodeInputs.map((value) => value?.name ?? ""),
        outputs: outputs.map((output) => output.name),
        attributes: Object.fromEntries(Object.entries(attributes).map(([key, attribute]) => [key, inFloat32(attribute)])),
      });
      return outputs;
    },
    node: (...args) => builder.nodes(...args)[0]!,
    scope(scope, build) {
      const outer = prefix;
      prefix = `${outer}${scope}.`;
      try {
        return build();
      } finally {
        prefix = outer;
      }
    },
    finish(outputs) {
      const named = Object.entries(outputs).map(([name, value]) => {
        const result = declare({ ...value, name });
        nodes.push({ name, operator: "Identity", inputs: [value.name], outputs: [name], attributes: {} });
        return result;
      });
      return { name: graphName, inputs, outputs: [...(from?.outputs ?? []), ...named], nodes, initializers, parameters, values };
    },
  };
  return builder;
}

/** ONNX keeps real attributes in float32; so does the graph, so that what is read back is what was built. */
function inFloat32(attribute: Attribute): Attribute {
  if ("float" in attribute) return { float: Math.fround(attribute.float) };
  if ("floats" in attribute) return { floats: attribute.floats.map(Math.fround) };
  return attribute;
}
