import type { Vec3 } from "../core/grid.js";
import { checkNonNegativeInteger, checkOneOf, checkPositiveInteger } from "../internal/check.js";
import { graphBuilder } from "./graph/builder.js";
import type { Dim, Graph, Value } from "./graph/graph.js";
import { type Initialize, uniformFanIn } from "./graph/initialize.js";
import {
  addPerChannel,
  blurPool,
  channels,
  concat,
  conv,
  type LayerContext,
  linear,
  resizeLike,
  shuffled,
  silu,
  unshuffled,
} from "./graph/layers.js";

export interface ConditionalUnet3dOptions {
  /** Seed of the weights; not used where `initialize` is given. */
  readonly seed: number;
  /** Channels of the input `x`. Default 3: normalised subtraction, low-dose scan, local standard deviation. */
  readonly inputs?: number;
  /** Length of the condition vector. Default 4: dose, field strength, relaxivity, noise level. */
  readonly conditions?: number;
  /** Feature channels at the finest scale; doubled at each coarser one. Default 32. */
  readonly features?: number;
  /** Number of scales, 2 or more. Default 4. */
  readonly scales?: number;
  /**
   * Edge of the blocks of voxels that are laid out as channels before the first convolution, and back after the last (pixel unshuffling): the
   * finest scale then has `unshuffle`³ times fewer voxels. Sizes must be multiples. Default 1: as in the paper.
   */
  readonly unshuffle?: number;
  /** Width of the condition's embedding. Default 128. */
  readonly embedding?: number;
  /** Linear layers of the embedding, with SiLU between them. Default 2; the public code has 3. */
  readonly embeddingLayers?: number;
  /** What convolutions see beyond the border. Default `"replicate"`; the public code infers with zeros. */
  readonly padding?: "replicate" | "zero";
  /** Last activation. Default `"relu"`: a contrast signal is not negative. */
  readonly output?: "relu" | "linear";
  /**
   * Maps at full resolution behind the trunk of an unshuffled network: with the input they go through two 3³ convolutions of as many features, and
   * a 1³ one sees all of it. The trunk's few features for each voxel of a block can't carry the voxels' own values. Default 0: none.
   */
  readonly detail?: number;
  /** Batch size and patch [i, j, k], where they are fixed; default open. */
  readonly batch?: number;
  readonly patch?: Vec3;
  /** How weights begin. Default uniform within ±1/√fanIn. */
  readonly initialize?: Initialize;
}

/**
 * The conditional 3-D U-Net of Pinetz et al.: residual blocks without normalisation, each told of the acquisition by an embedding of the
 * condition vector; blur-pooled down-sampling, trilinear up-sampling, gated fusion, the down-scaled input at every scale.
 *
 * Inputs `x` [batch, inputs, k, j, i] and `conditions` [batch, conditions], output `y` [batch, 1, k, j, i]. 8 094 241 parameters by default.
 *
 * @throws `out-of-range` for sizes that are not positive integers
 * @see Pinetz et al. 2024, section 3.3 and supplementary figure 9; counts and details from the authors' public code
 * @see Zhang, Zuo & Zhang 2018, "FFDNet", section III-B, for `unshuffle`: a denoiser that sees sub-images is several times faster
 * @example
 * const graph = conditionalUnet3d({ seed: 1, features: 8, scales: 3 });
 * const model = createModel(encodeGraph(graph));
 */
export function conditionalUnet3d({
  seed,
  inputs = 3,
  conditions = 4,
  features = 32,
  scales = 4,
  unshuffle = 1,
  embedding = 128,
  embeddingLayers = 2,
  padding = "replicate",
  output = "relu",
  detail = 0,
  batch,
  patch,
  initialize = uniformFanIn(seed),
}: ConditionalUnet3dOptions): Graph {
  for (const [name, value] of Object.entries({ inputs, conditions, features, unshuffle, embedding, embeddingLayers }))
    checkPositiveInteger(name, value);
  checkPositiveInteger("scales - 1", scales - 1);
  checkOneOf("padding", padding, ["replicate", "zero"]);
  checkOneOf("output", output, ["relu", "linear"]);
  checkNonNegativeInteger("detail", detail);

  const b = graphBuilder("conditionalUnet3d");
  const context: LayerContext = { b, initialize, padding };
  const size: readonly Dim[] = patch ? [patch[2], patch[1], patch[0]] : ["depth", "height", "width"];
  const x = b.input("x", [batch ?? "batch", inputs, ...size]);
  const e = b.scope("embedding", () =>
    embed(context, b.input("conditions", [batch ?? "batch", conditions]), embedding, embeddingLayers),
  );
  const block = (name: string, input: Value, out: number) => conditionalResidualBlock(context, name, input, e, out);

  // Down: at every scale the image, then two blocks; what goes up again carries the image with it.
  const width = (scale: number) => features * 2 ** scale;
  const skips: Value[] = [];
  let image = unshuffled(context, x, unshuffle);
  let f = conv(context, "in", image, features);
  for (let scale = 0; scale < scales - 1; scale++) {
    f = block(`down${scale}.0`, concat(context, image, f), width(scale));
    f = block(`down${scale}.1`, f, width(scale));
    skips.push(concat(context, image, f));
    f = blurPool(context, f);
    image = blurPool(context, image);
  }
  f = block("bottom.0", concat(context, image, f), width(scales - 1));
  f = block("bottom.1", f, width(scales - 2));

  for (let scale = scales - 2; scale >= 0; scale--) {
    const skip = skips[scale]!;
    f = gatedFusion(context, `up${scale}.gate`, resizeLike(context, f, skip), skip);
    f = block(`up${scale}.0`, f, width(scale));
    f = block(`up${scale}.1`, f, width(Math.max(0, scale - 1)));
  }
  const maps = shuffled(context, conv(context, "out", f, (detail || 1) * unshuffle ** 3), x, unshuffle);
  const y = detail ? refined(context, concat(context, x, maps), detail) : maps;
  return b.finish({ y: output === "relu" ? b.node("Relu", [y]) : y });
}

/** Convolutions with SiLU between them, and a way past them, along which it learns even where they have died: the voxels' own values, in the light of the trunk. */
function refined(context: LayerContext, both: Value, features: number): Value {
  return context.b.scope("detail", () => {
    const first = conv(context, "0", both, features);
    const second = conv(context, "1", silu(context, first), features);
    return conv(context, "out", concat(context, both, silu(context, second)), 1, { kernel: 1 });
  });
}

/** Linear layers with SiLU between them. */
function embed(context: LayerContext, conditions: Value, width: number, layers: number): Value {
  let e = linear(context, "0", conditions, width);
  for (let layer = 1; layer < layers; layer++) e = linear(context, String(layer), silu(context, e), width);
  return e;
}

/** SiLU → conv → + Linear(SiLU(e)) → SiLU → conv, beside the identity or a 1³ convolution. */
function conditionalResidualBlock(context: LayerContext, name: string, x: Value, e: Value, out: number): Value {
  const { b } = context;
  return b.scope(name, () => {
    const inner = conv(context, "conv0", silu(context, x), out);
    const told = addPerChannel(context, inner, linear(context, "condition", silu(context, e), out));
    const residual = conv(context, "conv1", silu(context, told), out);
    return b.node("Add", [channels(x) === out ? x : conv(context, "skip", x, out, { kernel: 1 }), residual]);
  });
}

/** f = sigmoid(W̃₁[fu, fs]) ⊙ W₁fu + sigmoid(W̃₂[fu, fs]) ⊙ W₂fs, all 1³ convolutions. */
export function gatedFusion(context: LayerContext, name: string, up: Value, skip: Value): Value {
  const { b } = context;
  const m = channels(up);
  return b.scope(name, () => {
    const both = concat(context, up, skip);
    const side = (n: number, value: Value) =>
      b.node("Mul", [
        b.node("Sigmoid", [conv(context, `gate${n}`, both, m, { kernel: 1 })]),
        conv(context, `value${n}`, value, m, { kernel: 1 }),
      ]);
    return b.node("Add", [side(0, up), side(1, skip)]);
  });
}
