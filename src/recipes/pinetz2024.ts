import { rescale } from "../calibration/rescale.js";
import type { Vec3 } from "../core/grid.js";
import type { Mask, Volume } from "../core/volume.js";
import { enhancementMask } from "../enhancement/enhancementMask.js";
import { enhancementSignal } from "../enhancement/enhancementSignal.js";
import { type NormalizedNoise, normalizeNoise } from "../enhancement/normalizeNoise.js";
import { signalGain } from "../enhancement/revertSignal.js";
import { subtract } from "../enhancement/subtract.js";
import { networkRestorer } from "../inference/networkRestorer.js";
import { planInference } from "../inference/planInference.js";
import type { Restorer } from "../inference/restorer.js";
import { type ConditionalUnet3dOptions, conditionalUnet3d } from "../model/conditionalUnet3d.js";
import { pinetzConditions } from "../model/conditions.js";
import { adam } from "../training/adam.js";
import { pinetzLoss } from "../training/losses/pinetzLoss.js";
import { type VolumeSample, volumeSamples } from "../training/samples/volumeSamples.js";
import { cosine } from "../training/schedules.js";
import { fitNetwork, type RecipeCard } from "./fitNetwork.js";
import { type LowDose, lowDoses } from "./lowDoses.js";
import type { PreparedStudy } from "./prepareStudy.js";
import { studyConditions } from "./studyConditions.js";
import type { System } from "./system.js";

export interface Pinetz2024Options {
  /** Seed of the weights, the samples and the noise of simulated low doses. */
  readonly seed: number;
  /** The paper's sizes, or small ones that two cores train in minutes. Default `"paper"`; what is given beside it goes before it. */
  readonly size?: "paper" | "small";
  /** Doses that are learnt, as fractions of the standard dose; simulated where a study has no real scan of them. Default [0.1, 0.33]. */
  readonly doses?: readonly number[];
  readonly network?: Partial<ConditionalUnet3dOptions>;
  /** Edge of a training patch in voxels. Default 96; small 32. */
  readonly patch?: number;
  /** Default 16; small 2. */
  readonly batch?: number;
  /** Default 200 000; small 2000. */
  readonly steps?: number;
  /** Learning rate at the start and at the end of a cosine. Default 1e-4 and 1e-6; small 6e-4 and 1e-5. */
  readonly rate?: readonly [from: number, to: number];
  /** Longest gradient that a step follows; longer ones are cut to it. Default: none is cut; small 0.01, some times what is usual there. */
  readonly clipNorm?: number;
  /** Voxels at the border that the loss leaves out. Default 8; small 4. */
  readonly margin?: number;
  /** Part of the samples that are centred near a lesion. Default 0.1, as in the public code; small 0.5. */
  readonly lesionShare?: number;
  /** How the noise normalisation is undone, see `revertSignal`. Default `"exact"`. */
  readonly convention?: "exact" | "as-printed";
  /** Memory for inference: the whole volume at once if it fits, else windows. Default 4e9. */
  readonly maxBytes?: number;
}

const PAPER = { network: {}, patch: 96, batch: 16, steps: 200_000, rate: [1e-4, 1e-6], margin: 8 } as const;
// A last ReLU that dies, since nearly all voxels are 0, isn't revived in so few steps: the small network has none. On blocks of voxels it learns three times as
// fast, at a rate at which a rare sample would throw it off: hence the clipping.
const SMALL = {
  network: { features: 16, scales: 3, unshuffle: 2, embedding: 32, output: "linear" },
  patch: 32,
  batch: 2,
  steps: 2000,
  rate: [6e-4, 1e-5],
  clipNorm: 0.01,
  margin: 4,
  lesionShare: 0.5,
} as const;
// Noise, and what is of its size, in tenths: beside a scan it would be too faint for a network to begin with. The public code scales both up, too.
const TENTH = 0.1;
const inTenths = (volume: Volume): Volume => rescale(volume, { from: [0, TENTH], to: [0, 1] });

/**
 * Contrast signal extraction: a conditional 3-D U-Net predicts the noise-free contrast signal of the standard dose from the noise-normalised subtraction image, the
 * low-dose scan and the local noise, told of dose, field strength, relaxivity and noise level. ŷ is added to the pre-contrast scan, or to the low dose to go beyond it.
 *
 * @returns a system of one network; `synthesize(low, ŷ)` is the paper's x̃_SD+
 * @throws as the functions it is made of do; `out-of-range` for an agent or field strength of unknown relaxivity
 * @see Pinetz et al. 2024, "Gadolinium dose reduction for brain MRI using conditional deep learning", sections 3 and 4
 * @example
 * const system = pinetz2024({ seed: 1, size: "small" });
 * for await (const { step, loss } of trainSystem(system, studies, { backend: cpu() })) draw(step, loss);
 */
export function pinetz2024({ size = "paper", ...given }: Pinetz2024Options): System {
  const settings = { ...(size === "small" ? SMALL : PAPER), ...given };
  const {
    seed,
    doses = [0.1, 0.33],
    patch,
    batch,
    steps,
    rate,
    clipNorm,
    margin,
    lesionShare,
    convention = "exact",
    maxBytes = 4e9,
  } = settings;
  const architecture = { seed, ...settings.network };
  const cube: Vec3 = [patch, patch, patch];

  return {
    name: "pinetz2024",
    source: "Pinetz et al. 2024",
    predicts: "signal",
    networks: [
      {
        name: "signal",
        train(studies, options) {
          const scans = studies.flatMap((study) => lowDoses(study, { doses, seed }).map((low) => pinetzScan(study, low)));
          const samples = volumeSamples(
            scans.map(({ sample }) => sample),
            { seed, patch: cube, batch, lesionShare },
          );
          const card = cardOf(architecture, { cube, margin, gain: signalGain(scans.map(({ gain }) => gain)) });
          return fitNetwork(
            {
              graph: pinetzLoss(conditionalUnet3d({ ...architecture, batch, patch: cube }), { margin }),
              network: conditionalUnet3d(architecture),
              card,
              batches: samples,
              optimizer: adam(),
              schedule: cosine({ from: rate[0], to: rate[1], steps }),
              steps,
              ...(clipNorm !== undefined && { clipNorm }),
            },
            options,
          );
        },
      },
    ],
    restorer([loaded], study) {
      const { session, card, model } = loaded!;
      const { why: _, windows: __, predictedBytes: ___, ...plan } = planInference(model, study.pre.grid, { maxBytes });
      const restorer = networkRestorer(session, card, { conditions: studyConditions(study), ...plan });
      return { ...(convention === "exact" ? restorer : asPrinted(restorer)), name: "pinetz2024" };
    },
  };
}

/** What the network learns of one scan, and what γ is computed of. */
function pinetzScan(study: PreparedStudy, { dose, volume: low }: LowDose) {
  const { pre, post, brain, lesions } = study;
  const noise = normalizeNoise(subtract(pre, low), { brain });
  const standard = normalizeNoise(subtract(pre, post), { brain, sigma: noise.sigma });
  const mask = enhancementMask(standard.normalized, { sigma: noise.sigma });
  const sample: VolumeSample = {
    channels: [inTenths(noise.normalized), low, inTenths(noise.sd)],
    truths: { target: enhancementSignal(standard.normalized, mask), brain: asVolume(brain), enhancement: mask },
    conditions: conditionVector(study, dose, noise),
    brain,
    ...(lesions && { lesions }),
  };
  return { sample, gain: { brain, standardSd: standard.sd, lowSd: noise.sd } };
}

function conditionVector(study: PreparedStudy, dose: number, { sigma }: NormalizedNoise): readonly number[] {
  const values: Readonly<Record<string, number>> = { dose, noise: sigma, ...studyConditions(study) };
  return pinetzConditions.map(({ name, offset, scale }) => (values[name]! - offset) / scale);
}

const asVolume = ({ grid, data }: Mask): Volume => ({ grid, data: Float32Array.from(data) });

function cardOf(
  { scales = 4, unshuffle = 1 }: Partial<ConditionalUnet3dOptions>,
  { cube, margin, gain }: { readonly cube: Vec3; readonly margin: number; readonly gain: number },
): RecipeCard {
  const divisor = unshuffle * 2 ** (scales - 1);
  const channel = (name: string, scale: number) => ({ name, offset: 0, scale });
  return {
    name: "pinetz2024",
    description: "Contrast signal of the standard dose from a low dose; repeats Pinetz et al. 2024.",
    inputs: [{ name: "x", channels: [channel("normalized-difference", TENTH), channel("low", 1), channel("local-sd", TENTH)] }],
    conditions: { input: "conditions", values: pinetzConditions },
    output: { name: "y", meaning: "normalized-signal", offset: 0, scale: gain },
    patch: { window: cube, divisibleBy: [divisor, divisor, divisor], marginVoxels: margin, overlap: 0.25 },
    preprocessing: { percentile: 95, within: "brain" },
  };
}

/** γ·s ⊙ ŷ instead of γ·(s/σ) ⊙ ŷ. */
function asPrinted(restorer: Restorer): Restorer {
  return {
    ...restorer,
    async signal(scan, task) {
      const { grid, data } = await restorer.signal(scan, task);
      const sigma = normalizeNoise(subtract(scan.pre, scan.low), { brain: scan.brain }).sigma;
      return { grid, data: data.map((v) => v * sigma) };
    },
  };
}
