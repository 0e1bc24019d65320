import { subtract } from "../enhancement/subtract.js";
import { predictor } from "../inference/predictor.js";
import { slidingWindow } from "../inference/slidingWindow.js";
import { wholeWindow } from "../inference/windowPlan.js";
import { type Unet2dOptions, unet2d } from "../model/unet2d.js";
import { adam } from "../training/adam.js";
import { l1Loss } from "../training/losses/l1Loss.js";
import { type VolumeSample, volumeSamples } from "../training/samples/volumeSamples.js";
import { constant } from "../training/schedules.js";
import { fitNetwork, type RecipeCard } from "./fitNetwork.js";
import { lowDoses } from "./lowDoses.js";
import type { PreparedStudy } from "./prepareStudy.js";
import type { System } from "./system.js";

export interface Gong2018Options {
  /** Seed of the weights, the samples and the noise of simulated low doses. */
  readonly seed: number;
  /** The paper's sizes, or small ones that two cores train in minutes. Default `"paper"`; what is given beside it goes before it. */
  readonly size?: "paper" | "small";
  /** Doses that are learnt; simulated where a study has no real scan of them. Default [0.1]. */
  readonly doses?: readonly number[];
  readonly network?: Partial<Unet2dOptions>;
  /** Edge of a training patch. Default 256; small 64. */
  readonly patch?: number;
  /** Default 4. */
  readonly batch?: number;
  /** Default 100 000; small 2000. */
  readonly steps?: number;
  /** Default 1e-3. */
  readonly rate?: number;
}

const PAPER = { network: {}, patch: 256, batch: 4, steps: 100_000, rate: 1e-3 } as const;
const SMALL = { ...PAPER, network: { features: [16, 16, 32] }, patch: 64, steps: 2000 } as const;
const DIVISOR = 8;

/**
 * The first network for dose reduction: a 2-D U-Net sees a slice of the pre-contrast and of the low-dose scan and predicts what the low dose lacks, slice by slice.
 *
 * The paper's length of training and learning rate are not stated in what is public; these are ours.
 *
 * @returns a system of one network
 * @see Gong et al. 2018, J Magn Reson Imaging 48:330
 * @example
 * const system = gong2018({ seed: 1, size: "small" });
 */
export function gong2018({ size = "paper", doses = [0.1], ...given }: Gong2018Options): System {
  const settings = { ...(size === "small" ? SMALL : PAPER), ...given };
  return slicewise("gong2018", "Gong et al. 2018", settings, (studies) =>
    studies.flatMap((study) => lowDoses(study, { doses, seed: settings.seed }).map(({ volume }) => imageScan(study, volume))),
  );
}

export type SlicewiseSettings = Required<Omit<Gong2018Options, "size" | "doses">>;

/** A system of one residual 2-D U-Net that sees slices of `pre` and `low`. */
export function slicewise(
  name: string,
  source: string,
  { seed, network, patch, batch, steps, rate }: SlicewiseSettings,
  scansOf: (studies: readonly PreparedStudy[]) => readonly VolumeSample[],
): System {
  const architecture = { seed, ...network };
  return {
    name,
    source,
    predicts: "image",
    networks: [
      {
        name: "slices",
        train: (studies, options) =>
          fitNetwork(
            {
              graph: l1Loss(unet2d({ ...architecture, batch, patch: [patch, patch] })),
              network: unet2d(architecture),
              card: sliceCard(name, source, patch),
              batches: volumeSamples(scansOf(studies), {
                seed,
                patch: [patch, patch, 1],
                batch,
                flat: true,
                symmetries: "flips",
              }),
              optimizer: adam(),
              schedule: constant(rate),
              steps,
            },
            options,
          ),
      },
    ],
    restorer([loaded]) {
      const { session, card } = loaded!;
      return {
        name,
        async signal({ pre, low }, task = {}) {
          const [ni, nj] = pre.grid.shape;
          const window = wholeWindow([ni, nj, 1], { divisibleBy: [DIVISOR, DIVISOR, 1] });
          return subtract(
            pre,
            await slidingWindow([pre, low], predictor(session, card), { window, overlap: 0, batch: 4, ...task }),
          );
        },
      };
    },
  };
}

/** Pre-contrast and low dose in, standard dose out. */
export function imageScan({ pre, post, brain, lesions }: PreparedStudy, low: VolumeSample["channels"][number]): VolumeSample {
  return { channels: [pre, low], truths: { target: post }, brain, ...(lesions && { lesions }) };
}

function sliceCard(name: string, source: string, patch: number): RecipeCard {
  const channel = (channelName: string) => ({ name: channelName, offset: 0, scale: 1 });
  return {
    name,
    description: `Standard-dose scan from a low dose, slice by slice; repeats ${source}.`,
    inputs: [{ name: "x", channels: ["pre", "low"].map(channel) }],
    output: { name: "y", meaning: "standard-dose", offset: 0, scale: 1 },
    patch: { window: [patch, patch, 1], divisibleBy: [DIVISOR, DIVISOR, 1], marginVoxels: 0, overlap: 0 },
    preprocessing: { percentile: 95, within: "brain" },
  };
}
