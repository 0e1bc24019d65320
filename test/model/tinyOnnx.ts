/*
 * Writes small ONNX models for the tests: a protobuf writer of a page, independent of the library's own reader and writer.
 * Field numbers are those of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
 */

/** Dimensions of a value; a string is a symbolic (free) dimension. */
export type Dims = readonly (number | string)[];

export interface TinyNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Integers are INT, arrays of integers INTS, `{ float }` FLOAT, strings STRING. */
  readonly attributes?: Readonly<Record<string, number | readonly number[] | string | { readonly float: number }>>;
}

export interface TinyValue {
  readonly name: string;
  readonly dims: Dims;
  /** ONNX element type; default 1, float32. 7 is int64. */
  readonly type?: number;
}

export interface TinyModel {
  readonly inputs: readonly TinyValue[];
  readonly outputs: readonly TinyValue[];
  readonly nodes: readonly TinyNode[];
  readonly initializers?: Readonly<
    Record<string, { readonly dims: readonly number[]; readonly data: Float32Array | BigInt64Array }>
  >;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly opset?: number;
  readonly ir?: number;
}

const FLOAT = 1;
const INT64 = 7;

export const bytesOf = (...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

export function varint(value: number | bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return bytes;
}

/** A varint field. */
export const int = (field: number, value: number | bigint): Uint8Array => bytesOf(varint(field * 8), varint(value));

/** A length-delimited field: text, bytes or an embedded message. */
export function message(field: number, ...content: readonly (string | Uint8Array)[]): Uint8Array {
  const body = bytesOf(...content.map((part) => (typeof part === "string" ? new TextEncoder().encode(part) : part)));
  return bytesOf(varint(field * 8 + 2), varint(body.length), body);
}

const float = (field: number, value: number): Uint8Array =>
  bytesOf(varint(field * 8 + 5), new Uint8Array(Float32Array.of(value).buffer));

function attribute(name: string, value: NonNullable<TinyNode["attributes"]>[string]): Uint8Array {
  if (typeof value === "number") return message(5, message(1, name), int(3, value), int(20, 2));
  if (typeof value === "string") return message(5, message(1, name), message(4, value), int(20, 3));
  if ("float" in value) return message(5, message(1, name), float(2, value.float), int(20, 1));
  return message(5, message(1, name), ...value.map((v) => int(8, v)), int(20, 7));
}

const node = ({ op, inputs, outputs, attributes = {} }: TinyNode): Uint8Array =>
  message(
    1,
    ...inputs.map((name) => message(1, name)),
    ...outputs.map((name) => message(2, name)),
    message(4, op),
    ...Object.entries(attributes).map(([name, value]) => attribute(name, value)),
  );

const dimension = (d: number | string) => (typeof d === "number" ? message(1, int(1, d)) : message(1, message(2, d)));

const value = (field: number, { name, dims, type = FLOAT }: TinyValue): Uint8Array =>
  message(field, message(1, name), message(2, message(1, int(1, type), message(2, ...dims.map(dimension)))));

/** The bytes of an ONNX model. */
export function tinyOnnx({
  inputs,
  outputs,
  nodes,
  initializers = {},
  metadata = {},
  opset = 17,
  ir = 8,
}: TinyModel): Uint8Array {
  const weights = Object.entries(initializers).map(([name, { dims, data }]) =>
    message(
      5,
      ...dims.map((d) => int(1, d)),
      int(2, data instanceof Float32Array ? FLOAT : INT64),
      message(8, name),
      message(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
    ),
  );
  const graph = message(
    7,
    ...nodes.map(node),
    message(2, "tiny"),
    ...weights,
    ...inputs.map((v) => value(11, v)),
    ...outputs.map((v) => value(12, v)),
  );
  const entries = Object.entries(metadata).map(([key, text]) => message(14, message(1, key), message(2, text)));
  return bytesOf(int(1, ir), message(2, "tinyOnnx"), graph, message(8, int(2, opset)), ...entries);
}

const FREE: Dims = ["n", 1, "k", "j", "i"];

/** Gives its input back: any number of patches of one channel. */
export const identityModel = (options: Partial<TinyModel> = {}): Uint8Array =>
  tinyOnnx({
    inputs: [{ name: "image", dims: FREE }],
    outputs: [{ name: "restored", dims: FREE }],
    nodes: [{ op: "Identity", inputs: ["image"], outputs: ["restored"] }],
    ...options,
  });

/** One 3-D convolution with zero padding and a bias; `weights` in the order [out, in, k, j, i], kernels of `size`³. */
export const convolutionModel = (weights: Float32Array, { channels = 1, features = 1, size = 3, stride = 1 } = {}): Uint8Array =>
  tinyOnnx({
    inputs: [{ name: "image", dims: ["n", channels, "k", "j", "i"] }],
    outputs: [{ name: "restored", dims: ["n", features, "ko", "jo", "io"] }],
    nodes: [
      {
        op: "Conv",
        inputs: ["image", "weights", "bias"],
        outputs: ["restored"],
        attributes: {
          kernel_shape: [size, size, size],
          pads: Array<number>(6).fill((size - 1) / 2),
          strides: [stride, stride, stride],
        },
      },
    ],
    initializers: {
      weights: { dims: [features, channels, size, size, size], data: weights },
      bias: { dims: [features], data: Float32Array.from({ length: features }, (_, f) => f / 8) },
    },
  });

/**
 * A stand-in for a restorer: image channels (pre, low) and conditions [n, 1] (dose), all multiplied and added as
 * restored = pre + (low − pre) · condition, written with Slice, Sub, Mul, Reshape and Add.
 */
export const extrapolationModel = (options: Partial<TinyModel> = {}): Uint8Array =>
  tinyOnnx({
    inputs: [
      { name: "image", dims: ["n", 2, "k", "j", "i"] },
      { name: "conditions", dims: ["n", 1] },
    ],
    outputs: [{ name: "restored", dims: FREE }],
    nodes: [
      { op: "Slice", inputs: ["image", "zero", "one", "one"], outputs: ["pre"] },
      { op: "Slice", inputs: ["image", "one", "two", "one"], outputs: ["low"] },
      { op: "Sub", inputs: ["low", "pre"], outputs: ["difference"] },
      { op: "Reshape", inputs: ["conditions", "shape"], outputs: ["gain"] },
      { op: "Mul", inputs: ["difference", "gain"], outputs: ["signal"] },
      { op: "Add", inputs: ["pre", "signal"], outputs: ["restored"] },
    ],
    initializers: {
      zero: { dims: [1], data: BigInt64Array.of(0n) },
      one: { dims: [1], data: BigInt64Array.of(1n) },
      two: { dims: [1], data: BigInt64Array.of(2n) },
      shape: { dims: [5], data: BigInt64Array.of(-1n, 1n, 1n, 1n, 1n) },
    },
    ...options,
  });
