import { rescale } from "../calibration/rescale.js";
import { boundingBox } from "../core/boundingBox.js";
import { GadoliniteError } from "../core/errors.js";
import type { Mask, Volume } from "../core/volume.js";
import { simulateDose } from "../dose/simulateDose.js";
import { subtract } from "../enhancement/subtract.js";
import { foregroundMask } from "../filters/foregroundMask.js";
import { crop, uncrop } from "../geometry/crop.js";
import { predictor } from "../inference/predictor.js";
import { slidingWindow } from "../inference/slidingWindow.js";
import { checkFraction } from "../internal/check.js";
import { type ConesDiscriminatorOptions, conesDiscriminator } from "../model/conesDiscriminator.js";
import { type ConesGeneratorOptions, conesGenerator } from "../model/conesGenerator.js";
import { adam } from "../training/adam.js";
import { type VolumeSample, volumeSamples } from "../training/samples/volumeSamples.js";
import { constantThenLinear } from "../training/schedules.js";
import { fitAdversaries, type RecipeCard } from "./fitNetwork.js";
import type { PreparedStudy } from "./prepareStudy.js";
import type { System } from "./system.js";

export interface Chen2025Options {
  /** Seed of the weights and the samples. */
  readonly seed: number;
  /** The paper's sizes, or small ones that two cores train in minutes. Default `"paper"`; what is given beside it goes before it. */
  readonly size?: "paper" | "small";
  /** One network for each of these doses, simulated without noise; 0 is a network that sees the pre-contrast scan alone. Default [0, 0.1 … 0.9]; small [0, 0.1, 0.3, 0.5, 0.9]. */
  readonly doses?: readonly number[];
  readonly generator?: Partial<ConesGeneratorOptions>;
  readonly discriminator?: Partial<ConesDiscriminatorOptions>;
  /** Pixels of a window along i and j. Default [160, 128], "128×160"; small [64, 48]. */
  readonly patch?: readonly [number, number];
  /** Default 8; small 4. */
  readonly batch?: number;
  /** Steps at the constant rate, and as many in which it falls to 0. Default 50 000; small 200. */
  readonly steps?: number;
  /** Learning rate of the generator; the discriminator's is four times that (two time scales). Default 1e-4; small 1e-3. */
  readonly rate?: number;
  /** Part of the samples that are centred near a lesion. Default 0; small 0.5. */
  readonly lesionShare?: number;
}

const PAPER = {
  doses: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9],
  generator: {},
  discriminator: {},
  patch: [160, 128],
  batch: 8,
  steps: 50_000,
  rate: 1e-4,
  lesionShare: 0,
} as const;
const SMALL = {
  doses: [0, 0.1, 0.3, 0.5, 0.9],
  generator: { blocks: [1, 1, 1], features: 8, pyramid: 16, width: 16 },
  discriminator: { features: 8 },
  patch: [64, 48],
  batch: 4,
  steps: 200,
  rate: 1e-3,
  lesionShare: 0.5,
} as const;

/**
 * A conditional neural field (CoNeS) for each dose restores the standard dose, slice by slice, from the pre-contrast scan and a low dose that is a linear mix; at dose 0 from the
 * pre-contrast scan alone. All scans of a study are mapped to −1 … 1 by one range, that of its two scans, and only the box of the head is looked at.
 *
 * Prepare studies with `prepareStudy(study, { calibration: "histogram-peaks" })`, as the paper does.
 *
 * @returns a system of one network a dose; its restorer takes the doses that it has networks for, 0 among them
 * @throws `out-of-range` for a dose outside 0 … 1; the restorer throws it for a dose without a network
 * @see Chen et al. 2025, Eur Radiol, "Materials and methods"; Chen et al. 2023, "CoNeS" (arXiv:2309.03320)
 * @example
 * const system = chen2025({ seed: 1, size: "small", doses: [0.1, 0.3] });
 */
export function chen2025({ size = "paper", ...given }: Chen2025Options): System {
  const settings = { ...(size === "small" ? SMALL : PAPER), ...given };
  const { seed, doses, patch, batch, steps, rate, lesionShare } = settings;
  for (const dose of doses) checkFraction("dose", dose);

  return {
    name: "chen2025",
    source: "Chen et al. 2025",
    predicts: "image",
    networks: doses.map((dose) => ({
      name: `dose-${dose}`,
      train(studies, options) {
        const sources = dose === 0 ? 1 : 2;
        const architecture = { seed, sources, ...settings.generator };
        const flat = { batch, patch } as const;
        const schedule = (factor: number) => constantThenLinear({ rate: factor * rate, constant: steps, linear: steps });
        return fitAdversaries(
          {
            generatorGraph: conesGenerator({ ...architecture, ...flat, shifts: true }),
            discriminatorGraph: conesDiscriminator({
              seed: seed + 1,
              inputs: sources + 1,
              ...settings.discriminator,
              patch,
              batch: 2 * batch,
            }),
            network: conesGenerator(architecture),
            card: cardOf(dose, patch),
            batches: volumeSamples(
              studies.map((study) => sampleOf(study, dose)),
              { seed, patch: [...patch, 1], batch, flat: true, symmetries: "flips", lesionShare, padValue: -1 },
            ),
            generator: { optimizer: adam({ beta1: 0.5, weightDecay: 3e-5 }), schedule: schedule(1) },
            discriminator: { optimizer: adam({ beta1: 0.5 }), schedule: schedule(4) },
            steps: 2 * steps,
          },
          options,
        );
      },
    })),
    restorer(models, study) {
      const range = studyRange(study);
      const box = boundingBox(headOf(study));
      return {
        name: "chen2025",
        async signal({ pre, low, dose }, task = {}) {
          const { session, card } = models[modelAt(doses, dose)]!;
          const channels = (dose === 0 ? [pre] : [pre, low]).map((volume) => crop(toUnit(volume, range), box));
          const window = card.patch.window;
          const options = { window, overlap: 0.5, weighting: "gaussian", batch: 4, padValue: -1, ...task } as const;
          const inside = await slidingWindow(channels, predictor(session, card), options);
          const restored = uncrop(inside, box, pre.grid, { outside: -1 });
          return subtract(pre, rescale(restored, { from: [-1, 1], to: range }));
        },
      };
    },
  };
}

const toUnit = (volume: Volume, range: readonly [number, number]): Volume => rescale(volume, { from: range, to: [-1, 1] });

/** One affine map for all scans of a study, so that PSNR(d) = PSNR(0) − 20·log10(1 − d) as in table 4. */
function studyRange({ pre, post }: PreparedStudy): readonly [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const { data } of [pre, post])
    for (let v = 0; v < data.length; v++) {
      if (data[v]! < low) low = data[v]!;
      if (data[v]! > high) high = data[v]!;
    }
  return [low, high];
}

const headOf = ({ pre }: PreparedStudy): Mask => foregroundMask(pre);

function sampleOf(study: PreparedStudy, dose: number): VolumeSample {
  const range = studyRange(study);
  const { pre, post, lesions } = study;
  const sources = dose === 0 ? [pre] : [pre, simulateDose(pre, post, { dose })];
  return {
    channels: sources.map((volume) => toUnit(volume, range)),
    truths: { target: toUnit(post, range) },
    brain: headOf(study),
    ...(lesions && { lesions }),
  };
}

function modelAt(doses: readonly number[], dose: number): number {
  const at = doses.findIndex((known) => Math.abs(known - dose) < 5e-3);
  if (at >= 0) return at;
  throw new GadoliniteError(
    "out-of-range",
    `There is a network for each of the doses ${doses.join(", ")}, but none for ${dose}.`,
  );
}

function cardOf(dose: number, patch: readonly [number, number]): RecipeCard {
  const channels = dose === 0 ? ["pre"] : ["pre", "low"];
  return {
    name: `chen2025-${dose}`,
    description: `Standard-dose scan from dose ${dose}, slice by slice, scaled to −1 … 1; repeats Chen et al. 2025.`,
    inputs: [{ name: "x", channels: channels.map((name) => ({ name, offset: 0, scale: 1 })) }],
    output: { name: "y", meaning: "standard-dose", offset: 0, scale: 1 },
    patch: { window: [...patch, 1], divisibleBy: [1, 1, 1], marginVoxels: 0, overlap: 0.5 },
    preprocessing: { percentile: 95, within: "head" },
  };
}
