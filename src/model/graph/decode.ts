import { GadoliniteError, isGadoliniteError } from "../../core/errors.js";
import { inspectModel } from "../inspectModel.js";
import { OPSET, PARAMETER_NOTE, PRODUCER } from "./encode.js";
import {
  fail,
  formatShape,
  type Graph,
  type Initializer,
  initializerValue,
  type Node,
  parameterValue,
  type Value,
  type ValueType,
} from "./graph.js";
import { operators } from "./operators/table.js";
import { type Draft, isShape, readGraph } from "./readGraph.js";
import { decodeTensor, type StoredTensor } from "./readTensor.js";
import { contradict, contradiction, unsupported } from "./refusals.js";

export interface DecodeGraphOptions {
  /**
   * Bytes of the files in which a model keeps its weights, by the names that it gives them. No path is ever followed: a file that isn't
   * here is refused. Check where they come from with `verifiedBytes`.
   */
  readonly externalData?: Readonly<Record<string, Uint8Array>>;
}

/** First operator set whose `Squeeze`, `ReduceSum` and `Unsqueeze` take axes as an input. */
const FIRST_OPSET = 13;
/** From here on the other reductions do too. */
const REDUCTIONS_TAKE_AXES = 18;

/**
 * Reads an ONNX model as a graph, whose shapes are inferred and checked anew: `decodeGraph(encodeGraph(graph))` equals `graph`.
 *
 * Models of other programs are read as far as their operators are known here (operator sets 13 to 21, no control flow, no
 * quantisation). Sizes that the model computes from those of its inputs are followed as names (`"(depth * 2)"`) or, where that can't be, are unknown
 * until it runs (`"?node[axis]"`). Which weights training changes only a model written here says; of another all real initializers count as parameters.
 * Metadata, and with it a card, is not part of a graph: {@link withCard} puts it back.
 *
 * @param bytes a whole .onnx file; weights are copied
 * @throws `bad-model` if the bytes are no ONNX model, or a damaged or contradictory one; `unsupported` for a sound model with parts that are not known here
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 * @example
 * const graph = decodeGraph(await readFile("model.onnx"));
 * const half = encodeGraph(halfWeights(graph));
 */
export function decodeGraph(bytes: Uint8Array, { externalData = {} }: DecodeGraphOptions = {}): Graph {
  const { opset, producer } = inspectModel(bytes);
  const version = opset[""] ?? 0;
  if (version < FIRST_OPSET || version > OPSET)
    throw unsupported(`operator set ${version}; known are ${FIRST_OPSET} to ${OPSET}`);
  const draft = readGraph(bytes);
  for (const { operator } of draft.nodes)
    if (!Object.hasOwn(operators, operator) && operator !== "Constant") throw unsupported(`the operator ${operator}`);
  const marked = draft.tensors.filter(({ note }) => note === PARAMETER_NOTE).map(({ name }) => name);
  const graph = assemble(bytes, draft, version, externalData, new Set(marked));
  if (producer === PRODUCER || marked.length > 0) return { ...graph, parameters: marked };
  const real = [...graph.initializers].filter(([, { type }]) => type.startsWith("float"));
  return { ...graph, parameters: real.map(([name]) => name) };
}

function assemble(
  bytes: Uint8Array,
  draft: Draft,
  opset: number,
  externalData: Readonly<Record<string, Uint8Array>>,
  marked: ReadonlySet<string>,
): Omit<Graph, "parameters"> {
  const values = new Map<string, Value>();
  const initializers = new Map<string, Initializer>();
  const declare = (value: Value) => {
    if (value.name === "" || values.has(value.name)) throw contradiction(`two values are called "${value.name}"`);
    values.set(value.name, value);
  };
  const addInitializer = (name: string, tensor: Initializer) => {
    declare((marked.has(name) ? parameterValue : initializerValue)(name, tensor));
    initializers.set(name, tensor);
  };
  for (const tensor of draft.tensors) addInitializer(tensor.name, decodeTensor(bytes, tensor, externalData));
  // Before IR version 4 weights were listed among the inputs too.
  const inputs = draft.inputs.filter(({ name }) => !initializers.has(name));
  for (const input of inputs) declare(input);

  const nodes: Node[] = [];
  for (const { tensor, ...node } of draft.nodes) {
    if (node.operator === "Constant") {
      addInitializer(node.outputs[0] ?? "", constantOf(bytes, node, tensor, externalData));
      continue;
    }
    const current = withAxesInput(node, opset, addInitializer);
    for (const value of inferred(current, values)) declare(value);
    nodes.push(current);
  }
  const outputs = draft.outputs.map((name) => values.get(name) ?? contradict(`its output ${name} is made by no node`));
  return { name: draft.name, inputs, outputs, nodes, initializers, values };
}

/** The node's outputs by the operator's shape rule, which may rely on nothing: the file is not trusted. */
function inferred(node: Node, values: ReadonlyMap<string, Value>): readonly Value[] {
  const { name, operator, attributes, outputs } = node;
  const at = { node: name, operator };
  const inputs = node.inputs.map((input) =>
    input === "" ? undefined : (values.get(input) ?? fail(at, `its input ${input} is made by no node before it.`)),
  );
  const types = guarded(at, () => operators[operator]!.infer({ ...at, inputs, attributes }));
  if (outputs.slice(types.length).some((output) => output !== ""))
    throw unsupported(`a second output of the operator ${operator}`);
  return types.slice(0, outputs.length).map((type, n) => {
    if (!isShape(type.shape)) fail(at, `its output would have the shape ${formatShape(type.shape.slice(0, 8))}.`);
    return { ...type, name: outputs[n]! };
  });
}

function guarded(at: { node: string; operator: string }, infer: () => readonly ValueType[]): readonly ValueType[] {
  try {
    return infer();
  } catch (error) {
    if (isGadoliniteError(error)) throw error;
    throw new GadoliniteError("bad-model", `Node ${at.node} (${at.operator}): its inputs do not fit it.`, { cause: error });
  }
}

/** Before operator set 18 most reductions had their axes as an attribute. */
function withAxesInput(node: Node, opset: number, addInitializer: (name: string, tensor: Initializer) => void): Node {
  const axes = node.attributes["axes"];
  if (opset >= REDUCTIONS_TAKE_AXES || !node.operator.startsWith("Reduce") || !axes || !("ints" in axes)) return node;
  const { axes: _, ...attributes } = node.attributes;
  const name = `${node.outputs[0]}.axes`;
  addInitializer(name, { type: "int64", shape: [axes.ints.length], data: BigInt64Array.from(axes.ints, BigInt) });
  return { ...node, inputs: [node.inputs[0] ?? "", name], attributes };
}

/** A `Constant` node is an initializer in other words. */
function constantOf(
  bytes: Uint8Array,
  { name, attributes }: Node,
  tensor: StoredTensor | undefined,
  externalData: Readonly<Record<string, Uint8Array>>,
): Initializer {
  if (tensor) return decodeTensor(bytes, tensor, externalData);
  const { value_float: float, value_floats: floats, value_int: int, value_ints: ints } = attributes;
  if (float && "float" in float) return { type: "float32", shape: [], data: Float32Array.of(float.float) };
  if (floats && "floats" in floats)
    return { type: "float32", shape: [floats.floats.length], data: Float32Array.from(floats.floats) };
  if (int && "int" in int) return { type: "int64", shape: [], data: BigInt64Array.of(BigInt(int.int)) };
  if (ints && "ints" in ints) return { type: "int64", shape: [ints.ints.length], data: BigInt64Array.from(ints.ints, BigInt) };
  throw unsupported(`the constant ${name} without a tensor`);
}
