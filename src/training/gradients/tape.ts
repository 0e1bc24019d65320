import { GadoliniteError } from "../../core/errors.js";
import type { GraphBuilder } from "../../model/graph/builder.js";
import { type Attribute, formatShape, type Initializer, type Node, type Value } from "../../model/graph/graph.js";

/** What the backward pass is written on: a graph that grows, and what is known of it. */
export interface Tape {
  readonly b: GraphBuilder;
  /** The numbers behind a value that never changes: neither computed nor trained. */
  constantOf(value: Value | undefined): Initializer | undefined;
  /** The node of the forward pass that makes a value. */
  producerOf(value: Value): Node | undefined;
  /** An int64 vector; the same one for the same numbers. */
  ints(values: readonly number[]): Value;
  /** A float32 number without axes; the same one for the same number. */
  real(value: number): Value;
}

/** A node of the forward pass, and what is known of the loss behind it. */
export interface Step {
  readonly node: Node;
  readonly inputs: readonly (Value | undefined)[];
  readonly output: Value;
  /** Derivative of the loss by the node's output, of the output's shape. */
  readonly dy: Value;
  /** Whether the derivative by input n is wanted. */
  wants(n: number): boolean;
}

/**
 * The gradient rule of an operator: the derivatives of the loss by the node's inputs, each of its input's shape. `undefined` stands for an input that
 * has none (a list of sizes) or that isn't wanted.
 */
export type Gradient = (tape: Tape, step: Step) => readonly (Value | undefined)[];

export function tapeOn(b: GraphBuilder, constantOf: Tape["constantOf"], producerOf: Tape["producerOf"]): Tape {
  const known = new Map<string, Value>();
  const once = (key: string, make: () => Value): Value => {
    const value = known.get(key) ?? make();
    known.set(key, value);
    return value;
  };
  return {
    b,
    constantOf,
    producerOf,
    ints: (values) => once(`ints ${values.join()}`, () => b.constant("ints", values)),
    real: (value) =>
      once(`real ${value}`, () => b.constant("real", { type: "float32", shape: [], data: Float32Array.of(value) })),
  };
}

/** The sizes of a value, which the backward pass has to know. */
export function sizesOf({ name, shape }: Value): readonly number[] {
  if (shape.every((size) => typeof size === "number")) return shape as readonly number[];
  throw new GadoliniteError(
    "unsupported",
    `The gradient needs fixed sizes, but ${name} is ${formatShape(shape)}. Build the network with batch and patch, or fix its inputs with withInputShapes.`,
  );
}

export const attributeOf = <K extends "int" | "ints" | "float" | "string", T>(
  { attributes }: Node,
  name: string,
  kind: K,
  otherwise: T,
): (Extract<Attribute, Record<K, unknown>>[K] & unknown) | T => {
  const attribute = attributes[name];
  return attribute && kind in attribute ? (attribute as Extract<Attribute, Record<K, unknown>>)[kind] : otherwise;
};

export const productOf = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

export const range = (length: number, start = 0): readonly number[] => Array.from({ length }, (_, n) => start + n);

export const sameSizes = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((size, axis) => size === b[axis]);

export function reshape({ b, ints }: Tape, x: Value, sizes: readonly number[]): Value {
  return sameSizes(x.shape, sizes) ? x : b.node("Reshape", [x, ints(sizes)]);
}

export const transpose = ({ b }: Tape, x: Value, perm: readonly number[]): Value =>
  b.node("Transpose", [x], { perm: { ints: perm } });

/** Sum over these axes, which stay as 1 or are dropped. */
export const reduceSum = ({ b, ints }: Tape, x: Value, axes: readonly number[], keep = false): Value =>
  b.node("ReduceSum", [x, ints(axes)], { keepdims: { int: keep ? 1 : 0 } });

/** Elements `start` … `end` − 1 along an axis. */
export function sliceAxis({ b, ints }: Tape, x: Value, axis: number, start: number, end: number): Value {
  return start === 0 && end === x.shape[axis] ? x : b.node("Slice", [x, ints([start]), ints([end]), ints([axis])]);
}

/** Undoes a broadcast: sums over what was stretched, and drops the axes that were put before. */
export function unbroadcast(tape: Tape, dy: Value, to: Value): Value {
  const [from, sizes] = [sizesOf(dy), sizesOf(to)];
  const before = from.length - sizes.length;
  const stretched = range(from.length).filter((axis) => axis < before || (sizes[axis - before] === 1 && from[axis] !== 1));
  return reshape(tape, stretched.length > 0 ? reduceSum(tape, dy, stretched, true) : dy, sizes);
}

/**
 * A linear map along one axis, y = A x, as a product of matrices: whatever lies before the axis is the batch, what lies after it the columns.
 *
 * @param matrix row-major [size after, size before]
 */
export function alongAxis(tape: Tape, x: Value, axis: number, matrix: Float32Array, after: number): Value {
  const sizes = sizesOf(x);
  const [left, own, right] = [productOf(sizes.slice(0, axis)), sizes[axis]!, productOf(sizes.slice(axis + 1))];
  const shape = sizes.with(axis, after);
  if (right === 1) {
    // Along the last axis: one tall matrix times the transposed map.
    const transposed = new Float32Array(matrix.length);
    for (let r = 0; r < after; r++) for (let c = 0; c < own; c++) transposed[c * after + r] = matrix[r * own + c]!;
    const a = tape.b.constant("map", { type: "float32", shape: [own, after], data: transposed });
    return reshape(tape, tape.b.node("MatMul", [reshape(tape, x, [left, own]), a]), shape);
  }
  const a = tape.b.constant("map", { type: "float32", shape: [after, own], data: matrix });
  return reshape(tape, tape.b.node("MatMul", [a, reshape(tape, x, [left, own, right])]), shape);
}

/** A rule that is not written: says so instead of giving a wrong number. */
export function noGradient({ name, operator }: Pick<Node, "name" | "operator">, why: string): never {
  throw new GadoliniteError("unsupported", `Node ${name} (${operator}) can't be differentiated: ${why}`);
}
