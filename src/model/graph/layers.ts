import type { GraphBuilder } from "./builder.js";
import type { Dim, Value } from "./graph.js";
import type { Initialize } from "./initialize.js";

/** What the layers of one network share. */
export interface LayerContext {
  readonly b: GraphBuilder;
  readonly initialize: Initialize;
  /** What lies beyond the border: the nearest voxel, or 0. */
  readonly padding: "replicate" | "zero";
}

export interface ConvOptions {
  /** Voxels of the kernel along each axis. Default 3. */
  readonly kernel?: number;
  /** Default 1. */
  readonly stride?: number;
  /** Border voxels added on each side. Default (kernel − 1) / 2, which keeps the size at stride 1 and odd kernels. */
  readonly side?: number;
  /** Default true. */
  readonly bias?: boolean;
}

const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Channels of a value, which are always known. */
export const channels = ({ shape }: Value): number => shape[1] as number;

const spatialRank = ({ shape }: Value): number => shape.length - 2;

/** A new weight `name.weight` of this shape, [out, in, …]. */
export function weight({ b, initialize }: LayerContext, name: string, shape: readonly number[]): Value {
  const data = new Float32Array(product(shape));
  const window = product(shape.slice(2));
  initialize(data, { kind: "weight", fanIn: shape[1]! * window, fanOut: shape[0]! * window });
  return b.parameter(`${name}.weight`, { type: "float32", shape, data });
}

/** A new bias `name.bias` of one number an output channel. */
export function bias({ b, initialize }: LayerContext, name: string, size: number, fanIn: number): Value {
  const data = new Float32Array(size);
  initialize(data, { kind: "bias", fanIn, fanOut: size });
  return b.parameter(`${name}.bias`, { type: "float32", shape: [size], data });
}

/** Convolution with the context's padding. */
export function conv(context: LayerContext, name: string, x: Value, out: number, options: ConvOptions = {}): Value {
  const { kernel = 3, stride = 1, side = (kernel - 1) >> 1, bias: withBias = true } = options;
  const rank = spatialRank(x);
  const axes = Array.from({ length: rank }, () => kernel);
  const w = weight(context, name, [out, channels(x), ...axes]);
  const offset = withBias ? bias(context, name, out, channels(x) * product(axes)) : undefined;
  const replicate = context.padding === "replicate" && side > 0;
  const padded = replicate ? replicatePad(context, x, side) : x;
  const attributes = { strides: ints(rank, stride), pads: ints(2 * rank, replicate ? 0 : side) };
  return context.b.node("Conv", [padded, w, offset], attributes, name);
}

/**
 * Transposed convolution whose kernel is its stride, so that windows don't overlap: each voxel becomes a block of stride³ voxels. Written as
 * a 1³ convolution to stride³ · out channels whose channels are then laid out as voxels, which every provider can run, and fast.
 *
 * The result has the spatial size of `like`. The weight [in, out, s, …] and bias are those of a PyTorch `ConvTranspose`, so that its weights load as they are.
 */
export function upConv(context: LayerContext, name: string, x: Value, like: Value, out: number, stride = 2): Value {
  const { b } = context;
  const rank = spatialRank(x);
  const block = Array.from({ length: rank }, () => stride);
  const blockSize = product(block);
  const data = new Float32Array(channels(x) * out * blockSize);
  context.initialize(data, { kind: "weight", fanIn: out * blockSize, fanOut: channels(x) * blockSize });
  const w = b.parameter(`${name}.weight`, { type: "float32", shape: [channels(x), out, ...block], data });
  const offset = bias(context, name, out, out * blockSize);
  // [in, out, s, s, s] → [out · s³, in, 1, 1, 1]: the rows of the 1³ convolution.
  const order = { ints: [...Array.from({ length: rank + 1 }, (_, n) => n + 1), 0] };
  const rows = b.node("Reshape", [
    b.node("Transpose", [w], { perm: order }),
    b.constant("rows", [out * blockSize, channels(x), ...block.map(() => 1)]),
  ]);
  const parts = b.node("Conv", [x, rows], {}, name);
  // Whoever pooled knows the size; one that doesn't divide is refused at run time.
  const up = shuffled(context, parts, like, stride);
  return b.node("Add", [up, b.node("Reshape", [offset, b.constant("perChannel", [1, out, ...block.map(() => 1)])])]);
}

/** Widens every spatial axis by its border voxels. */
export function replicatePad({ b }: LayerContext, x: Value, side: number): Value {
  const one = [0, 0, ...Array.from({ length: spatialRank(x) }, () => side)];
  return b.node("Pad", [x, b.constant("pads", [...one, ...one])], { mode: { string: "edge" } });
}

/** Affine map of the last axis of a [batch, in] matrix. */
export function linear(context: LayerContext, name: string, x: Value, out: number): Value {
  const inputs = channels(x);
  return context.b.node(
    "Gemm",
    [x, weight(context, name, [out, inputs]), bias(context, name, out, inputs)],
    { transB: { int: 1 } },
    name,
  );
}

/** SiLU, x · sigmoid(x). */
export function silu({ b }: LayerContext, x: Value): Value {
  return b.node("Mul", [x, b.node("Sigmoid", [x])]);
}

/** Adds a [batch, channels] matrix to each voxel of [batch, channels, …]. */
export function addPerChannel({ b }: LayerContext, x: Value, perChannel: Value): Value {
  const axes = Array.from({ length: spatialRank(x) }, (_, n) => n + 2);
  return b.node("Add", [x, b.node("Unsqueeze", [perChannel, b.constant("axes", axes)])]);
}

export function concat({ b }: LayerContext, ...values: readonly Value[]): Value {
  return b.node("Concat", values, { axis: { int: 1 } });
}

/** LeakyReLU with the given slope below 0. */
export function leakyRelu({ b }: LayerContext, x: Value, slope: number): Value {
  return b.node("LeakyRelu", [x], { alpha: { float: slope } });
}

/**
 * Normalises each channel of each patch to mean 0 and variance 1 (ε = 1e-5); with `affine` a scale and an offset a channel follow, which
 * begin as 1 and 0.
 */
export function instanceNorm({ b }: LayerContext, name: string, x: Value, { affine = true } = {}): Value {
  const filled = (value: number) => {
    const data = new Float32Array(channels(x)).fill(value);
    return { type: "float32" as const, shape: [data.length], data };
  };
  const [scale, offset] = affine
    ? [b.parameter(`${name}.weight`, filled(1)), b.parameter(`${name}.bias`, filled(0))]
    : [b.constant("one", filled(1)), b.constant("zero", filled(0))];
  return b.node("InstanceNormalization", [x, scale, offset], { epsilon: { float: 1e-5 } }, name);
}

/** Channels `start` … `end` − 1. */
export function sliceChannels({ b }: LayerContext, x: Value, start: number, end: number): Value {
  return b.node("Slice", [x, b.constant("start", [start]), b.constant("end", [end]), b.constant("axis", [1])]);
}

/** Maximum over windows of 2 along each axis. */
export function maxPool({ b }: LayerContext, x: Value): Value {
  const rank = spatialRank(x);
  return b.node("MaxPool", [x], { kernel_shape: ints(rank, 2), strides: ints(rank, 2) });
}

/** Resamples to the spatial size of `like`: linear with half-pixel centres (PyTorch's align_corners = false), or nearest. */
export function resizeLike({ b }: LayerContext, x: Value, like: Value, mode: "linear" | "nearest" = "linear"): Value {
  return b.node("Resize", [x, undefined, undefined, sizes(b, [sizesOf(b, x, 0, 2), sizesOf(b, like, 2)])], {
    mode: { string: mode },
    coordinate_transformation_mode: { string: mode === "linear" ? "half_pixel" : "asymmetric" },
    ...(mode === "nearest" && { nearest_mode: { string: "floor" } }),
  });
}

const BINOMIAL = [1, 4, 6, 4, 1].map((v) => v / 16);

/**
 * Blur and take every second voxel: the fixed binomial kernel [1 4 6 4 1]/16 along each axis, replicated border, size ⌊(n + 1) / 2⌋.
 *
 * One axis at a time, with channels moved into the batch: a grouped 3-D convolution is slow on the CPU and absent on WebGPU.
 *
 * @see Zhang 2019, "Making convolutional networks shift-invariant again", filter size 5
 */
export function blurPool(context: LayerContext, x: Value): Value {
  const { b } = context;
  const rank = spatialRank(x);
  let y = b.node("Reshape", [
    replicatePad(context, x, 2),
    b.constant("apart", [-1, 1, ...Array.from({ length: rank }, () => 0)]),
  ]);
  for (let axis = 0; axis < rank; axis++) {
    const along = <T>(value: T, otherwise: T) => Array.from({ length: rank }, (_, n) => (n === axis ? value : otherwise));
    const kernel = b.constant("binomial", { type: "float32", shape: [1, 1, ...along(5, 1)], data: Float32Array.from(BINOMIAL) });
    y = b.node("Conv", [y, kernel], { strides: { ints: along(2, 1) } });
  }
  return b.node("Reshape", [y, sizes(b, [sizesOf(b, x, 0, 2), sizesOf(b, y, 2)])]);
}

/**
 * Blocks of `edge` voxels along each axis as channels, [batch, c, k, j, i] → [batch, c · edge³, k/edge, j/edge, i/edge]: PyTorch's pixel
 * unshuffling. A size that isn't a multiple of the edge is refused.
 */
export function unshuffled({ b }: LayerContext, x: Value, edge: number): Value {
  if (edge === 1) return x;
  const axes = axesOf(x);
  const blocks = axes.map((axis) => divided(b, x, axis + 2, edge));
  const apart = b.node("Reshape", [x, sizes(b, [sizesOf(b, x, 0, 2), ...blocks.flatMap((block) => [block, [edge]])])]);
  const perm = { ints: [0, 1, ...axes.map((axis) => 3 + 2 * axis), ...axes.map((axis) => 2 + 2 * axis)] };
  const width = [channels(x) * edge ** axes.length];
  return b.node("Reshape", [b.node("Transpose", [apart], { perm }), sizes(b, [sizesOf(b, x, 0, 1), width, ...blocks])]);
}

/** The inverse of {@link unshuffled}, to the spatial size of `like`. */
export function shuffled({ b }: LayerContext, x: Value, like: Value, edge: number): Value {
  if (edge === 1) return x;
  const axes = axesOf(x);
  const width = [channels(x) / edge ** axes.length];
  const apart = b.node("Reshape", [x, sizes(b, [sizesOf(b, x, 0, 1), width, axes.map(() => edge), sizesOf(b, x, 2)])]);
  const perm = { ints: [0, 1, ...axes.flatMap((axis) => [2 + axes.length + axis, 2 + axis])] };
  return b.node("Reshape", [b.node("Transpose", [apart], { perm }), sizes(b, [sizesOf(b, x, 0, 1), width, sizesOf(b, like, 2)])]);
}

const axesOf = (x: Value): readonly number[] => Array.from({ length: spatialRank(x) }, (_, axis) => axis);

function divided(b: GraphBuilder, x: Value, axis: number, by: number): Sizes {
  const size = sizesOf(b, x, axis, axis + 1);
  return isKnown(size) ? [size[0]! / by] : b.node("Div", [size, b.constant("edge", [by])]);
}

/** Sizes that are known while the graph is built are numbers, others the vector that a node gives at run time. */
type Sizes = readonly number[] | Value;

const isKnown = (part: Sizes): part is readonly number[] => Array.isArray(part);

/** The sizes of axes `start` … `end` − 1. */
export function sizesOf(b: GraphBuilder, value: Value, start: number, end = value.shape.length): Sizes {
  const part: readonly Dim[] = value.shape.slice(start, end);
  if (part.every((size) => typeof size === "number")) return part as readonly number[];
  return b.node("Shape", [value], { start: { int: start }, end: { int: end } });
}

/** Sizes one after another: a constant where all are known, so that fixed graphs need no arithmetic at run time. */
export function sizes(b: GraphBuilder, parts: readonly Sizes[]): Value {
  if (parts.every(isKnown)) return b.constant("sizes", parts.flat());
  const values = parts.map((part) => (isKnown(part) ? b.constant("sizes", part) : part));
  return b.node("Concat", values, { axis: { int: 0 } });
}

const ints = (length: number, value: number) => ({ ints: Array.from({ length }, () => value) });
