import { GadoliniteError } from "../core/errors.js";
import { toFloat16 } from "./float16.js";
import { asFloat32, type WeightArray, type WeightTensor, type WeightType } from "./weightTensor.js";

interface StoredType {
  readonly code: string;
  readonly dtype: WeightType;
  readonly array: { readonly BYTES_PER_ELEMENT: number; new (buffer: ArrayBuffer): WeightArray };
}

const TYPES: readonly StoredType[] = [
  { code: "F64", dtype: "float64", array: Float64Array },
  { code: "F32", dtype: "float32", array: Float32Array },
  { code: "F16", dtype: "float16", array: Uint16Array },
  { code: "BF16", dtype: "bfloat16", array: Uint16Array },
  { code: "I64", dtype: "int64", array: BigInt64Array },
  { code: "I32", dtype: "int32", array: Int32Array },
  { code: "I16", dtype: "int16", array: Int16Array },
  { code: "I8", dtype: "int8", array: Int8Array },
  { code: "U8", dtype: "uint8", array: Uint8Array },
  { code: "BOOL", dtype: "bool", array: Uint8Array },
];

const METADATA = "__metadata__";
const LENGTH_BYTES = 8;
// About a hundred bytes a tensor: room for a hundred thousand of them.
const MOST_HEADER_BYTES = 1 << 24;
const MOST_AXES = 64;

export interface ReadSafetensorsOptions {
  /** Most bytes of tensors that are taken into memory. Default 2 GiB. */
  readonly maxBytes?: number;
}

/**
 * Reads weights from the bytes of a .safetensors file. Nothing in such a file is run, and nothing is allocated by a size that it merely states.
 *
 * @param bytes a whole file; its tensors are copied
 * @returns tensors by name, in the order of the file's header; float16 and bfloat16 as their 16 bits
 * @throws `bad-model` if the bytes are no such file, cut off or damaged: tensors that overlap, leave gaps or reach beyond the end;
 *   `unsupported` for other element types
 * @see https://github.com/huggingface/safetensors (format)
 * @example
 * const graph = withWeights(conditionalUnet3d({ seed: 1 }), readSafetensors(bytes));
 */
export function readSafetensors(
  bytes: Uint8Array,
  { maxBytes = 2 ** 31 }: ReadSafetensorsOptions = {},
): ReadonlyMap<string, WeightTensor> {
  const { header, start } = readHeader(bytes);
  const stored = Object.entries(header)
    .filter(([name]) => name !== METADATA)
    .map(([name, entry]) => readEntry(name, entry));
  const length = bytes.length - start;
  if (length > maxBytes) throw bad(`it holds ${length} bytes of tensors, more than the ${maxBytes} that are allowed`);
  checkLayout(stored, length);
  return new Map(
    stored.map(({ name, type, shape, from, to }) => {
      // A copy, and aligned: a Buffer's own slice would be a view.
      const copy = new Uint8Array(bytes.subarray(start + from, start + to));
      return [name, { dtype: type.dtype, shape, data: new type.array(copy.buffer) }];
    }),
  );
}

/**
 * The texts that go with the tensors of a .safetensors file; none is an empty object.
 *
 * @param bytes a whole file, or as much of it as holds the header
 * @throws `bad-model` if the bytes are no such file
 * @example
 * const { licence } = readSafetensorsMetadata(bytes);
 */
export function readSafetensorsMetadata(bytes: Uint8Array): Readonly<Record<string, string>> {
  const metadata = readHeader(bytes).header[METADATA] ?? {};
  if (!isRecord(metadata) || !Object.values(metadata).every((text) => typeof text === "string"))
    throw bad("its metadata are no texts");
  return metadata as Readonly<Record<string, string>>;
}

export interface WriteSafetensorsOptions {
  /** Texts that go with the tensors. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Real numbers are stored as this type. Default: each tensor as it is. */
  readonly dtype?: "float32" | "float16";
}

/**
 * Writes tensors as a .safetensors file: large elements first, each in the order of the map, so that every tensor is aligned.
 *
 * @throws `bad-model` for a tensor whose shape doesn't fit its data or whose name is `__metadata__`; `out-of-range` for a number that is too large for float16
 * @see https://github.com/huggingface/safetensors (format)
 * @example
 * await writeFile("weights.safetensors", writeSafetensors(weightsOf(graph), { dtype: "float16" }));
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, WeightTensor>,
  { metadata, dtype }: WriteSafetensorsOptions = {},
): Uint8Array<ArrayBuffer> {
  const stored = [...tensors].map(([name, tensor]) => toStore(name, tensor, dtype));
  stored.sort((a, b) => b.type.array.BYTES_PER_ELEMENT - a.type.array.BYTES_PER_ELEMENT);
  let length = 0;
  const entries = stored.map(({ name, type, shape, data }): [string, unknown] => {
    const from = length;
    length += data.byteLength;
    return [name, { dtype: type.code, shape, data_offsets: [from, length] }];
  });
  const json = new TextEncoder().encode(
    JSON.stringify(Object.fromEntries(metadata ? [[METADATA, metadata], ...entries] : entries)),
  );
  // Spaces after the header align the first tensor.
  const headerLength = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(LENGTH_BYTES + headerLength + length).fill(0x20, LENGTH_BYTES, LENGTH_BYTES + headerLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.set(json, LENGTH_BYTES);
  let at = LENGTH_BYTES + headerLength;
  for (const { data } of stored) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

function toStore(name: string, tensor: WeightTensor, wanted: WriteSafetensorsOptions["dtype"]) {
  const { shape } = tensor;
  if (name === METADATA) throw new GadoliniteError("bad-model", `No tensor can be called ${METADATA} in a .safetensors file.`);
  if (elementsOf(shape) !== tensor.data.length)
    throw new GadoliniteError(
      "bad-model",
      `The tensor ${name} has shape [${shape.join(", ")}], but ${tensor.data.length} elements.`,
    );
  const real = wanted !== undefined && /float/.test(tensor.dtype);
  const dtype = real ? wanted : tensor.dtype;
  const type = TYPES.find((known) => known.dtype === dtype)!;
  if (!real || dtype === tensor.dtype) return { name, type, shape, data: tensor.data };
  const single = asFloat32(name, tensor);
  return { name, type, shape, data: dtype === "float16" ? toFloat16(single, name) : single };
}

function readHeader(bytes: Uint8Array): { header: Record<string, unknown>; start: number } {
  if (bytes.length < LENGTH_BYTES) throw bad(`it has ${bytes.length} bytes`);
  const stated = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (stated > bytes.length - LENGTH_BYTES)
    throw bad(`its header should have ${stated} bytes, but ${bytes.length - LENGTH_BYTES} are there`);
  if (stated > MOST_HEADER_BYTES) throw bad(`its header of ${stated} bytes is longer than ${MOST_HEADER_BYTES}`);
  const start = LENGTH_BYTES + Number(stated);
  let header: unknown;
  try {
    header = JSON.parse(
      new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(new Uint8Array(bytes.subarray(LENGTH_BYTES, start))),
    );
  } catch (cause) {
    throw bad("its header is not JSON in UTF-8", cause);
  }
  if (!isRecord(header)) throw bad("its header is no JSON object");
  return { header, start };
}

interface StoredTensor {
  readonly name: string;
  readonly type: StoredType;
  readonly shape: readonly number[];
  readonly from: number;
  readonly to: number;
}

function readEntry(name: string, entry: unknown): StoredTensor {
  if (!isRecord(entry)) throw bad(`the entry of ${name} is no JSON object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  const type = TYPES.find(({ code }) => code === dtype);
  if (!type)
    throw typeof dtype === "string"
      ? new GadoliniteError(
          "unsupported",
          `The tensor ${name} has elements of type ${dtype.slice(0, 20)}. Known are ${TYPES.map(({ code }) => code).join(", ")}.`,
        )
      : bad(`the tensor ${name} has no dtype`);
  if (!isSizes(shape) || shape.length > MOST_AXES) throw bad(`the shape of ${name} is no list of sizes`);
  if (!isSizes(offsets) || offsets.length !== 2) throw bad(`the data_offsets of ${name} are no pair of positions`);
  const [from, to] = offsets as [number, number];
  const wanted = elementsOf(shape) * type.array.BYTES_PER_ELEMENT;
  if (to - from !== wanted)
    throw bad(`${name} of shape [${shape.join(", ")}] and type ${type.code} needs ${wanted} bytes, but has ${to - from}`);
  return { name, type, shape, from, to };
}

/** Tensors must fill the file one after another: no gap could hide anything, no two share bytes. */
function checkLayout(stored: readonly StoredTensor[], length: number): void {
  let end = 0;
  for (const { name, from, to } of [...stored].sort((a, b) => a.from - b.from || a.to - b.to)) {
    if (from !== end)
      throw bad(`${name} begins at byte ${from} of the tensors, where ${end} is expected: tensors overlap or leave a gap`);
    end = to;
  }
  if (end !== length) throw bad(`its tensors end at byte ${end}, but ${length} bytes are there`);
}

const elementsOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isSizes = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);

function bad(reason: string, cause?: unknown): GadoliniteError {
  return new GadoliniteError(
    "bad-model",
    `This is no .safetensors file, or a damaged one: ${reason}. Expected the bytes of a whole file.`,
    { cause },
  );
}
