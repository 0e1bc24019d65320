import { concatenate, FIXED32, LENGTH_DELIMITED, VARINT } from "../wire.js";
import type { Attribute, Graph, Initializer, Node, Value } from "./graph.js";
import { TYPE_CODES } from "./operators/layout.js";

/** Versions that ONNX Runtime 1.18 and later read: IR 10 goes with operator set 21. */
export const OPSET = 21;
const IR_VERSION = 10;

/** Program name in the files that are written here. */
export const PRODUCER = "gadolinite";

/** The note (`doc_string`) beside an initializer that training changes. */
export const PARAMETER_NOTE = "parameter";

// AttributeProto.AttributeType.
export const ATTRIBUTE_TYPES = { float: 1, int: 2, string: 3, floats: 6, ints: 7 } as const;

/** Bytes that follow one another; put together once at the end, so that weights are copied once. */
type Parts = readonly Uint8Array[];

/**
 * Writes a graph as an ONNX model.
 *
 * @returns the bytes of an .onnx file, weights included
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 * @example
 * const model = createModel(encodeGraph(conditionalUnet3d({ seed: 1 })));
 */
export function encodeGraph(graph: Graph): Uint8Array<ArrayBuffer> {
  const trained = new Set(graph.parameters);
  const body = [
    ...graph.nodes.flatMap((node) => message(1, encodeNode(node))),
    ...text(2, graph.name),
    ...[...graph.initializers].flatMap(([name, tensor]) => message(5, encodeTensor(name, tensor, trained.has(name)))),
    ...graph.inputs.flatMap((value) => message(11, encodeValue(value))),
    ...graph.outputs.flatMap((value) => message(12, encodeValue(value))),
  ];
  return concatenate([
    ...integer(1, IR_VERSION),
    ...text(2, PRODUCER),
    ...message(7, body),
    ...message(8, [...text(1, ""), ...integer(2, OPSET)]),
  ]);
}

function encodeNode({ name, operator, inputs, outputs, attributes }: Node): Parts {
  return [
    ...inputs.flatMap((input) => text(1, input)),
    ...outputs.flatMap((output) => text(2, output)),
    ...text(3, name),
    ...text(4, operator),
    ...Object.entries(attributes).flatMap(([key, attribute]) => message(5, encodeAttribute(key, attribute))),
  ];
}

function encodeAttribute(name: string, attribute: Attribute): Parts {
  const [kind] = Object.keys(attribute) as [keyof typeof ATTRIBUTE_TYPES];
  return [...text(1, name), ...attributeValue(attribute), ...integer(20, ATTRIBUTE_TYPES[kind])];
}

function attributeValue(attribute: Attribute): Parts {
  if ("float" in attribute) return [float(2, attribute.float)];
  if ("int" in attribute) return integer(3, attribute.int);
  if ("string" in attribute) return text(4, attribute.string);
  if ("floats" in attribute) return attribute.floats.map((value) => float(7, value));
  return attribute.ints.flatMap((value) => integer(8, value));
}

function encodeTensor(name: string, { type, shape, data }: Initializer, trained: boolean): Parts {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return [
    ...shape.flatMap((size) => integer(1, size)),
    ...integer(2, TYPE_CODES[type]),
    ...text(8, name),
    ...message(9, [bytes]),
    ...(trained ? text(12, PARAMETER_NOTE) : []),
  ];
}

function encodeValue({ name, type, shape }: Value): Parts {
  const dims = shape.flatMap((dim) => message(1, typeof dim === "number" ? integer(1, dim) : text(2, dim)));
  return [...text(1, name), ...message(2, message(1, [...integer(1, TYPE_CODES[type]), ...message(2, dims)]))];
}

const utf8 = new TextEncoder();
const text = (field: number, value: string): Parts => message(field, [utf8.encode(value)]);

/** A length-delimited field: tag, length, content. */
function message(field: number, content: Parts): Parts {
  const length = content.reduce((sum, part) => sum + part.length, 0);
  return [Uint8Array.from([...varint(field * 8 + LENGTH_DELIMITED), ...varint(length)]), ...content];
}

/** A signed integer as protobuf's int64: a negative one in two's complement, ten bytes long. */
function integer(field: number, value: number): Parts {
  const digits = value >= 0 ? varint(value) : negativeVarint(value);
  return [Uint8Array.from([...varint(field * 8 + VARINT), ...digits])];
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  return bytes;
}

function negativeVarint(value: number): number[] {
  const bits = BigInt.asUintN(64, BigInt(value));
  const bytes = Array.from({ length: 10 }, (_, n) => Number((bits >> BigInt(7 * n)) & 127n) | 128);
  bytes[9] = 1;
  return bytes;
}

function float(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(5);
  bytes[0] = field * 8 + FIXED32;
  new DataView(bytes.buffer).setFloat32(1, value, true);
  return bytes;
}
