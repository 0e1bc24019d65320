import type { Value } from "../../model/graph/graph.js";
import type { Gradient, Step, Tape } from "./tape.js";
import { attributeOf, productOf, range, reduceSum, reshape, sizesOf, transpose, unbroadcast } from "./tape.js";

/** The axes that a reduction sums over. */
function axesOf({ constantOf }: Tape, { inputs }: Step): readonly number[] {
  const rank = sizesOf(inputs[0]!).length;
  const given = constantOf(inputs[1]);
  return given ? Array.from(given.data as ArrayLike<number | bigint>, (axis) => (Number(axis) + rank) % rank) : range(rank);
}

/** A value of the reduction's shape with the reduced axes back in place as 1. */
function kept(tape: Tape, step: Step, value: Value): Value {
  const axes = new Set(axesOf(tape, step));
  return reshape(
    tape,
    value,
    sizesOf(step.inputs[0]!).map((size, axis) => (axes.has(axis) ? 1 : size)),
  );
}

const expand = (tape: Tape, value: Value, like: Value): Value => tape.b.node("Expand", [value, tape.ints(sizesOf(like))]);

const sum: Gradient = (tape, step) => [expand(tape, kept(tape, step, step.dy), step.inputs[0]!)];

const mean: Gradient = (tape, step) => {
  const sizes = sizesOf(step.inputs[0]!);
  const count = productOf(axesOf(tape, step).map((axis) => sizes[axis]!));
  const share = tape.b.node("Div", [kept(tape, step, step.dy), tape.real(count)]);
  return [expand(tape, share, step.inputs[0]!)];
};

const sumSquare: Gradient = (tape, step) => {
  const twice = tape.b.node("Mul", [kept(tape, step, step.dy), tape.real(2)]);
  return [tape.b.node("Mul", [twice, step.inputs[0]!])];
};

const norm: Gradient = (tape, step) => {
  const share = tape.b.node("Div", [kept(tape, step, step.dy), kept(tape, step, step.output)]);
  return [tape.b.node("Mul", [share, step.inputs[0]!])];
};

/** Equal extremes share the gradient, as in PyTorch's `amax`. */
const extreme: Gradient = (tape, step) => {
  const { b, real } = tape;
  const x = step.inputs[0]!;
  const y = kept(tape, step, step.output);
  const away = b.node("Abs", [b.node("Sub", [x, y])]);
  const hit = b.node("Where", [b.node("Greater", [away, real(0)]), real(0), real(1)]);
  const share = b.node("Div", [kept(tape, step, step.dy), reduceSum(tape, hit, axesOf(tape, step), true)]);
  return [b.node("Mul", [hit, share])];
};

const softmaxAxis = ({ node, inputs }: Step): number => {
  const rank = sizesOf(inputs[0]!).length;
  return (attributeOf(node, "axis", "int", -1) + rank) % rank;
};

const softmax: Gradient = (tape, step) => {
  const { dy, output } = step;
  const total = reduceSum(tape, tape.b.node("Mul", [dy, output]), [softmaxAxis(step)], true);
  return [tape.b.node("Mul", [output, tape.b.node("Sub", [dy, total])])];
};

const logSoftmax: Gradient = (tape, step) => {
  const { dy, output } = step;
  const total = reduceSum(tape, dy, [softmaxAxis(step)], true);
  return [tape.b.node("Sub", [dy, tape.b.node("Mul", [tape.b.node("Exp", [output]), total])])];
};

function swapped(tape: Tape, x: Value): Value {
  const rank = x.shape.length;
  return transpose(tape, x, [...range(rank - 2), rank - 1, rank - 2]);
}

const matMul: Gradient = (tape, step) => {
  const [a, b] = step.inputs as readonly [Value, Value];
  const by = (n: number, left: () => Value, right: () => Value) =>
    step.wants(n) ? unbroadcast(tape, tape.b.node("MatMul", [left(), right()]), step.inputs[n]!) : undefined;
  return [
    by(
      0,
      () => step.dy,
      () => swapped(tape, b),
    ),
    by(
      1,
      () => swapped(tape, a),
      () => step.dy,
    ),
  ];
};

/** Y = α A′ B′ + β C, where A′ and B′ may be transposed. */
const gemm: Gradient = (tape, step) => {
  const { node, dy, wants } = step;
  const [a, b, c] = step.inputs;
  const [transA, transB] = [attributeOf(node, "transA", "int", 0), attributeOf(node, "transB", "int", 0)];
  const alpha = attributeOf(node, "alpha", "float", 1);
  const beta = attributeOf(node, "beta", "float", 1);
  const product = (left: Value, right: Value, leftT: number, rightT: number) =>
    tape.b.node("Gemm", [left, right], { alpha: { float: alpha }, transA: { int: leftT }, transB: { int: rightT } });
  const da = () => (transA ? product(b!, dy, transB, 1) : product(dy, b!, 0, 1 - transB));
  const db = () => (transB ? product(dy, a!, 1, transA) : product(a!, dy, 1 - transA, 0));
  const dc = () => unbroadcast(tape, beta === 1 ? dy : tape.b.node("Mul", [dy, tape.real(beta)]), c!);
  return [wants(0) ? da() : undefined, wants(1) ? db() : undefined, c && wants(2) ? dc() : undefined];
};

export const reductionGradients: Readonly<Record<string, Gradient>> = {
  ReduceSum: sum,
  ReduceMean: mean,
  ReduceMax: extreme,
  ReduceMin: extreme,
  ReduceSumSquare: sumSquare,
  ReduceL2: norm,
  Softmax: softmax,
  LogSoftmax: logSoftmax,
  ArgMax: () => [undefined],
  MatMul: matMul,
  Gemm: gemm,
};
