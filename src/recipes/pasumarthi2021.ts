import { subtract } from "../enhancement/subtract.js";
import { multiPlanar } from "../inference/multiPlanar.js";
import { predictor } from "../inference/predictor.js";
import { type Unet25dOptions, unet25d } from "../model/unet2d.js";
import { adam } from "../training/adam.js";
import { l1SsimLoss } from "../training/losses/l1SsimLoss.js";
import { volumeSamples } from "../training/samples/volumeSamples.js";
import { constant } from "../training/schedules.js";
import { fitNetwork, type RecipeCard } from "./fitNetwork.js";
import { imageScan } from "./gong2018.js";
import { lowDoses } from "./lowDoses.js";
import type { System } from "./system.js";

export interface Pasumarthi2021Options {
  /** Seed of the weights, the samples and the noise of simulated low doses. */
  readonly seed: number;
  /** The paper's sizes, or small ones that two cores train in minutes. Default `"paper"`; what is given beside it goes before it. */
  readonly size?: "paper" | "small";
  /** Doses that are learnt; simulated where a study has no real scan of them. Default [0.1]. */
  readonly doses?: readonly number[];
  readonly network?: Partial<Unet25dOptions>;
  /** Edge of a training patch. Default 512; small 64. */
  readonly patch?: number;
  /** Default 8; small 4. */
  readonly batch?: number;
  /** Default: 100 times all slices of the training scans in each of the three planes; small 2000. */
  readonly steps?: number;
  /** Default 1e-3. */
  readonly rate?: number;
  /** Share of 1 − SSIM in the loss; the mean absolute error has the rest. Default 0.4. */
  readonly ssimShare?: number;
  /** Angles of the multi-planar inference. Default [0, 18, 36, 54, 72]. */
  readonly anglesDeg?: readonly number[];
}

const SLICES = 7;
const EPOCHS = 100;
const PAPER = { network: {}, patch: 512, batch: 8, steps: undefined, rate: 1e-3, ssimShare: 0.4 } as const;
const SMALL = { ...PAPER, network: { features: [16, 32, 64] }, patch: 64, batch: 4, steps: 2000 } as const;

/**
 * The 2.5-D network: seven neighbouring slices of the pre-contrast and of the low-dose scan in, the middle slice of the standard dose out, in three planes and at five angles,
 * averaged.
 *
 * Left out: the perceptual and the adversarial term (their networks are not public) and AMSGrad.
 *
 * @returns a system of one network
 * @see Pasumarthi et al. 2021, Magn Reson Med 86:1687
 * @example
 * const system = pasumarthi2021({ seed: 1, size: "small" });
 */
export function pasumarthi2021({ size = "paper", doses = [0.1], ...given }: Pasumarthi2021Options): System {
  const { seed, network, patch, batch, steps, rate, ssimShare, anglesDeg } = {
    anglesDeg: [0, 18, 36, 54, 72],
    ...(size === "small" ? SMALL : PAPER),
    ...given,
  };
  const architecture = { seed, slices: SLICES, ...network };
  return {
    name: "pasumarthi2021",
    source: "Pasumarthi et al. 2021",
    predicts: "image",
    networks: [
      {
        name: "slices",
        train(studies, options) {
          const scans = studies.flatMap((study) =>
            lowDoses(study, { doses, seed }).map(({ volume }) => imageScan(study, volume)),
          );
          const slices = scans.reduce((sum, { brain }) => sum + brain.grid.shape.reduce((all, n) => all + n, 0), 0);
          return fitNetwork(
            {
              graph: l1SsimLoss(unet25d({ ...architecture, batch, patch: [patch, patch] }), { dataRange: 1, ssimShare }),
              network: unet25d(architecture),
              card: cardOf(patch),
              batches: volumeSamples(scans, { seed, patch: [patch, patch, 1], batch, flat: true, slices: SLICES }),
              optimizer: adam(),
              schedule: constant(rate),
              steps: steps ?? Math.ceil((EPOCHS * slices) / batch),
            },
            options,
          );
        },
      },
    ],
    restorer([loaded]) {
      const { session, card } = loaded!;
      return {
        name: "pasumarthi2021",
        async signal({ pre, low }, task = {}) {
          return subtract(
            pre,
            await multiPlanar([pre, low], predictor(session, card), { slices: SLICES, anglesDeg, batch: 8, ...task }),
          );
        },
      };
    },
  };
}

function cardOf(patch: number): RecipeCard {
  const channels = ["pre", "low"].flatMap((scan) =>
    Array.from({ length: SLICES }, (_, n) => ({ name: `${scan}[${n - (SLICES >> 1)}]`, offset: 0, scale: 1 })),
  );
  return {
    name: "pasumarthi2021",
    description:
      "Middle slice of the standard-dose scan from seven slices before the agent and at a low dose; repeats Pasumarthi et al. 2021.",
    inputs: [{ name: "x", channels }],
    output: { name: "y", meaning: "standard-dose", offset: 0, scale: 1 },
    patch: { window: [patch, patch, 1], divisibleBy: [8, 8, 1], marginVoxels: 0, overlap: 0 },
    preprocessing: { percentile: 95, within: "brain" },
  };
}
