import { checkPositiveInteger } from "../internal/check.js";
import { graphBuilder } from "./graph/builder.js";
import type { Graph, Value } from "./graph/graph.js";
import { heNormal, type Initialize } from "./graph/initialize.js";
import { concat, conv, type LayerContext, maxPool, resizeLike, sliceChannels } from "./graph/layers.js";

export interface Unet25dOptions {
  /** Seed of the weights; not used where `initialize` is given. */
  readonly seed: number;
  /** Neighbouring slices of each scan. Default 7. */
  readonly slices?: number;
  /** Scans whose slices are the channels. Default 2: pre-contrast and low dose, in that order. */
  readonly scans?: number;
  /** Feature channels of each level, finest first. Default [32, 64, 128]. */
  readonly features?: readonly number[];
  /** Batch size and slice [i, j], where they are fixed; default open. Sides must divide by 2 as often as there are levels. */
  readonly batch?: number;
  readonly patch?: readonly [number, number];
  /** How weights begin. Default He's normal rule. */
  readonly initialize?: Initialize;
}

/**
 * The 2.5-D U-Net of Pasumarthi et al.: seven neighbouring slices of both scans in, the middle slice at the standard dose out. Three 3²
 * convolutions with ReLU a level, max-pooling, a centre that adds to its input, nearest-neighbour up-sampling, concatenated skips.
 *
 * Input `x` [batch, scans · slices, j, i], output `y` [batch, 1, j, i]. 1 452 449 parameters by default.
 *
 * @throws `out-of-range` for sizes that are not positive integers
 * @see Pasumarthi et al. 2021, Magn Reson Med 86:1687, figure 2
 * @example
 * const model = createModel(encodeGraph(unet25d({ seed: 1, features: [8, 16, 32] })));
 */
export function unet25d({
  slices = 7,
  scans = 2,
  features = [32, 64, 128],
  seed,
  initialize = heNormal(seed),
  ...rest
}: Unet25dOptions): Graph {
  checkPositiveInteger("slices", slices);
  checkPositiveInteger("scans", scans);
  return planarUnet("unet25d", { inputs: slices * scans, features, initialize, ...rest });
}

export interface Unet2dOptions extends Omit<Unet25dOptions, "slices" | "scans"> {
  /** Channels of the input `x`, the last of which is the low-dose scan. Default 2: pre-contrast and low dose. */
  readonly inputs?: number;
}

/**
 * The 2-D residual U-Net of Gong et al.: one slice of both scans in; the network predicts what the low-dose slice lacks, which is added to it.
 *
 * Input `x` [batch, inputs, j, i], output `y` [batch, 1, j, i]. Three poolings, three 3² convolutions a level, a centre that adds to its input and
 * concatenated skips are those of its authors' public code; 32, 32 and 64 channels are the choice here among those found there. Their batch
 * normalisation is left out: of a trained network it is a scale and an offset a channel.
 *
 * @throws `out-of-range` for sizes that are not positive integers
 * @see Gong et al. 2018, J Magn Reson Imaging 48:330, figure 1
 * @example
 * const model = createModel(encodeGraph(unet2d({ seed: 1 })));
 */
export function unet2d({
  inputs = 2,
  features = [32, 32, 64],
  seed,
  initialize = heNormal(seed),
  ...rest
}: Unet2dOptions): Graph {
  return planarUnet("unet2d", { inputs, features, initialize, ...rest }, { residual: true });
}

interface PlanarOptions {
  readonly inputs: number;
  readonly features: readonly number[];
  readonly initialize: Initialize;
  readonly batch?: number;
  readonly patch?: readonly [number, number];
}

const CONVOLUTIONS = 3;

function planarUnet(
  name: string,
  { inputs, features, initialize, batch, patch }: PlanarOptions,
  { residual = false } = {},
): Graph {
  checkPositiveInteger("inputs", inputs);
  checkPositiveInteger("The number of levels", features.length);
  for (const width of features) checkPositiveInteger("Each number of features", width);
  const b = graphBuilder(name);
  const context: LayerContext = { b, initialize, padding: "zero" };
  const x = b.input("x", [batch ?? "batch", inputs, ...(patch ? [patch[1], patch[0]] : ["height", "width"])]);
  const layer = (layerName: string, input: Value, width: number) => b.node("Relu", [conv(context, layerName, input, width)]);
  const level = (levelName: string, input: Value, width: number) =>
    b.scope(levelName, () => {
      let f = input;
      for (let n = 0; n < CONVOLUTIONS; n++) f = layer(`conv${n}`, f, width);
      return f;
    });

  const skips: Value[] = [];
  let f = x;
  for (const [n, width] of features.entries()) {
    f = level(`encoder${n}`, f, width);
    skips.push(f);
    f = maxPool(context, f);
  }
  f = b.node("Add", [layer("centre", f, features.at(-1)!), f]);
  for (let n = features.length - 1; n >= 0; n--) {
    const skip = skips[n]!;
    f = level(`decoder${n}`, concat(context, resizeLike(context, f, skip, "nearest"), skip), features[n]!);
  }
  const y = conv(context, "out", f, 1, { kernel: 1 });
  if (!residual) return b.finish({ y });
  return b.finish({ y: b.node("Add", [sliceChannels(context, x, inputs - 1, inputs), y]) });
}
