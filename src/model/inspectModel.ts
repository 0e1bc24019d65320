import { GadoliniteError } from "../core/errors.js";
import { damaged, eachField, LENGTH_DELIMITED, readText, readVarint, VARINT } from "./wire.js";

/** An input or output of a network. */
export interface ValueInfo {
  readonly name: string;
  /** `"float32"`, `"int64"`, …; `"other"` for what is no tensor. */
  readonly elementType: string;
  /** A number is fixed; a name, perhaps empty, is free. Absent where the model leaves even the rank open. */
  readonly dims?: readonly (number | string)[];
}

/** What a model's bytes say about it, without running it. */
export interface ModelInfo {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /** Version of the operator set by domain; ONNX's own domain is `""`. */
  readonly opset: Readonly<Record<string, number>>;
  readonly irVersion: number;
  /** The program that wrote it, and its version. */
  readonly producer: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Number of stored weight tensors, and the bytes of their values in this file. */
  readonly initializerCount: number;
  readonly initializerBytes: number;
  /** Whether some weights lie in another file. */
  readonly externalData: boolean;
}

// Element types of TensorProto.DataType.
const ELEMENT_TYPES =
  "other float32 uint8 int8 uint16 int16 int32 int64 string bool float16 float64 uint32 uint64 complex64 complex128 bfloat16".split(
    " ",
  );

// A real network has a handful of each; a hostile file could ask for an object every two bytes.
const MOST_ENTRIES = 10_000;

interface Draft {
  inputs: ValueInfo[];
  outputs: ValueInfo[];
  opset: [string, number][];
  irVersion: number;
  producer: string[];
  metadata: [string, string][];
  initializerCount: number;
  initializerBytes: number;
  externalData: boolean;
  graphs: number;
}

/**
 * Reads what an ONNX model says about itself: its inputs and outputs, operator set, metadata and size. Weights are skipped, not copied.
 *
 * @param bytes a whole .onnx file
 * @throws `bad-model` if the bytes are no ONNX model, cut off or damaged
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (ModelProto)
 * @example
 * const { inputs, opset } = inspectModel(await readFile("model.onnx"));
 */
export function inspectModel(bytes: Uint8Array): ModelInfo {
  const draft: Draft = {
    inputs: [],
    outputs: [],
    opset: [],
    irVersion: 0,
    producer: [],
    metadata: [],
    initializerCount: 0,
    initializerBytes: 0,
    externalData: false,
    graphs: 0,
  };
  eachField(bytes, 0, bytes.length, (field, wire, from, to) => {
    if (field === 1 && wire === VARINT) draft.irVersion = readVarint(bytes, from, to);
    if (wire !== LENGTH_DELIMITED) return;
    if (field === 2 || field === 3) push(draft.producer, readText(bytes, from, to), from);
    else if (field === 7) readGraph(bytes, from, to, draft);
    else if (field === 8) push(draft.opset, readOpset(bytes, from, to), from);
    else if (field === 14) push(draft.metadata, readEntry(bytes, from, to), from);
  });
  if (draft.graphs !== 1 || draft.irVersion === 0 || draft.opset.length === 0)
    throw new GadoliniteError(
      "bad-model",
      `This is no ONNX model, or one that was cut off: a graph, an IR version and an operator set are expected, but there are ${draft.graphs} graph(s), IR version ${draft.irVersion} and ${draft.opset.length} operator set(s).`,
    );
  const { producer, opset, metadata, graphs, ...info } = draft;
  return {
    ...info,
    inputs: withoutInitializers(bytes, draft.inputs),
    producer: producer.filter((text) => text !== "").join(" "),
    opset: Object.fromEntries(opset),
    metadata: Object.fromEntries(metadata),
  };
}

function push<T>(list: T[], entry: T, at: number): void {
  if (list.length >= MOST_ENTRIES) throw damaged(at, `more than ${MOST_ENTRIES} entries of one kind`);
  list.push(entry);
}

function readGraph(bytes: Uint8Array, start: number, end: number, draft: Draft): void {
  draft.graphs++;
  eachField(bytes, start, end, (field, wire, from, to) => {
    if (wire !== LENGTH_DELIMITED) return;
    if (field === 5) readInitializer(bytes, from, to, draft);
    else if (field === 11) push(draft.inputs, readValue(bytes, from, to), from);
    else if (field === 12) push(draft.outputs, readValue(bytes, from, to), from);
  });
}

/** TensorProto: 4 float_data, 5 int32_data, 7 int64_data, 9 raw_data, 10 double_data, 11 uint64_data, 13 external_data. */
function readInitializer(bytes: Uint8Array, start: number, end: number, draft: Draft): void {
  draft.initializerCount++;
  eachField(bytes, start, end, (field, _wire, from, to) => {
    if (field === 13) draft.externalData = true;
    else if (field === 4 || field === 5 || field === 7 || (field >= 9 && field <= 11)) draft.initializerBytes += to - from;
  });
}

/** ValueInfoProto: 1 name, 2 type { 1 tensor_type { 1 elem_type, 2 shape { 1 dim } } }. */
function readValue(bytes: Uint8Array, start: number, end: number): ValueInfo {
  let name = "";
  let elementType = "other";
  let dims: (number | string)[] | undefined;
  eachMessage(bytes, start, end, (field, from, to) => {
    if (field === 1) name = readText(bytes, from, to);
    if (field !== 2) return;
    eachMessage(bytes, from, to, (kind, tensorFrom, tensorTo) => {
      if (kind !== 1) return;
      eachField(bytes, tensorFrom, tensorTo, (part, wire, partFrom, partTo) => {
        if (part === 1 && wire === VARINT) elementType = nameOfType(readVarint(bytes, partFrom, partTo));
        if (part === 2 && wire === LENGTH_DELIMITED) dims = readShape(bytes, partFrom, partTo);
      });
    });
  });
  return { name, elementType, ...(dims && { dims }) };
}

const nameOfType = (code: number): string => ELEMENT_TYPES[code] ?? `type ${code}`;

function readShape(bytes: Uint8Array, start: number, end: number): (number | string)[] {
  const dims: (number | string)[] = [];
  eachMessage(bytes, start, end, (field, dimFrom, dimTo) => {
    if (field !== 1) return;
    let dim: number | string = "";
    eachField(bytes, dimFrom, dimTo, (part, wire, from, to) => {
      if (part === 1 && wire === VARINT) {
        dim = readVarint(bytes, from, to);
        // Some exporters write −1 for a free dimension.
        if (dim > Number.MAX_SAFE_INTEGER) dim = "";
      } else if (part === 2 && wire === LENGTH_DELIMITED) dim = readText(bytes, from, to);
    });
    if (dims.length >= 64) throw damaged(dimFrom, "a tensor of more than 64 dimensions");
    dims.push(dim);
  });
  return dims;
}

function readOpset(bytes: Uint8Array, start: number, end: number): [string, number] {
  let domain = "";
  let version = 0;
  eachField(bytes, start, end, (field, wire, from, to) => {
    if (field === 1 && wire === LENGTH_DELIMITED) domain = readText(bytes, from, to);
    if (field === 2 && wire === VARINT) version = readVarint(bytes, from, to);
  });
  return [domain === "ai.onnx" ? "" : domain, version];
}

/** StringStringEntryProto: 1 key, 2 value. */
export function readEntry(bytes: Uint8Array, start: number, end: number): [string, string] {
  let key = "";
  let value = "";
  eachMessage(bytes, start, end, (field, from, to) => {
    if (field === 1) key = readText(bytes, from, to);
    if (field === 2) value = readText(bytes, from, to);
  });
  return [key, value];
}

function eachMessage(
  bytes: Uint8Array,
  start: number,
  end: number,
  visit: (field: number, from: number, to: number) => void,
): void {
  eachField(bytes, start, end, (field, wire, from, to) => {
    if (wire === LENGTH_DELIMITED) visit(field, from, to);
  });
}

/** Before IR version 4 weights were listed among the inputs too; what is stored in the file is none. */
function withoutInitializers(bytes: Uint8Array, inputs: readonly ValueInfo[]): ValueInfo[] {
  const left = new Map(inputs.map((input) => [input.name, input]));
  eachMessage(bytes, 0, bytes.length, (field, graphFrom, graphTo) => {
    if (field !== 7) return;
    eachMessage(bytes, graphFrom, graphTo, (part, tensorFrom, tensorTo) => {
      if (part !== 5) return;
      eachMessage(bytes, tensorFrom, tensorTo, (key, from, to) => {
        if (key === 8) left.delete(readText(bytes, from, to));
      });
    });
  });
  return [...left.values()];
}
