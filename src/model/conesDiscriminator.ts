import { checkPositiveInteger } from "../internal/check.js";
import { graphBuilder } from "./graph/builder.js";
import type { Graph, Value } from "./graph/graph.js";
import { type Initialize, xavierNormal } from "./graph/initialize.js";
import { conv, instanceNorm, type LayerContext, leakyRelu } from "./graph/layers.js";

export interface ConesDiscriminatorOptions {
  /** Seed of the weights; not used where `initialize` is given. */
  readonly seed: number;
  /** Channels of the input `x`: the sources, and after them the image that is judged. Default 2. */
  readonly inputs?: number;
  /** Channels of the first layer; doubled in each of the three that follow. Default 64. */
  readonly features?: number;
  /** Resolutions at which the image is judged, each half of the one before. Default 2. */
  readonly scales?: number;
  /** Whether what lies between the layers is an output too, as `scale0.feature0` …, for a loss that matches features. Default false. */
  readonly featureMaps?: boolean;
  /** Batch size and slice [i, j], where they are fixed; default open. */
  readonly batch?: number;
  readonly patch?: readonly [number, number];
  /** How weights begin. Default Xavier's normal rule with gain 0.02. */
  readonly initialize?: Initialize;
}

const SLOPE = 0.2;
const KERNEL = { kernel: 4, side: 2 };

/**
 * The discriminator of CoNeS: PatchGAN on two scales, each with its own weights. Convolutions of 4² with stride 2, 2, 2, 1, LeakyReLU 0.2 after
 * each, instance normalisation without scale and offset on all but the first; a last one gives the score of each patch of the image.
 *
 * Input `x` [batch, inputs, j, i]; outputs `y0`, `y1` [batch, 1, …], finest scale first, of unbounded scores. 2 762 817 parameters a scale with two inputs.
 *
 * The three middle convolutions are trained with spectral normalisation. Here they are plain weights: store them as they act, divided by their largest
 * singular value, or divide after each step of training.
 *
 * @throws `out-of-range` for sizes that are not positive integers
 * @see Chen et al. 2023, "CoNeS" (arXiv:2309.03320); details from the authors' public code; Isola et al. 2017 (PatchGAN); Miyato et al. 2018 (spectral normalisation)
 * @example
 * const graph = conesDiscriminator({ seed: 1, features: 8 });
 */
export function conesDiscriminator({
  seed,
  inputs = 2,
  features = 64,
  scales = 2,
  featureMaps = false,
  batch,
  patch,
  initialize = xavierNormal(seed, { gain: 0.02 }),
}: ConesDiscriminatorOptions): Graph {
  for (const [name, value] of Object.entries({ inputs, features, scales })) checkPositiveInteger(name, value);
  const b = graphBuilder("conesDiscriminator");
  const context: LayerContext = { b, initialize, padding: "zero" };
  const outputs: Record<string, Value> = {};
  let x = b.input("x", [batch ?? "batch", inputs, ...(patch ? [patch[1], patch[0]] : ["height", "width"])]);
  for (let scale = 0; scale < scales; scale++) {
    if (scale > 0) x = halved(context, x);
    const [score, maps] = b.scope(`scale${scale}`, () => judged(context, x, features));
    outputs[`y${scale}`] = score;
    if (featureMaps) for (const [n, map] of maps.entries()) outputs[`scale${scale}.feature${n}`] = map;
  }
  return b.finish(outputs);
}

function judged(context: LayerContext, x: Value, features: number): readonly [Value, readonly Value[]] {
  let f = leakyRelu(context, conv(context, "conv0", x, features, { ...KERNEL, stride: 2 }), SLOPE);
  const maps = [f];
  for (let n = 1; n < 4; n++) {
    const layer = conv(context, `conv${n}`, f, features * 2 ** n, { ...KERNEL, stride: n < 3 ? 2 : 1, bias: false });
    f = leakyRelu(context, instanceNorm(context, `norm${n}`, layer, { affine: false }), SLOPE);
    maps.push(f);
  }
  return [conv(context, "out", f, 1, KERNEL), maps];
}

/** Mean of 3² pixels around every second one; what lies outside is left out of the mean. */
function halved({ b }: LayerContext, x: Value): Value {
  const attributes = { kernel_shape: { ints: [3, 3] }, strides: { ints: [2, 2] }, pads: { ints: [1, 1, 1, 1] } };
  return b.node("AveragePool", [x], { ...attributes, count_include_pad: { int: 0 } });
}
