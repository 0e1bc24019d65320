import type { Vec3 } from "../core/grid.js";
import { checkPositiveInteger, checkWithin } from "../internal/check.js";
import { graphBuilder } from "./graph/builder.js";
import type { Graph, Value } from "./graph/graph.js";
import { type Initialize, xavierNormal } from "./graph/initialize.js";
import { concat, conv, type LayerContext, leakyRelu, upConv } from "./graph/layers.js";

export interface ResidualUnet3dOptions {
  /** Seed of the weights; not used where `initialize` is given. */
  readonly seed: number;
  /** Channels of the input `x`. Default 4: T1, FLAIR, ADC and the contrast-enhanced T1. */
  readonly inputs?: number;
  /** Feature channels at the finest level; doubled at each coarser one. Default 16 (the paper shows them only in a figure). */
  readonly features?: number;
  /** Convolutions in the residual module of each level, finest first; its length is the number of levels. Default [1, 2, 3, 3, 3] (V-Net). */
  readonly convolutions?: readonly number[];
  /** Batch size and patch [i, j, k], where they are fixed; default open. Sides must divide by 2^(levels − 1). */
  readonly batch?: number;
  readonly patch?: Vec3;
  /** How weights begin, of which the paper says nothing. Default {@link xavierNormal}: uniform within ±1/√fanIn, what comes in fades from layer to layer, and trainings stick at a constant. */
  readonly initialize?: Initialize;
  /** What the output is to begin at, 0.001 to 0.999: near the mean of what is learnt, a training has no way to go before it learns what differs. Default: as `initialize` has it. */
  readonly outputMean?: number;
}

const SLOPE = 0.2;

/**
 * The 3-D U-Net of Bône et al.: residual modules of 3³ convolutions alternate with 2³ down-convolutions of stride 2, then with 2³
 * up-convolutions; short skips add, long skips concatenate; LeakyReLU 0.2 throughout, a sigmoid after the last 1³ convolution.
 *
 * Input `x` [batch, inputs, k, j, i], output `y` [batch, 1, k, j, i], both scaled to [0, 1]. Depth and width are only in the paper's figure:
 * the defaults are V-Net's, whose five levels are as many as 160×192×160 divides.
 *
 * @throws `out-of-range` for sizes that are not positive integers, and an `outputMean` beyond 0.001 and 0.999
 * @see Bône et al. 2022, "Deep learning architecture" and figure 2; Milletari et al. 2016 (V-Net)
 * @example
 * const model = createModel(encodeGraph(residualUnet3d({ seed: 1, features: 4, convolutions: [1, 2, 2] })));
 */
export function residualUnet3d({
  seed,
  inputs = 4,
  features = 16,
  convolutions = [1, 2, 3, 3, 3],
  batch,
  patch,
  initialize = xavierNormal(seed),
  outputMean,
}: ResidualUnet3dOptions): Graph {
  checkPositiveInteger("inputs", inputs);
  checkPositiveInteger("features", features);
  checkPositiveInteger("The number of levels", convolutions.length);
  for (const count of convolutions) checkPositiveInteger("Each number of convolutions", count);
  if (outputMean !== undefined) checkWithin("outputMean", outputMean, 1e-3, 1 - 1e-3);
  const b = graphBuilder("residualUnet3d");
  const context: LayerContext = { b, initialize, padding: "zero" };
  const size = patch ? [patch[2], patch[1], patch[0]] : ["depth", "height", "width"];
  const x = b.input("x", [batch ?? "batch", inputs, ...size]);
  const activated = (value: Value) => leakyRelu(context, value, SLOPE);

  /** n convolutions of the same width, and what came in added before the last activation. */
  const residual = (name: string, input: Value, width: number, n: number): Value =>
    b.scope(name, () => {
      let f = input;
      for (let m = 0; m < n; m++) {
        f = conv(context, `conv${m}`, f, width);
        if (m < n - 1) f = activated(f);
      }
      return activated(b.node("Add", [f, input]));
    });

  const bottom = convolutions.length - 1;
  const skips: Value[] = [];
  let f = activated(conv(context, "in", x, features));
  for (let level = 0; level < bottom; level++) {
    f = residual(`encoder${level}`, f, features * 2 ** level, convolutions[level]!);
    skips.push(f);
    f = activated(conv(context, `down${level}`, f, features * 2 ** (level + 1), { kernel: 2, stride: 2, side: 0 }));
  }
  f = residual(`encoder${bottom}`, f, features * 2 ** bottom, convolutions[bottom]!);
  for (let level = bottom - 1; level >= 0; level--) {
    const up = activated(upConv(context, `up${level}`, f, skips[level]!, features * 2 ** level));
    f = residual(`decoder${level}`, concat(context, up, skips[level]!), features * 2 ** (level + 1), convolutions[level]!);
  }
  const last: LayerContext = {
    ...context,
    initialize: (data, role) =>
      outputMean !== undefined && role.kind === "bias"
        ? data.fill(Math.log(outputMean / (1 - outputMean)))
        : initialize(data, role),
  };
  return b.finish({ y: b.node("Sigmoid", [conv(last, "out", f, 1, { kernel: 1 })]) });
}
