import { zScore } from "../calibration/zScore.js";
import { GadoliniteError } from "../core/errors.js";
import type { Vec3 } from "../core/grid.js";
import type { Mask, Volume } from "../core/volume.js";
import { subtract } from "../enhancement/subtract.js";
import { percentiles } from "../filters/percentile.js";
import { ensemble } from "../inference/ensemble.js";
import { mirrored } from "../inference/mirrored.js";
import { predictor } from "../inference/predictor.js";
import { slidingWindow } from "../inference/slidingWindow.js";
import { wholeWindow } from "../inference/windowPlan.js";
import type { CardChannel } from "../model/modelCard.js";
import { type ResidualUnet3dOptions, residualUnet3d } from "../model/residualUnet3d.js";
import { adam } from "../training/adam.js";
import { mseLoss } from "../training/losses/mseLoss.js";
import { splitFolds } from "../training/samples/splitFolds.js";
import { type VolumeSample, volumeSamples } from "../training/samples/volumeSamples.js";
import { constant } from "../training/schedules.js";
import { fitNetwork, type RecipeCard } from "./fitNetwork.js";
import { lowDoses } from "./lowDoses.js";
import type { PreparedStudy } from "./prepareStudy.js";
import type { System } from "./system.js";

export interface Bone2022Options {
  /** Seed of the weights, the folds, the samples and the noise of simulated low doses. */
  readonly seed: number;
  /** The paper's sizes, or small ones that two cores train in minutes. Default `"paper"`; what is given beside it goes before it. */
  readonly size?: "paper" | "small";
  /** Doses that are learnt; simulated where a study has no real scan of them. Default [0.25]. */
  readonly doses?: readonly number[];
  /** Further sequences that the network sees, by their names in `study.others`. Default ["flair", "adc"]; small none. */
  readonly others?: readonly string[];
  readonly network?: Partial<ResidualUnet3dOptions>;
  /** Of all training volumes of a kind, in the brain: what lies beyond is clipped. Nothing can be amplified beyond the higher one. Default [1, 99]. */
  readonly percentiles?: readonly [low: number, high: number];
  /** Voxels of a training sample. Default the whole brain, [160, 192, 160]; small [32, 32, 32]. */
  readonly patch?: Vec3;
  /** Networks, each trained without one fold of the patients; 1 trains one network on all. Default 5; small 2. */
  readonly folds?: number;
  /** Steps of each network. Default 300 times the scans of its training; small 2000. */
  readonly steps?: number;
  /** Default 1e-3. */
  readonly rate?: number;
  /** Part of the samples that are centred near a lesion. Default 0; small 0.5. */
  readonly lesionShare?: number;
}

const EPOCHS = 300;
const PAPER = {
  network: {} as Partial<ResidualUnet3dOptions>,
  others: ["flair", "adc"],
  percentiles: [1, 99],
  patch: [160, 192, 160],
  folds: 5,
  steps: undefined,
  rate: 1e-3,
  lesionShare: 0,
} as const;
const SMALL = {
  ...PAPER,
  network: { features: 8, convolutions: [1, 2, 2] } as Partial<ResidualUnet3dOptions>,
  others: [],
  patch: [32, 32, 32],
  folds: 2,
  steps: 2000,
  lesionShare: 0.5,
} as const;

/**
 * Contrast amplification: a 3-D U-Net learns the standard dose from T1, FLAIR, ADC and a quarter dose, and is then given the standard dose in place of the quarter
 * ({@link amplify}). Mirror images and folds are averaged.
 *
 * Each volume is standardised inside the brain, clipped to the 1st and 99th percentile (`percentiles`) of all training volumes of its kind, and mapped to 0 … 1; outside the brain it is 0. The
 * constants are in the models' cards. Undone, the prediction is on the scale of the contrast-enhanced scan that came in.
 *
 * Studies are expected to lie in the atlas' space at 1 mm; nothing here depends on it.
 *
 * @returns a system of `folds` networks
 * @throws `out-of-range` for percentiles that don't rise; its training `not-prepared` if a study lacks one of `others`; and as the functions it is made of do
 * @see Bône et al. 2022, Invest Radiol 57:527, "Deep learning method"
 * @example
 * const system = bone2022({ seed: 1, size: "small" });
 */
export function bone2022({ size = "paper", doses = [0.25], ...given }: Bone2022Options): System {
  const settings = { ...(size === "small" ? SMALL : PAPER), ...given };
  const { seed, network, others, patch, folds, steps, rate, lesionShare } = settings;
  const [lowest, highest] = settings.percentiles;
  if (!(lowest >= 0 && lowest < highest && highest <= 100))
    throw new GadoliniteError("out-of-range", `percentiles must rise within 0 and 100, but are [${settings.percentiles}].`);
  const names = ["pre", ...others, "low"];
  const architecture = { inputs: names.length, ...network };
  const divisor = 2 ** ((network.convolutions?.length ?? 5) - 1);

  return {
    name: "bone2022",
    source: "Bône et al. 2022",
    predicts: "image",
    networks: Array.from({ length: folds }, (_, fold) => ({
      name: `fold-${fold + 1}`,
      train(studies, options) {
        const scans = (folds > 1 ? trainingFold(studies, { folds, fold, seed }) : studies).flatMap((study) =>
          lowDoses(study, { doses, seed }).map(({ volume }) => ({
            study,
            volumes: [...sequences(study, others), volume, study.post],
          })),
        );
        const standard = scans.map(({ study, volumes }) => volumes.map((volume) => zScore(volume, { mask: study.brain }).volume));
        const ranges = [...names, "target"].map((name, c) =>
          pooledRange(
            name,
            settings.percentiles,
            standard.map((volumes, n) => ({ volume: volumes[c]!, brain: scans[n]!.study.brain })),
          ),
        );
        const samples = scans.map(({ study: { brain, lesions } }, n): VolumeSample => {
          const mapped = standard[n]!.map((volume, c) => mapped01(volume, brain, ranges[c]!));
          return { channels: mapped.slice(0, -1), truths: { target: mapped.at(-1)! }, brain, ...(lesions && { lesions }) };
        });
        const seeded = { outputMean: meanInBrains(samples), ...architecture, seed: seed + fold };
        return fitNetwork(
          {
            graph: mseLoss(residualUnet3d({ ...seeded, batch: 1, patch })),
            network: residualUnet3d(seeded),
            card: cardOf(ranges, patch, divisor),
            batches: volumeSamples(samples, { seed: seed + fold, patch, batch: 1, symmetries: "flips", lesionShare }),
            optimizer: adam(),
            schedule: constant(rate),
            steps: steps ?? EPOCHS * scans.length,
          },
          options,
        );
      },
    })),
    restorer(models, study) {
      const network = mirrored(
        ensemble(models.map(({ session, card }) => foldPredictor(predictor(session, card), card.inputs[0]!.channels))),
      );
      return {
        name: "bone2022",
        async signal({ pre, low, brain }, task = {}) {
          const { mean, sd } = zScore(low, { mask: brain });
          const volumes = [pre, ...sequences(study, others).slice(1), low].map(
            (volume) => zScore(volume, { mask: brain }).volume,
          );
          const window = wholeWindow(pre.grid.shape, { divisibleBy: [divisor, divisor, divisor] });
          const z = await slidingWindow(
            volumes.map((volume) => insideOnly(volume, brain)),
            network,
            { window, padValue: OUTSIDE, ...task },
          );
          const restored = { grid: z.grid, data: z.data.map((v, i) => (brain.data[i] ? v * sd + mean : low.data[i]!)) };
          return subtract(pre, restored);
        },
      };
    },
  };
}

/** What the network sees of a study before the contrast-enhanced scan. */
function sequences({ id, pre, others }: PreparedStudy, names: readonly string[]): readonly Volume[] {
  return [
    pre,
    ...names.map((name) => {
      if (Object.hasOwn(others, name)) return others[name]!;
      throw new GadoliniteError(
        "not-prepared",
        `Study ${id} has no "${name}". Give it in study.others, or leave the sequence out: bone2022({ others: [] }).`,
      );
    }),
  ];
}

function trainingFold(
  studies: readonly PreparedStudy[],
  { folds, fold, seed }: { readonly folds: number; readonly fold: number; readonly seed: number },
): readonly PreparedStudy[] {
  const { train } = splitFolds(
    studies.map(({ patient }) => patient),
    { folds, seed },
  )[fold]!;
  return train.map((n) => studies[n]!);
}

/** Two percentiles over the brains of all volumes of a kind, as a channel of the card. */
function pooledRange(
  name: string,
  qs: readonly [number, number],
  volumes: readonly { readonly volume: Volume; readonly brain: Mask }[],
): CardChannel {
  const size = volumes.reduce((sum, { brain }) => sum + brain.data.reduce((count, v) => count + v, 0), 0);
  const pooled = new Float32Array(size);
  let n = 0;
  for (const { volume, brain } of volumes)
    for (let v = 0; v < brain.data.length; v++) if (brain.data[v]) pooled[n++] = volume.data[v]!;
  const grid = { ...volumes[0]!.volume.grid, shape: [size, 1, 1] as const };
  const [low, high] = percentiles({ grid, data: pooled }, qs) as [number, number];
  return { name, offset: low, scale: high - low };
}

/** Of what is learnt; the network begins there. */
function meanInBrains(samples: readonly VolumeSample[]): number {
  let [sum, count] = [0, 0];
  for (const { truths, brain } of samples)
    brain.data.forEach((inside, v) => {
      if (!inside) return;
      sum += truths["target"]!.data[v]!;
      count++;
    });
  return sum / count;
}

function mapped01({ grid, data }: Volume, brain: Mask, { offset, scale }: CardChannel): Volume {
  return { grid, data: data.map((v, i) => (brain.data[i] ? Math.max(0, Math.min(1, (v - offset) / scale)) : 0)) };
}

/** What is outside of the brain is far below the lowest percentile, so that it is clipped to 0. */
const insideOnly = ({ grid, data }: Volume, brain: Mask): Volume => ({
  grid,
  data: data.map((v, i) => (brain.data[i] ? v : OUTSIDE)),
});
const OUTSIDE = -1e3;

/** Clips each channel to the range of its card before the network sees it. */
function foldPredictor(network: ReturnType<typeof predictor>, channels: readonly CardChannel[]): ReturnType<typeof predictor> {
  return (patches, signal) => {
    const size = patches.data.length / (patches.dims[0]! * channels.length);
    const data = patches.data.map((v, i) => {
      const { offset, scale } = channels[Math.floor(i / size) % channels.length]!;
      return Math.max(offset, Math.min(offset + scale, v));
    });
    return network({ dims: patches.dims, data }, signal);
  };
}

function cardOf(ranges: readonly CardChannel[], patch: Vec3, divisor: number): RecipeCard {
  const { offset, scale } = ranges.at(-1)!;
  return {
    name: "bone2022",
    description:
      "Standard-dose scan (z-score in the brain) from a low dose, or an amplified one from the standard dose; repeats Bône et al. 2022.",
    inputs: [{ name: "x", channels: ranges.slice(0, -1) }],
    output: { name: "y", meaning: "standard-dose", offset, scale },
    patch: { window: patch, divisibleBy: [divisor, divisor, divisor], marginVoxels: 0, overlap: 0.5 },
    preprocessing: { percentile: 95, within: "brain" },
  };
}
