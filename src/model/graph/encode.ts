import { concatenate, lengthDelimited, VARINT } from "../wire.js";
import type { Attribute, Dim, Graph, Initializer, Node, Value } from "./graph.js";
import { TYPE_CODES } from "./operators/layout.js";

/** Versions that ONNX Runtime 1.18 and later read: IR 10 goes with operator set 21. */
export const OPSET = 21;
const IR_VERSION = 10;

// AttributeProto.AttributeType.
const ATTRIBUTE_TYPES = { float: 1, int: 2, string: 3, floats: 6, ints: 7 } as const;

const utf8 = new TextEncoder();
const text = (field: number, value: string) => lengthDelimited(field, utf8.encode(value));

/**
 * Writes a graph as an ONNX model.
 *
 * @returns the bytes of an .onnx file, weights included
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 * @example
 * const model = createModel(encodeGraph(conditionalUnet3d({ seed: 1 })));
 */
export function encodeGraph(graph: Graph): Uint8Array<ArrayBuffer> {
  const body = [
    ...graph.nodes.map((node) => lengthDelimited(1, encodeNode(node))),
    text(2, graph.name),
    ...[...graph.initializers].map(([name, tensor]) => lengthDelimited(5, encodeTensor(name, tensor))),
    ...graph.inputs.map((value) => lengthDelimited(11, encodeValue(value))),
    ...graph.outputs.map((value) => lengthDelimited(12, encodeValue(value))),
  ];
  return concatenate([
    integer(1, IR_VERSION),
    text(2, "gadolinite"),
    lengthDelimited(7, ...body),
    lengthDelimited(8, text(1, ""), integer(2, OPSET)),
  ]);
}

function encodeNode({ name, operator, inputs, outputs, attributes }: Node): Uint8Array {
  return concatenate([
    ...inputs.map((input) => text(1, input)),
    ...outputs.map((output) => text(2, output)),
    text(3, name),
    text(4, operator),
    ...Object.entries(attributes).map(([key, attribute]) => lengthDelimited(5, encodeAttribute(key, attribute))),
  ]);
}

function encodeAttribute(name: string, attribute: Attribute): Uint8Array {
  const [kind] = Object.keys(attribute) as [keyof typeof ATTRIBUTE_TYPES];
  return concatenate([text(1, name), ...attributeValue(attribute), integer(20, ATTRIBUTE_TYPES[kind])]);
}

function attributeValue(attribute: Attribute): readonly Uint8Array[] {
  if ("float" in attribute) return [float(2, attribute.float)];
  if ("int" in attribute) return [integer(3, attribute.int)];
  if ("string" in attribute) return [text(4, attribute.string)];
  if ("floats" in attribute) return attribute.floats.map((value) => float(7, value));
  return attribute.ints.map((value) => integer(8, value));
}

function encodeTensor(name: string, { type, shape, data }: Initializer): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return concatenate([
    ...shape.map((size) => integer(1, size)),
    integer(2, TYPE_CODES[type]),
    text(8, name),
    lengthDelimited(9, bytes),
  ]);
}

function encodeValue({ name, type, shape }: Value): Uint8Array {
  const dims = shape.map((dim) => lengthDelimited(1, encodeDim(dim)));
  return concatenate([
    text(1, name),
    lengthDelimited(2, lengthDelimited(1, integer(1, TYPE_CODES[type]), lengthDelimited(2, ...dims))),
  ]);
}

const encodeDim = (dim: Dim): Uint8Array => (typeof dim === "number" ? integer(1, dim) : text(2, dim));

/** A signed integer as protobuf's int64: a negative one in two's complement, ten bytes long. */
function integer(field: number, value: number): Uint8Array {
  const bytes = [...varint(BigInt(field * 8 + VARINT)), ...varint(BigInt.asUintN(64, BigInt(value)))];
  return Uint8Array.from(bytes);
}

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  for (; value >= 128n; value >>= 7n) bytes.push(Number(value & 127n) | 128);
  return [...bytes, Number(value)];
}

function float(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(5);
  bytes[0] = field * 8 + 5;
  new DataView(bytes.buffer).setFloat32(1, value, true);
  return bytes;
}
