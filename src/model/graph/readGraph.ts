import { damaged, eachField, FIXED32, LENGTH_DELIMITED, readText, readVarint, VARINT } from "../wire.js";
import { ATTRIBUTE_TYPES } from "./encode.js";
import { type Attribute, type Dim, formatShape, type Node, type Value } from "./graph.js";
import { eachVarint, elementTypeOf, locateTensor, readInt64, type StoredTensor } from "./readTensor.js";
import { contradict, unsupported } from "./refusals.js";

// A hostile file could ask for an object every two bytes, or for names that double in length at each node.
const MOST_ENTRIES = 200_000;
const MOST_CONNECTIONS = 4096;
const LONGEST_DIM = 1024;
const MOST_AXES = 64;

/** A node as it is in the file. */
export interface DraftNode extends Node {
  /** The tensor of a `Constant`. */
  readonly tensor?: StoredTensor;
}

/** The parts of a graph as they are in the file: nothing is inferred, no weights are copied. */
export interface Draft {
  name: string;
  readonly nodes: DraftNode[];
  readonly inputs: Value[];
  readonly outputs: string[];
  readonly tensors: StoredTensor[];
}

/** Sizes are whole numbers or names, and few. */
export const isShape = (shape: readonly Dim[]): boolean =>
  shape.length <= MOST_AXES &&
  shape.every((dim) =>
    typeof dim === "number" ? Number.isSafeInteger(dim) && dim >= 0 : typeof dim === "string" && dim.length <= LONGEST_DIM,
  );

/** GraphProto: 1 node, 2 name, 5 initializer, 11 input, 12 output, 15 sparse_initializer. */
export function readGraph(bytes: Uint8Array): Draft {
  const draft: Draft = { name: "", nodes: [], inputs: [], outputs: [], tensors: [] };
  let entries = 0;
  const count = (at: number) => {
    if (++entries > MOST_ENTRIES) throw damaged(at, `more than ${MOST_ENTRIES} entries`);
  };
  eachField(bytes, 0, bytes.length, (outer, outerWire, graphFrom, graphTo) => {
    if (outer !== 7 || outerWire !== LENGTH_DELIMITED) return;
    eachField(bytes, graphFrom, graphTo, (field, wire, from, to) => {
      if (wire !== LENGTH_DELIMITED) return;
      count(from);
      if (field === 1) draft.nodes.push(readNode(bytes, from, to, count));
      else if (field === 2) draft.name = readText(bytes, from, to);
      else if (field === 5) draft.tensors.push(locateTensor(bytes, from, to));
      else if (field === 11) draft.inputs.push(readInput(bytes, from, to));
      else if (field === 12) draft.outputs.push(readName(bytes, from, to));
      else if (field === 15) throw unsupported("sparse initializers");
    });
  });
  return draft;
}

/** NodeProto: 1 input, 2 output, 3 name, 4 op_type, 5 attribute, 7 domain. */
function readNode(bytes: Uint8Array, start: number, end: number, count: (at: number) => void): DraftNode {
  const [inputs, outputs]: [string[], string[]] = [[], []];
  const attributes: [string, Attribute][] = [];
  let [name, operator, domain] = ["", "", ""];
  let tensor: StoredTensor | undefined;
  eachField(bytes, start, end, (field, wire, from, to) => {
    if (wire !== LENGTH_DELIMITED) return;
    count(from);
    if (field === 1) inputs.push(readText(bytes, from, to));
    else if (field === 2) outputs.push(readText(bytes, from, to));
    else if (field === 3) name = readText(bytes, from, to);
    else if (field === 4) operator = readText(bytes, from, to);
    else if (field === 7) domain = readText(bytes, from, to);
    else if (field === 5) {
      const attribute = readAttribute(bytes, from, to, count);
      if (attribute.tensor) tensor = attribute.tensor;
      else attributes.push([attribute.name, attribute.value]);
    }
  });
  if (inputs.length + outputs.length > MOST_CONNECTIONS)
    throw damaged(start, `a node with more than ${MOST_CONNECTIONS} inputs and outputs`);
  if (domain !== "" && domain !== "ai.onnx") throw unsupported(`the operator ${operator.slice(0, 80)} of ${domain.slice(0, 80)}`);
  if (tensor && operator !== "Constant") throw unsupported(`a tensor as an attribute of the operator ${operator.slice(0, 80)}`);
  return {
    name: name || (outputs[0] ?? ""),
    operator,
    inputs,
    outputs,
    attributes: Object.fromEntries(attributes),
    ...(tensor && { tensor }),
  };
}

type ReadAttribute = { readonly name: string } & (
  | { readonly value: Attribute; readonly tensor?: undefined }
  | { readonly tensor: StoredTensor }
);

/** AttributeProto: 1 name, 2 f, 3 i, 4 s, 5 t, 6 g, 7 floats, 8 ints, 20 type. */
function readAttribute(bytes: Uint8Array, start: number, end: number, count: (at: number) => void): ReadAttribute {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let name = "";
  let type = 0;
  let [float, int, string] = [0, 0, ""];
  const floats: number[] = [];
  const ints: number[] = [];
  let tensor: StoredTensor | undefined;
  eachField(bytes, start, end, (field, wire, from, to) => {
    if (field === 1) name = readText(bytes, from, to);
    else if (field === 2 && wire === FIXED32) float = view.getFloat32(from, true);
    else if (field === 3 && wire === VARINT) int = wholeNumber(bytes, from, to);
    else if (field === 4) string = readText(bytes, from, to);
    else if (field === 5) tensor = locateTensor(bytes, from, to);
    else if (field === 7) {
      if ((to - from) % 4 !== 0) throw damaged(from, "a list ends within a number");
      for (let at = from; at < to; at += 4) {
        count(at);
        floats.push(view.getFloat32(at, true));
      }
    } else if (field === 8)
      eachVarint(bytes, from, to, (at, next) => {
        count(at);
        ints.push(wholeNumber(bytes, at, next));
      });
    else if (field === 20 && wire === VARINT) type = readVarint(bytes, from, to);
  });
  if (tensor) return { name, tensor };
  if (type === ATTRIBUTE_TYPES.float) return { name, value: { float } };
  if (type === ATTRIBUTE_TYPES.int) return { name, value: { int } };
  if (type === ATTRIBUTE_TYPES.string) return { name, value: { string } };
  if (type === ATTRIBUTE_TYPES.floats) return { name, value: { floats } };
  if (type === ATTRIBUTE_TYPES.ints) return { name, value: { ints } };
  throw unsupported(`the attribute ${name.slice(0, 80)} of type ${type}`);
}

function wholeNumber(bytes: Uint8Array, from: number, to: number): number {
  const value = Number(readInt64(bytes, from, to));
  return Number.isSafeInteger(value) ? value : contradict(`an attribute is ${value}`);
}

/** ValueInfoProto of an input: a tensor of a known type and rank. Free sizes without a name get one. */
function readInput(bytes: Uint8Array, start: number, end: number): Value {
  const name = readName(bytes, start, end);
  let code = 0;
  let shape: Dim[] | undefined;
  eachMessage(bytes, start, end, 2, (typeFrom, typeTo) =>
    eachMessage(bytes, typeFrom, typeTo, 1, (from, to) =>
      eachField(bytes, from, to, (field, wire, partFrom, partTo) => {
        if (field === 1 && wire === VARINT) code = readVarint(bytes, partFrom, partTo);
        if (field === 2 && wire === LENGTH_DELIMITED) shape = readShape(bytes, partFrom, partTo, name);
      }),
    ),
  );
  if (!shape) throw unsupported(`the input ${name.slice(0, 80)}, which is no tensor of a known rank`);
  return { name, type: elementTypeOf(code), shape };
}

function readShape(bytes: Uint8Array, start: number, end: number, name: string): Dim[] {
  const shape: Dim[] = [];
  eachMessage(bytes, start, end, 1, (dimFrom, dimTo) => {
    let dim: Dim = "";
    eachField(bytes, dimFrom, dimTo, (field, wire, from, to) => {
      if (field === 1 && wire === VARINT) dim = Number(readInt64(bytes, from, to));
      if (field === 2 && wire === LENGTH_DELIMITED) dim = readText(bytes, from, to);
    });
    // Some exporters write −1 for a free size.
    shape.push(dim === "" || (typeof dim === "number" && dim < 0) ? `${name}.${shape.length}` : dim);
  });
  return isShape(shape) ? shape : contradict(`the shape of ${name} is ${formatShape(shape.slice(0, 8))}`);
}

const readName = (bytes: Uint8Array, start: number, end: number): string => {
  let name = "";
  eachMessage(bytes, start, end, 1, (from, to) => {
    name = readText(bytes, from, to);
  });
  return name;
};

/** Calls `visit` for each embedded message of this field. */
function eachMessage(
  bytes: Uint8Array,
  start: number,
  end: number,
  wanted: number,
  visit: (from: number, to: number) => void,
): void {
  eachField(bytes, start, end, (field, wire, from, to) => {
    if (field === wanted && wire === LENGTH_DELIMITED) visit(from, to);
  });
}
