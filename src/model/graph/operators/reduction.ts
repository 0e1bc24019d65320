import {
  commonSize,
  type Dim,
  fail,
  failOpen,
  formatShape,
  type InferenceContext,
  input,
  intAttribute,
  type Operator,
  unknownSize,
  type Value,
} from "../graph.js";
import { broadcast } from "./elementwise.js";

// No tensor has more.
const MOST_AXES = 64;

/** An axis counted from the end if negative, checked against the rank. */
export function axisOf(context: InferenceContext, axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  return positive >= 0 && positive < rank ? positive : fail(context, `axis ${axis} is not within a rank of ${rank}.`);
}

/** The elements of an int64 input, which must be known while the graph is built. */
export function contentOf(context: InferenceContext, index: number): readonly Dim[] {
  return input(context, index).content ?? failOpen(context, `input ${index} must be known while the graph is built.`);
}

/** The elements of a list of sizes, each unknown where nothing is known of the list but its length. */
export function sizesIn(context: InferenceContext, index: number): readonly Dim[] {
  const { content, shape } = input(context, index);
  if (content) return content;
  const [length] = shape;
  if (shape.length !== 1 || typeof length !== "number") return failOpen(context, `the length of input ${index} must be known.`);
  return Array.from({ length: Math.min(length, MOST_AXES) }, (_, n) => unknownSize(context, n));
}

export function numbersOf(context: InferenceContext, index: number): readonly number[] {
  return contentOf(context, index).map((v) =>
    typeof v === "number" ? v : failOpen(context, `input ${index} holds ${v}, which is not a number yet.`),
  );
}

/** Opset 18 and later: axes are the second input; none means all. */
const reduce: Operator = {
  infer: (context) => {
    const x = input(context, 0);
    const rank = x.shape.length;
    const axes = new Set(context.inputs[1] ? numbersOf(context, 1).map((axis) => axisOf(context, axis, rank)) : x.shape.keys());
    const keep = intAttribute(context, "keepdims", 1) === 1;
    const shape = keep ? x.shape.map((size, axis) => (axes.has(axis) ? 1 : size)) : x.shape.filter((_, axis) => !axes.has(axis));
    return [{ type: x.type, shape }];
  },
};

const softmax: Operator = {
  infer: (context) => {
    const { type, shape } = input(context, 0);
    axisOf(context, intAttribute(context, "axis", -1), shape.length);
    return [{ type, shape }];
  },
};

const argMax: Operator = {
  infer: (context) => {
    const { shape } = input(context, 0);
    const axis = axisOf(context, intAttribute(context, "axis", 0), shape.length);
    const keep = intAttribute(context, "keepdims", 1) === 1;
    return [
      { type: "int64", shape: keep ? shape.map((size, n) => (n === axis ? 1 : size)) : shape.filter((_, n) => n !== axis) },
    ];
  },
};

const matMul: Operator = {
  infer: (context) => {
    const [a, b] = [input(context, 0), input(context, 1)];
    if (a.shape.length < 2 || b.shape.length < 2)
      fail(context, `matrices need two axes or more, not ${formatShape(a.shape)} and ${formatShape(b.shape)}.`);
    if (commonSize(a.shape.at(-1)!, b.shape.at(-2)!) === undefined)
      fail(context, `${formatShape(a.shape)} times ${formatShape(b.shape)}: the inner sizes differ.`);
    const batch = broadcast(context, a.shape.slice(0, -2), b.shape.slice(0, -2));
    return [{ type: a.type, shape: [...batch, a.shape.at(-2)!, b.shape.at(-1)!] }];
  },
};

const gemm: Operator = {
  infer: (context) => {
    const side = (value: Value, name: string): readonly Dim[] =>
      value.shape.length !== 2
        ? fail(context, `${formatShape(value.shape)} is not a matrix.`)
        : intAttribute(context, name, 0)
          ? [...value.shape].reverse()
          : value.shape;
    const [a, b] = [side(input(context, 0), "transA"), side(input(context, 1), "transB")];
    if (commonSize(a[1]!, b[0]!) === undefined)
      fail(context, `${formatShape(a)} times ${formatShape(b)}: the inner sizes differ.`);
    return [{ type: input(context, 0).type, shape: [a[0]!, b[1]!] }];
  },
};

export const reductionOperators = {
  ReduceSum: reduce,
  ReduceMean: reduce,
  ReduceMax: reduce,
  ReduceMin: reduce,
  ReduceSumSquare: reduce,
  ReduceL2: reduce,
  Softmax: softmax,
  LogSoftmax: softmax,
  ArgMax: argMax,
  MatMul: matMul,
  Gemm: gemm,
} satisfies Record<string, Operator>;
