import { checkPositiveInteger } from "../internal/check.js";
import { type GraphBuilder, graphBuilder } from "./graph/builder.js";
import type { Graph, Value } from "./graph/graph.js";
import { type Initialize, xavierNormal } from "./graph/initialize.js";
import {
  channels,
  concat,
  conv,
  instanceNorm,
  type LayerContext,
  leakyRelu,
  resizeLike,
  sizes,
  sizesOf,
  sliceChannels,
} from "./graph/layers.js";

export interface ConesGeneratorOptions {
  /** Seed of the weights; not used where `initialize` is given. */
  readonly seed: number;
  /** Channels of the input `x`. Default 2: pre-contrast and low dose; 1 for a network that sees the pre-contrast scan alone. */
  readonly sources?: number;
  /** Bottleneck blocks in each stage of the encoder, finest first. Default [2, 4, 23, 3], ResNet-101's with a thinner first stage. */
  readonly blocks?: readonly number[];
  /** Channels of the stem and inside the first stage's bottlenecks; doubled in each stage. A stage gives four times as many. Default 64. */
  readonly features?: number;
  /** Channels of the feature pyramid. Default 256. */
  readonly pyramid?: number;
  /** Channels of each hidden layer of the perceptron. Default 64. */
  readonly width?: number;
  /** Hidden layers of the perceptron. Default 4. */
  readonly layers?: number;
  /** Whether the shifts (the latent code) are an output too, as `shifts`: their mean square is a term of the loss. Default false. */
  readonly shifts?: boolean;
  /** Batch size and slice [i, j], where they are fixed; default open. */
  readonly batch?: number;
  readonly patch?: readonly [number, number];
  /** How weights begin. Default Xavier's normal rule with gain 0.02. */
  readonly initialize?: Initialize;
}

const SLOPE = 0.01;
const FREQUENCIES = 7;

/**
 * The generator of CoNeS, which Chen et al. use: a perceptron that is the same in every pixel, told of its surroundings by shifts that an
 * encoder (ResNet and feature pyramid, at full resolution, with instance normalisation) computes for each pixel and layer:
 *
 * h₀ = [x, γ(p)], h ← φ(W h + b + shift(p)), φ = LeakyReLU 0.01, tanh at the end, where γ are the sines and cosines of {@link positionalEncoding}.
 *
 * Input `x` [batch, sources, j, i], output `y` [batch, 1, j, i], both scaled to [−1, 1]. 45 258 306 parameters with one source, 45 261 506 with
 * two. Positions count inside the patch and by its size, so run it on the patch size that it was trained on (Chen et al.: 160 × 128).
 *
 * @throws `out-of-range` for sizes that are not positive integers
 * @see Chen et al. 2023, "CoNeS: conditional neural fields with shift modulation for multi-sequence MRI translation" (arXiv:2309.03320); details from the authors' public code
 * @example
 * const graph = conesGenerator({ seed: 1, blocks: [1, 1, 1, 1], features: 8, pyramid: 16, width: 16 });
 * const model = createModel(encodeGraph(graph));
 */
export function conesGenerator({
  seed,
  sources = 2,
  blocks = [2, 4, 23, 3],
  features = 64,
  pyramid = 256,
  width = 64,
  layers = 4,
  shifts = false,
  batch,
  patch,
  initialize = xavierNormal(seed, { gain: 0.02 }),
}: ConesGeneratorOptions): Graph {
  for (const [name, value] of Object.entries({ sources, features, pyramid, width, layers })) checkPositiveInteger(name, value);
  checkPositiveInteger("The number of stages", blocks.length);
  for (const count of blocks) checkPositiveInteger("Each number of blocks", count);

  const b = graphBuilder("conesGenerator");
  const context: LayerContext = { b, initialize, padding: "zero" };
  const x = b.input("x", [batch ?? "batch", sources, ...(patch ? [patch[1], patch[0]] : ["height", "width"])]);
  const surroundings = b.scope("encoder", () => pyramidOf(context, bottomUp(context, x, blocks, features), pyramid));
  const code = conv(context, "code", surroundings, layers * width + 1, { kernel: 1 });

  let h = concat(context, x, positionalEncoding(b, x));
  for (let layer = 0; layer <= layers; layer++) {
    const out = layer < layers ? width : 1;
    const shift = sliceChannels(context, code, layer * width, layer * width + out);
    h = b.node("Add", [conv(context, `mlp.${layer}`, h, out, { kernel: 1 }), shift]);
    if (layer < layers) h = leakyRelu(context, h, SLOPE);
  }
  return b.finish({ y: b.node("Tanh", [h]), ...(shifts && { shifts: code }) });
}

/** The stages of a ResNet without pooling: full size, then half of it at each further stage. */
function bottomUp(context: LayerContext, x: Value, blocks: readonly number[], features: number): readonly Value[] {
  const { b } = context;
  const stem = conv(context, "stem", x, features, { kernel: 7, bias: false });
  let f = b.node("Relu", [instanceNorm(context, "stem.norm", stem)]);
  return blocks.map((count, stage) => {
    for (let block = 0; block < count; block++)
      f = bottleneck(context, `stage${stage}.${block}`, f, features * 2 ** stage, stage > 0 && block === 0 ? 2 : 1);
    return f;
  });
}

/** 1² → 3² with the stride → 1² to four times the width, each normalised, beside the identity or a normalised 1² convolution. */
function bottleneck(context: LayerContext, name: string, x: Value, width: number, stride: number): Value {
  const { b } = context;
  const out = 4 * width;
  return b.scope(name, () => {
    const layer = (at: string, input: Value, size: number, kernel: number, step = 1) =>
      instanceNorm(context, `${at}.norm`, conv(context, at, input, size, { kernel, stride: step, bias: false }));
    let f = b.node("Relu", [layer("conv0", x, width, 1)]);
    f = b.node("Relu", [layer("conv1", f, width, 3, stride)]);
    f = layer("conv2", f, out, 1);
    const changes = stride !== 1 || channels(x) !== out;
    return b.node("Relu", [b.node("Add", [f, changes ? layer("shortcut", x, out, 1, stride) : x])]);
  });
}

/** From the coarsest stage up: up-sampled, added to the next finer one, smoothed. */
function pyramidOf(context: LayerContext, stages: readonly Value[], width: number): Value {
  const { b } = context;
  const top = stages.length - 1;
  let p = conv(context, "top", stages[top]!, width, { kernel: 1 });
  for (let stage = top - 1; stage >= 0; stage--) {
    const lateral = conv(context, `lateral${stage}`, stages[stage]!, width, { kernel: 1 });
    p = conv(context, `smooth${stage}`, b.node("Add", [resizeLike(context, p, lateral), lateral]), width);
  }
  return p;
}

/**
 * Where a pixel lies in its patch [batch, …, h, w]: for f = 0 … 6 the channels cos(2^f π x/w), sin(2^f π x/w), cos(2^f π y/h), sin(2^f π y/h), with
 * x = 0 … w − 1 and y = 0 … h − 1; 28 in all.
 *
 * Whole periods are taken off while numbers are still integers, so that float32 keeps the full precision of the high frequencies.
 */
export function positionalEncoding(b: GraphBuilder, like: Value): Value {
  const [height, width] = [sizes(b, [sizesOf(b, like, 2, 3)]), sizes(b, [sizesOf(b, like, 3, 4)])];
  const plane = b.node("Concat", [b.constant("perWave", [FREQUENCIES, 1]), height, width], { axis: { int: 0 } });
  const waves = [...wavesAlong(b, width, [1, 2]), ...wavesAlong(b, height, [1, 3])];
  const stretched = waves.map((wave) => b.node("Expand", [wave, plane]));
  const all = b.node("Concat", stretched, { axis: { int: 1 } });
  const merged = b.node("Reshape", [all, b.constant("merged", [1, 4 * FREQUENCIES, 0, 0])]);
  return b.node("Expand", [merged, sizes(b, [sizesOf(b, like, 0, 1), [1, 1, 1]])]);
}

/** Cosines and sines along an axis of this size, with axes of 1 put in where the others are. */
function wavesAlong(b: GraphBuilder, size: Value, others: readonly number[]): readonly Value[] {
  const angles = anglesAlong(b, size);
  return ["Cos", "Sin"].map((wave) => b.node("Unsqueeze", [b.node(wave, [angles]), b.constant("others", others)]));
}

/** π (2^f p mod 2n) / n for p = 0 … n − 1, [7, n]. */
function anglesAlong(b: GraphBuilder, size: Value): Value {
  const scalar = (value: bigint) => b.constant("scalar", { type: "int64", shape: [], data: BigInt64Array.of(value) });
  const real = (name: string, shape: readonly number[], ...values: readonly number[]) =>
    b.constant(name, { type: "float32", shape, data: Float32Array.from(values) });
  const asReal = (value: Value) => b.node("Cast", [value], { to: { int: 1 } });
  const limit = b.node("Squeeze", [size, b.constant("axis", [0])]);
  const positions = asReal(b.node("Range", [scalar(0n), limit, scalar(1n)]));
  const frequencies = real("frequencies", [FREQUENCIES, 1], ...Array.from({ length: FREQUENCIES }, (_, f) => 2 ** f));
  const steps = b.node("Mul", [frequencies, positions]);
  const n = asReal(size);
  const period = b.node("Add", [n, n]);
  const whole = b.node("Mul", [b.node("Floor", [b.node("Div", [steps, period])]), period]);
  return b.node("Div", [b.node("Mul", [b.node("Sub", [steps, whole]), real("pi", [1], Math.PI)]), n]);
}
