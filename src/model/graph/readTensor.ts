import { readEntry } from "../inspectModel.js";
import { damaged, eachField, FIXED32, FIXED64, LENGTH_DELIMITED, readText, readVarint, VARINT } from "../wire.js";
import type { ElementType, Initializer } from "./graph.js";
import { TYPE_CODES } from "./operators/layout.js";
import { contradict, unsupported } from "./refusals.js";

/** Where a tensor lies in a file, before its numbers are copied. */
export interface StoredTensor {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Its `doc_string`. */
  readonly note: string;
  /** Of its message in the file. */
  readonly from: number;
  readonly to: number;
  /** Entries of `external_data`, where its numbers lie in another file. */
  readonly external?: Readonly<Record<string, string>>;
}

const MOST_AXES = 64;

/** TensorProto: 1 dims, 2 data_type, 3 segment, 8 name, 12 doc_string, 13 external_data, 14 data_location (1: another file). */
export function locateTensor(bytes: Uint8Array, start: number, end: number): StoredTensor {
  const shape: number[] = [];
  const entries: [string, string][] = [];
  let [code, location, name, note] = [0, 0, "", ""];
  eachField(bytes, start, end, (field, wire, from, to) => {
    if (field === 1)
      eachVarint(bytes, from, to, (at, next) => {
        if (shape.push(Number(readInt64(bytes, at, next))) > MOST_AXES)
          throw damaged(at, `a tensor of more than ${MOST_AXES} axes`);
      });
    else if (field === 2 && wire === VARINT) code = readVarint(bytes, from, to);
    else if (field === 8 && wire === LENGTH_DELIMITED) name = readText(bytes, from, to);
    else if (field === 12 && wire === LENGTH_DELIMITED) note = readText(bytes, from, to);
    else if (field === 13 && wire === LENGTH_DELIMITED) entries.push(readEntry(bytes, from, to));
    else if (field === 14 && wire === VARINT) location = readVarint(bytes, from, to);
    else if (field === 3) throw unsupported("a tensor in segments");
    if (entries.length > MOST_AXES) throw damaged(from, "a tensor of too many entries");
  });
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) contradict(`the tensor ${name} has a size that is none`);
  const external = location === 1 || entries.length > 0 ? { external: Object.fromEntries(entries) } : {};
  return { name, type: elementTypeOf(code), shape, note, from: start, to: end, ...external };
}

export function elementTypeOf(code: number): ElementType {
  const type = (Object.keys(TYPE_CODES) as ElementType[]).find((name) => TYPE_CODES[name] === code);
  if (!type) throw unsupported(`the element type ${code}`);
  return type;
}

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const satisfies Record<ElementType, unknown>;

/** The numbers of a tensor, copied. Nothing is allocated before as many bytes are known to be there. */
export function decodeTensor(
  bytes: Uint8Array,
  tensor: StoredTensor,
  externalData: Readonly<Record<string, Uint8Array>>,
): Initializer {
  const { name, type, shape } = tensor;
  const elements = shape.reduce((product, size) => product * size, 1);
  const size = elements * ARRAYS[type].BYTES_PER_ELEMENT;
  const raw = tensor.external ? externalBytes(tensor, tensor.external, externalData) : rawBytes(bytes, tensor);
  if (raw && raw.length !== size) contradict(`the tensor ${name} should have ${size} bytes, but has ${raw.length}`);
  // A copy, and aligned: a Buffer's own slice would be a view.
  return { type, shape, data: raw ? new ARRAYS[type](new Uint8Array(raw).buffer) : typedData(bytes, tensor, elements) };
}

/** Field 9, raw_data. */
function rawBytes(bytes: Uint8Array, { from: start, to: end }: StoredTensor): Uint8Array | undefined {
  let raw: Uint8Array | undefined;
  eachField(bytes, start, end, (field, wire, from, to) => {
    if (field === 9 && wire === LENGTH_DELIMITED) raw = bytes.subarray(from, to);
  });
  return raw;
}

function externalBytes(
  { name }: StoredTensor,
  { location = "", offset = "0", length }: Readonly<Record<string, string>>,
  externalData: Readonly<Record<string, Uint8Array>>,
): Uint8Array {
  if (!Object.hasOwn(externalData, location))
    contradict(
      `the weights ${name} lie in the file "${location.slice(0, 80)}", which was not given: { externalData: { "…": bytes } }`,
    );
  const file = externalData[location]!;
  const [from, size] = [offset, length ?? String(file.length - Number(offset))].map((text) =>
    /^\d{1,15}$/.test(text) ? Number(text) : -1,
  ) as [number, number];
  if (from < 0 || size < 0 || from + size > file.length)
    contradict(`the weights ${name} lie beyond the end of the file "${location.slice(0, 80)}" of ${file.length} bytes`);
  return file.subarray(from, from + size);
}

// Fields of TensorProto that hold numbers one by one, packed or not.
const FLOAT_DATA = 4;
const INT32_DATA = 5;
const INT64_DATA = 7;
const DOUBLE_DATA = 10;

const FIELDS: Readonly<Record<ElementType, number>> = {
  float32: FLOAT_DATA,
  float64: DOUBLE_DATA,
  int64: INT64_DATA,
  int32: INT32_DATA,
  float16: INT32_DATA,
  uint8: INT32_DATA,
  bool: INT32_DATA,
};

function typedData(bytes: Uint8Array, { name, type, from, to }: StoredTensor, elements: number): Initializer["data"] {
  let count = 0;
  eachNumber(bytes, from, to, FIELDS[type], () => {
    count++;
  });
  if (count !== elements) contradict(`the tensor ${name} should have ${elements} elements, but has ${count}`);
  const data = new ARRAYS[type](elements);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let n = 0;
  eachNumber(bytes, from, to, FIELDS[type], (at, next) => {
    if (data instanceof Float32Array) data[n++] = view.getFloat32(at, true);
    else if (data instanceof Float64Array) data[n++] = view.getFloat64(at, true);
    else if (data instanceof BigInt64Array) data[n++] = readInt64(bytes, at, next);
    else data[n++] = Number(BigInt.asIntN(32, readInt64(bytes, at, next)));
  });
  return data;
}

function eachNumber(
  bytes: Uint8Array,
  start: number,
  end: number,
  wanted: number,
  visit: (at: number, next: number) => void,
): void {
  const width = wanted === FLOAT_DATA ? 4 : wanted === DOUBLE_DATA ? 8 : 0;
  eachField(bytes, start, end, (field, wire, from, to) => {
    if (field !== wanted) return;
    if (width === 0) eachVarint(bytes, from, to, visit);
    else if (wire === FIXED32 || wire === FIXED64 || wire === LENGTH_DELIMITED) {
      if ((to - from) % width !== 0) throw damaged(from, "a list ends within a number");
      for (let at = from; at < to; at += width) visit(at, at + width);
    }
  });
}

/** Calls `visit` for each varint in bytes[from, to): one, or several that are packed. */
export function eachVarint(bytes: Uint8Array, from: number, to: number, visit: (at: number, next: number) => void): void {
  for (let at = from; at < to; ) {
    let next = at + 1;
    while (next < to && bytes[next - 1]! >= 0x80) next++;
    if (bytes[next - 1]! >= 0x80) throw damaged(at, "a list ends within a number");
    visit(at, next);
    at = next;
  }
}

/** The signed 64-bit integer in bytes[from, to). */
export function readInt64(bytes: Uint8Array, from: number, to: number): bigint {
  let value = 0n;
  for (let i = Math.min(to, from + 10) - 1; i >= from; i--) value = (value << 7n) | BigInt(bytes[i]! & 0x7f);
  return BigInt.asIntN(64, value);
}
