import type { Value } from "../../model/graph/graph.js";
import type { Gradient, Step, Tape } from "./tape.js";
import {
  alongAxis,
  attributeOf,
  noGradient,
  productOf,
  range,
  reduceSum,
  reshape,
  sameSizes,
  sizesOf,
  sliceAxis,
  transpose,
} from "./tape.js";

interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  /** Border voxels before, then after, each axis. */
  readonly pads: readonly number[];
}

/** The window of a convolution or a pooling, whose rules want neither groups nor dilations nor `auto_pad`. */
export function windowOf({ node }: Step, kernel: readonly number[]): Window {
  const ones = kernel.map(() => 1);
  if (attributeOf(node, "group", "int", 1) !== 1)
    noGradient(node, "it has groups. Rewrite it as a dense convolution first: portable(graph).");
  if (attributeOf(node, "dilations", "ints", ones).some((step) => step !== 1)) noGradient(node, "it is dilated.");
  if (attributeOf(node, "auto_pad", "string", "NOTSET") !== "NOTSET") noGradient(node, "it has auto_pad; give pads instead.");
  return {
    kernel,
    strides: attributeOf(node, "strides", "ints", ones),
    pads: attributeOf(
      node,
      "pads",
      "ints",
      [...kernel, ...kernel].map(() => 0),
    ),
  };
}

const isOnes = (values: readonly number[]): boolean => values.every((v) => v === 1);
const isZeros = (values: readonly number[]): boolean => values.every((v) => v === 0);

/** Widens (or, where negative, crops) the spatial axes. */
export function padSpace({ b, ints, real }: Tape, x: Value, pads: readonly number[], value?: number): Value {
  if (isZeros(pads)) return x;
  const rank = pads.length / 2;
  const all = [0, 0, ...pads.slice(0, rank), 0, 0, ...pads.slice(rank)];
  return b.node("Pad", [x, ints(all), ...(value === undefined ? [] : [real(value)])]);
}

/** Puts stride − 1 zeros after each voxel, along each spatial axis: [B, C, …, n] → [B, C, …, n · stride]. */
export function stuffZeros(tape: Tape, x: Value, strides: readonly number[]): Value {
  if (isOnes(strides)) return x;
  const [batch, channels, ...space] = sizesOf(x) as [number, number, ...number[]];
  const apart = reshape(tape, x, [batch, channels, ...space.flatMap((size) => [size, 1])]);
  const none = [0, 0, ...space.flatMap(() => [0, 0])];
  const after = [0, 0, ...strides.flatMap((stride) => [0, stride - 1])];
  const stuffed = tape.b.node("Pad", [apart, tape.ints([...none, ...after])]);
  return reshape(tape, stuffed, [batch, channels, ...space.map((size, axis) => size * strides[axis]!)]);
}

/** [out, in, …] → [in, out, …] with every spatial axis reversed. */
function flipped(tape: Tape, w: Value): Value {
  const [out, inputs, ...kernel] = sizesOf(w) as [number, number, ...number[]];
  const swapped = transpose(tape, w, [1, 0, ...range(kernel.length, 2)]);
  const taps = productOf(kernel);
  if (taps === 1) return swapped;
  // In row-major order all axes are reversed at once.
  const flat = reshape(tape, swapped, [inputs, out, taps]);
  const reversed = tape.b.node("Gather", [flat, tape.ints(range(taps).toReversed())], { axis: { int: 2 } });
  return reshape(tape, reversed, [inputs, out, ...kernel]);
}

/** A convolution of the derivative, zeros between its voxels, with the flipped weights. */
function inputGradient(tape: Tape, { inputs, dy }: Step, window: Window): Value {
  const [x, w] = inputs as readonly [Value, Value];
  const { kernel, strides, pads } = window;
  const space = sizesOf(x).slice(2);
  const stuffed = stuffZeros(tape, dy, strides);
  const sizes = sizesOf(stuffed).slice(2);
  const before = kernel.map((size, axis) => size - 1 - pads[axis]!);
  const after = space.map((size, axis) => size - sizes[axis]! + pads[axis]!);
  const border = [...before, ...after];
  // A convolution pads, but does not crop.
  const cropped = padSpace(
    tape,
    stuffed,
    border.map((side) => Math.min(side, 0)),
  );
  return tape.b.node("Conv", [cropped, flipped(tape, w)], { pads: { ints: border.map((side) => Math.max(side, 0)) } });
}

/** The axis along which a fixed kernel of one channel works, if it is one axis alone. */
function singleAxis(tape: Tape, { inputs }: Step, { kernel, pads }: Window): number | undefined {
  const w = inputs[1]!;
  if (w.shape[0] !== 1 || w.shape[1] !== 1 || !tape.constantOf(w)) return undefined;
  const axes = range(kernel.length).filter((axis) => kernel[axis]! > 1);
  return axes.length === 1 && kernel.every((_, a) => a === axes[0] || (pads[a] === 0 && pads[a + kernel.length] === 0))
    ? axes[0]
    : undefined;
}

/** A fixed filter along one axis is a matrix, and its gradient the transposed one. */
function filterGradient(tape: Tape, { inputs, dy }: Step, { kernel, strides, pads }: Window, axis: number): Value {
  const [before, after] = [sizesOf(inputs[0]!)[axis + 2]!, sizesOf(dy)[axis + 2]!];
  const { data } = tape.constantOf(inputs[1])!;
  const matrix = new Float32Array(before * after);
  for (let d = 0; d < after; d++)
    for (let k = 0; k < kernel[axis]!; k++) {
      const at = d * strides[axis]! + k - pads[axis]!;
      if (at >= 0 && at < before) matrix[at * after + d] = Number(data[k]);
    }
  return alongAxis(tape, dy, axis + 2, matrix, before);
}

const weightGradient = (tape: Tape, step: Step, window: Window): Value =>
  (isOnes(window.strides) ? denseWeightGradient : stridedWeightGradient)(tape, step, window);

/** [batch, channels, …] → [batch, voxels, channels]. */
function channelsLast(tape: Tape, x: Value): Value {
  const [batch, channels, ...space] = sizesOf(x) as [number, number, ...number[]];
  const last = transpose(tape, x, [0, ...range(space.length, 2), 1]);
  return reshape(tape, last, [batch, productOf(space), channels]);
}

/** [batch, channels, …] → [batch, channels, voxels]. */
function voxelsLast(tape: Tape, x: Value): Value {
  const [batch, channels, ...space] = sizesOf(x) as [number, number, ...number[]];
  return reshape(tape, x, [batch, channels, productOf(space)]);
}

/**
 * Products of matrices: the input as a tap of the kernel saw it, [batch, in, voxels], times the derivative, [batch, voxels, out], summed over the batch.
 *
 * Without strides what a tap saw is the flat input from some voxel on, once the derivative's rows and planes are as long as the input's, with zeros
 * behind them: one long copy. Shifts along the first axis are made on the derivative instead, once and side by side, so that a kernel of 3³ needs nine copies
 * of the input and nine products, each three times as wide, instead of 27.
 */
function denseWeightGradient(tape: Tape, { inputs, dy }: Step, { kernel, pads }: Window): Value {
  const { b } = tape;
  const [x, w] = inputs as readonly [Value, Value];
  const [depth, ...rest] = kernel as [number, ...number[]];
  const padded = padSpace(tape, x, pads);
  const [, channels, ...from] = sizesOf(padded) as [number, number, ...number[]];
  const [, out, ...space] = sizesOf(dy) as [number, number, ...number[]];
  const position = (at: readonly number[]) => at.reduce((sum, n, axis) => sum * from[axis]! + n, 0);
  // From the first to the last voxel that any tap sees in its first position.
  const length = position(from.map((size, axis) => (axis === 0 ? size : space[axis]!) - 1)) + 1;

  const shifted = range(depth).map((n) => {
    const before = space.map((_, axis) => (axis === 0 ? n : 0));
    return padSpace(tape, dy, [...before, ...space.map((size, axis) => from[axis]! - size - before[axis]!)]);
  });
  const beside = depth === 1 ? shifted[0]! : b.node("Concat", shifted, { axis: { int: 1 } });
  const derivative = sliceAxis(tape, channelsLast(tape, beside), 1, 0, length);

  const flat = voxelsLast(tape, padded);
  const products = taps(rest).map((tap) => {
    const start = position([0, ...tap]);
    return b.node("MatMul", [sliceAxis(tape, flat, 2, start, start + length), derivative]);
  });
  const all = products.length === 1 ? products[0]! : b.node("Concat", products, { axis: { int: 1 } });
  // [rest · in, depth · out] → [out, in, depth, rest].
  const total = reshape(tape, reduceSum(tape, all, [0]), [products.length, channels, depth, out]);
  return reshape(tape, transpose(tape, total, [3, 1, 2, 0]), sizesOf(w));
}

/** With strides each tap sees every so many voxels: a slice and a product for each. */
function stridedWeightGradient(tape: Tape, { inputs, dy }: Step, { kernel, strides, pads }: Window): Value {
  const { b, ints } = tape;
  const [x, w] = inputs as readonly [Value, Value];
  const padded = padSpace(tape, x, pads);
  const space = sizesOf(dy).slice(2);
  const derivative = channelsLast(tape, dy);
  const products = taps(kernel).map((tap) => {
    const ends = tap.map((start, axis) => start + (space[axis]! - 1) * strides[axis]! + 1);
    const seen = b.node("Slice", [padded, ints(tap), ints(ends), ints(range(kernel.length, 2)), ints(strides)]);
    return b.node("MatMul", [voxelsLast(tape, seen), derivative]);
  });
  const all = products.length === 1 ? products[0]! : b.node("Concat", products, { axis: { int: 1 } });
  // [taps · in, out] → [out, in, taps].
  const [, channels] = sizesOf(padded) as [number, number];
  const total = reshape(tape, reduceSum(tape, all, [0]), [products.length, channels, sizesOf(dy)[1]!]);
  return reshape(tape, transpose(tape, total, [2, 1, 0]), sizesOf(w));
}

/** Positions in a kernel in row-major order. */
export function taps(kernel: readonly number[]): readonly (readonly number[])[] {
  return kernel.reduce<readonly (readonly number[])[]>(
    (before, size) => before.flatMap((tap) => range(size).map((n) => [...tap, n])),
    [[]],
  );
}

/** Sums over the batch and all voxels. The last axis first: a float32 sum of sums loses fewer digits than one long sum. */
function sumPerChannel(tape: Tape, x: Value): Value {
  const rank = x.shape.length;
  return reduceSum(tape, reduceSum(tape, x, [rank - 1], true), [0, ...range(rank - 2, 2)]);
}

const conv: Gradient = (tape, step) => {
  const { inputs, dy, wants } = step;
  const window = windowOf(step, sizesOf(inputs[1]!).slice(2));
  const axis = singleAxis(tape, step, window);
  const dx = () => (axis === undefined ? inputGradient(tape, step, window) : filterGradient(tape, step, window, axis));
  return [
    wants(0) ? dx() : undefined,
    wants(1) ? weightGradient(tape, step, window) : undefined,
    inputs[2] && wants(2) ? sumPerChannel(tape, dy) : undefined,
  ];
};

/**
 * Non-overlapping windows inside the image only: the first largest element of each takes the derivative. Which it is, is told by how often
 * an equal one came before it.
 */
const maxPool: Gradient = (tape, step) => {
  const { b, real } = tape;
  const { node, inputs, output, dy } = step;
  const kernel = attributeOf(node, "kernel_shape", "ints", []);
  const { strides, pads } = windowOf(step, kernel);
  if (!sameSizes(kernel, strides) || !isZeros(pads)) noGradient(node, "its windows overlap or reach beyond the border.");
  const sizes = sizesOf(inputs[0]!);
  const pooled = sizesOf(output).slice(2);
  const x = blocks(tape, padSpace(tape, inputs[0]!, cropTo(sizes.slice(2), pooled, kernel)), kernel);
  const [y, d] = [output, dy].map((value) => reshape(tape, value, [...sizesOf(value).slice(0, 2), 1, ...pooled]));
  const equal = b.node("Where", [b.node("GreaterOrEqual", [x, y!]), real(1), real(0)]);
  // Sums of those before, by a triangular matrix over the places in a window.
  const places = productOf(kernel);
  const before = new Float32Array(places * places);
  for (let row = 0; row < places; row++) for (let column = 0; column < row; column++) before[row * places + column] = 1;
  const first = b.node("Less", [alongAxis(tape, equal, 2, before, places), real(0.5)]);
  const share = b.node("Mul", [b.node("Where", [first, equal, real(0)]), d!]);
  const border = cropTo(sizes.slice(2), pooled, kernel).map((side) => -side);
  return [padSpace(tape, unblocks(tape, share, kernel), border)];
};

/** Voxels at the far border that no window reaches, as negative pads. */
const cropTo = (sizes: readonly number[], pooled: readonly number[], kernel: readonly number[]): readonly number[] => [
  ...sizes.map(() => 0),
  ...sizes.map((size, axis) => pooled[axis]! * kernel[axis]! - size),
];

/** [B, C, n·s, …] → [B, C, s·…, n, …]: the places of each window side by side. */
function blocks(tape: Tape, x: Value, block: readonly number[]): Value {
  const [batch, channels, ...space] = sizesOf(x) as [number, number, ...number[]];
  const outer = space.map((size, axis) => size / block[axis]!);
  const apart = reshape(tape, x, [batch, channels, ...outer.flatMap((size, axis) => [size, block[axis]!])]);
  const axes = range(block.length);
  const side = transpose(tape, apart, [0, 1, ...axes.map((axis) => 2 * axis + 3), ...axes.map((axis) => 2 * axis + 2)]);
  return reshape(tape, side, [batch, channels, productOf(block), ...outer]);
}

/** The undoing of {@link blocks}. */
function unblocks(tape: Tape, x: Value, block: readonly number[]): Value {
  const [batch, channels, , ...outer] = sizesOf(x) as [number, number, number, ...number[]];
  const rank = block.length;
  const apart = reshape(tape, x, [batch, channels, ...block, ...outer]);
  const interleaved = transpose(tape, apart, [0, 1, ...range(rank).flatMap((axis) => [2 + rank + axis, 2 + axis])]);
  return reshape(tape, interleaved, [batch, channels, ...outer.map((size, axis) => size * block[axis]!)]);
}

/** A mean is a sum of fixed weights along each axis in turn: the transposed sums of the derivative, divided by the voxels of each window. */
const averagePool: Gradient = (tape, step) => {
  const { node, inputs, dy } = step;
  const kernel = attributeOf(node, "kernel_shape", "ints", []);
  const window = windowOf(step, kernel);
  const withBorder = attributeOf(node, "count_include_pad", "int", 0) === 1;
  const sizes = sizesOf(inputs[0]!);
  let dx = dy;
  for (const axis of range(kernel.length).toReversed()) {
    const [from, to] = [sizes[axis + 2]!, sizesOf(dy)[axis + 2]!];
    dx = alongAxis(tape, dx, axis + 2, meanWeights(window, axis, from, to, withBorder), from);
  }
  return [dx];
};

function meanWeights(
  { kernel, strides, pads }: Window,
  axis: number,
  from: number,
  to: number,
  withBorder: boolean,
): Float32Array {
  const matrix = new Float32Array(from * to);
  for (let n = 0; n < to; n++) {
    const start = n * strides[axis]! - pads[axis]!;
    const [first, end] = [Math.max(start, 0), Math.min(start + kernel[axis]!, from)];
    for (let at = first; at < end; at++) matrix[at * to + n] = 1 / (withBorder ? kernel[axis]! : end - first);
  }
  return matrix;
}

const globalAveragePool: Gradient = (tape, { inputs, dy }) => {
  const sizes = sizesOf(inputs[0]!);
  const share = tape.b.node("Div", [dy, tape.real(productOf(sizes.slice(2)))]);
  return [tape.b.node("Expand", [share, tape.ints(sizes)])];
};

/** One number a channel, laid out so that it broadcasts over [batch, channel, …]. */
const perChannel = (tape: Tape, value: Value, like: Value): Value =>
  reshape(
    tape,
    value,
    like.shape.map((_, axis) => (axis === 1 ? sizesOf(value)[0]! : 1)),
  );

/** y = γ x̂ + β, x̂ = (x − μ)/√(σ² + ε) over the voxels of each channel: dx = γ/√(σ² + ε) (dy − mean(dy) − x̂ mean(dy x̂)). */
const instanceNormalization: Gradient = (tape, { node, inputs, dy, wants }) => {
  const { b, real, ints } = tape;
  const [x, scale] = inputs as readonly [Value, Value];
  const space = ints(range(x.shape.length - 2, 2));
  const mean = (value: Value) => b.node("ReduceMean", [value, space]);
  const apart = b.node("Sub", [x, mean(x)]);
  const variance = mean(b.node("Mul", [apart, apart]));
  const deviation = b.node("Sqrt", [b.node("Add", [variance, real(attributeOf(node, "epsilon", "float", 1e-5))])]);
  const normal = b.node("Div", [apart, deviation]);
  const along = b.node("Mul", [dy, normal]);
  const dx = () => {
    const shared = b.node("Add", [mean(dy), b.node("Mul", [normal, mean(along)])]);
    return b.node("Mul", [b.node("Div", [perChannel(tape, scale, x), deviation]), b.node("Sub", [dy, shared])]);
  };
  return [
    wants(0) ? dx() : undefined,
    wants(1) ? sumPerChannel(tape, along) : undefined,
    wants(2) ? sumPerChannel(tape, dy) : undefined,
  ];
};

/** At inference an affine map of each channel, by numbers that are not trained here: the running mean and variance. */
const batchNormalization: Gradient = (tape, { node, inputs, dy, wants }) => {
  const { b, real } = tape;
  const [x, scale, , mean, variance] = inputs as readonly [Value, Value, Value, Value, Value];
  if (wants(3) || wants(4)) noGradient(node, "its running mean and variance can't be trained.");
  const root = b.node("Sqrt", [b.node("Add", [variance, real(attributeOf(node, "epsilon", "float", 1e-5))])]);
  const normal = () => b.node("Div", [b.node("Sub", [x, perChannel(tape, mean, x)]), perChannel(tape, root, x)]);
  return [
    wants(0) ? b.node("Mul", [dy, perChannel(tape, b.node("Div", [scale, root]), x)]) : undefined,
    wants(1) ? sumPerChannel(tape, b.node("Mul", [dy, normal()])) : undefined,
    wants(2) ? sumPerChannel(tape, dy) : undefined,
    undefined,
    undefined,
  ];
};

/** The transposed convolution's gradient is the convolution itself; that of its weights, the roles of input and derivative exchanged. */
const convTranspose: Gradient = (tape, step) => {
  const { inputs, dy, wants, node } = step;
  const [x, w, bias] = inputs as readonly [Value, Value, Value | undefined];
  const window = windowOf(step, sizesOf(w).slice(2));
  if (attributeOf(node, "output_shape", "ints", []).length > 0) noGradient(node, "it has an output_shape; give pads instead.");
  const { strides, pads } = window;
  const dx = () => tape.b.node("Conv", [dy, w], { strides: { ints: strides }, pads: { ints: pads } });
  const swapped: Step = { ...step, inputs: [dy, w], dy: x };
  return [
    wants(0) ? tooLong(tape, dx(), x) : undefined,
    wants(1) ? weightGradient(tape, swapped, window) : undefined,
    bias && wants(2) ? sumPerChannel(tape, dy) : undefined,
  ];
};

/** With output padding the convolution may find room for a window more than there was. */
function tooLong(tape: Tape, dx: Value, like: Value): Value {
  const over = sizesOf(like)
    .slice(2)
    .map((size, axis) => size - sizesOf(dx)[axis + 2]!);
  return padSpace(tape, dx, [...over.map(() => 0), ...over]);
}

export const convolutionGradients: Readonly<Record<string, Gradient>> = {
  Conv: conv,
  ConvTranspose: convTranspose,
  MaxPool: maxPool,
  AveragePool: averagePool,
  GlobalAveragePool: globalAveragePool,
  InstanceNormalization: instanceNormalization,
  BatchNormalization: batchNormalization,
};
