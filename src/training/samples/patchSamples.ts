import { GadoliniteError } from "../../core/errors.js";
import type { Vec3 } from "../../core/grid.js";
import type { Acquisition, Injection } from "../../core/study.js";
import type { Mask, Volume } from "../../core/volume.js";
import { relaxivity } from "../../dose/relaxivity.js";
import { noiseLevel } from "../../enhancement/noiseLevel.js";
import { subtract } from "../../enhancement/subtract.js";
import {
  checkFiniteVoxels,
  checkFraction,
  checkMask,
  checkNonNegative,
  checkNonNegativeInteger,
  checkPositiveInteger,
  checkSameGrid,
} from "../../internal/check.js";
import type { CardCondition } from "../../model/modelCard.js";
import { noiseUnitConditions } from "../../model/noiseUnitsCard.js";
import { createDraws, type Draws } from "../procedural/draws.js";
import { checkDoseRange, createBatch, type DosePatch, estimateOf, writeDosePatch } from "./doseBatch.js";
import { cutPatch, drawStart, type PatchPlaces, patchPlaces } from "./patchPlaces.js";
import type { Samples } from "./restorationSamples.js";
import { sampleSeed } from "./sampleSeed.js";
import { drawSymmetry, type Symmetry, sourceShape, turnVoxels } from "./symmetry.js";

/** A pair of scans to learn from: one grid, one intensity scale (the brain's 95th percentile before the agent is 1). */
export interface TrainingPair {
  readonly pre: Volume;
  /** At the standard dose, calibrated to `pre`. */
  readonly post: Volume;
  readonly brain: Mask;
  /** Where there is signal. Default: where either scan is not 0. */
  readonly content?: Mask;
  readonly lesions?: Mask;
  /** Noise level of the subtraction image. Default: the high-pass estimate in the brain. */
  readonly sigma?: number;
  /** Field strength, if the network is to be told. */
  readonly acquisition?: Acquisition;
  /** Agent, if the network is to be told its relaxivity. */
  readonly injection?: Injection;
}

export interface PatchSamplesOptions {
  /** Integer from 0 to 2⁵³ − 1. */
  readonly seed: number;
  /** Voxels along i, j, k. Default [40, 40, 40]. */
  readonly patch?: Vec3;
  /** Samples a step. Default 4. */
  readonly batch?: number;
  /** Voxels between the patches of the grid that samples are drawn from. Default half a patch (Pinetz et al. 2024: 48 of 96). */
  readonly gridStep?: number;
  /** Least part of a grid patch that is brain. Default 0.1. */
  readonly brainShare?: number;
  /** Part of the samples that are centred near a voxel of a lesion, where there are lesions. Default 0.1 (Pinetz et al. 2024). */
  readonly lesionShare?: number;
  /** Range of the dose, log-uniform. Default [0.05, 0.95]. */
  readonly dose?: readonly [low: number, high: number];
  /** Standard deviation of the factor on all intensities, which half of the samples get. Default 0.05 (Pinetz et al. 2024). */
  readonly intensitySd?: number;
  /** Noise that is added to the standard dose, up to so many σ. Default 0. */
  readonly extraNoise?: number;
  /** Standard deviation of ln(σ told / σ), beside the systematic excess of the estimate (`estimateOf`); 0: the true σ is told. Default 0.05. */
  readonly sigmaError?: number;
  /** Whether to turn and mirror the patches, in 48 ways. Default true. */
  readonly symmetries?: boolean;
  /** Added to the weight in lesions. Default 0. */
  readonly enhancementWeight?: number;
  /**
   * What the network is told, as in its card. Known are `dose`, `ln-dose`, `noise`, `ln-noise`, and `fieldStrengthT` and `relaxivity`: the pair's own, else
   * drawn from those below. Default {@link noiseUnitConditions}.
   */
  readonly conditions?: readonly CardCondition[];
  /** For pairs whose field strength is not known. Default 1.5 and 3 T. */
  readonly fieldStrengths?: readonly number[];
  /** For pairs whose agent is not known. Default gadobutrol, gadoterate, gadoteridol. */
  readonly agents?: readonly string[];
}

/**
 * Training samples from patches of real pairs, of the same tensors as `restorationSamples`: `x`, `conditions`, `target`, `weight`.
 *
 * Each sample draws a pair, then one of its grid patches (or one about a lesion), a symmetry, an intensity scale, a dose and noise. A volume smaller than
 * the patch is continued by zeros, which do not count.
 *
 * @throws `grid-mismatch`, `empty-mask`; `out-of-range` for no pair, NaN or infinite voxels, a pair without noise, options out of range; the samples
 *   throw it for a step that is no integer of 0 or more
 * @see Pinetz et al. 2024, section 3.3 (patches, augmentation), and their public configuration
 * @example
 * const samples = patchSamples(studies.map((study) => prepareStudy(study)), { seed: 1 });
 */
export function patchSamples(pairs: readonly TrainingPair[], options: PatchSamplesOptions): Samples {
  const settings = withDefaults(options);
  const sources = pairs.map((pair) => sourceOf(pair, settings));
  if (sources.length === 0) throw new GadoliniteError("out-of-range", "Give at least one pair of scans.");
  const { seed, patch, batch, conditions } = settings;
  return (step) => {
    checkNonNegativeInteger("step", step);
    const tensors = createBatch(batch, patch, conditions.length);
    for (let n = 0; n < batch; n++) {
      const draws = createDraws(sampleSeed(seed, step * batch + n, 2));
      const source = sources[draws.integer(sources.length)]!;
      writeDosePatch(tensors, n, conditions, drawPatch(draws, source, settings));
    }
    return tensors;
  };
}

type Settings = Required<Omit<PatchSamplesOptions, "gridStep">> & Pick<PatchSamplesOptions, "gridStep">;

function withDefaults({
  seed,
  patch = [40, 40, 40],
  batch = 4,
  gridStep,
  brainShare = 0.1,
  lesionShare = 0.1,
  dose = [0.05, 0.95],
  intensitySd = 0.05,
  extraNoise = 0,
  sigmaError = 0.05,
  symmetries = true,
  enhancementWeight = 0,
  conditions = noiseUnitConditions,
  fieldStrengths = [1.5, 3],
  agents = ["gadobutrol", "gadoterate", "gadoteridol"],
}: PatchSamplesOptions): Settings {
  checkPositiveInteger("batch", batch);
  patch.forEach((n, axis) => checkPositiveInteger(`patch[${axis}]`, n));
  if (gridStep !== undefined) checkPositiveInteger("gridStep", gridStep);
  checkFraction("brainShare", brainShare);
  checkFraction("lesionShare", lesionShare);
  checkDoseRange(dose);
  for (const [name, value] of Object.entries({ intensitySd, extraNoise, sigmaError, enhancementWeight }))
    checkNonNegative(name, value);
  const drawn = { dose, intensitySd, extraNoise, sigmaError, symmetries, enhancementWeight, conditions, fieldStrengths, agents };
  return { seed, patch, batch, brainShare, lesionShare, ...drawn, ...(gridStep !== undefined && { gridStep }) };
}

interface Source {
  readonly pair: TrainingPair;
  readonly sigma: number;
  readonly places: PatchPlaces;
}

function sourceOf(pair: TrainingPair, { patch, gridStep, brainShare }: Settings): Source {
  const { pre, post, brain, content, lesions } = pair;
  checkSameGrid(pre.grid, post.grid);
  checkMask("The brain mask", brain, pre.grid);
  if (content) checkMask("The content mask", content, pre.grid);
  if (lesions) checkMask("The lesion mask", lesions, pre.grid);
  checkFiniteVoxels("The pre-contrast scan", pre.data);
  checkFiniteVoxels("The post-contrast scan", post.data);
  const sigma = pair.sigma ?? noiseLevel(subtract(pre, post), { brain, estimator: "highpass-mad" });
  if (!(sigma > 0 && sigma < Infinity))
    throw new GadoliniteError(
      "out-of-range",
      `The noise level of a pair must be positive, but is ${sigma}. Is one scan a copy of the other?`,
    );
  return { pair, sigma, places: patchPlaces(brain, lesions, { patch, brainShare, ...(gridStep !== undefined && { gridStep }) }) };
}

function drawPatch(draws: Draws, source: Source, settings: Settings): DosePatch {
  const { patch } = settings;
  const { pre, post, content, lesions } = source.pair;
  const symmetry: Symmetry = settings.symmetries ? drawSymmetry(draws) : { axes: [0, 1, 2], flips: [false, false, false] };
  const from = sourceShape(patch, symmetry);
  const start = drawStart(draws, source.places, from, settings);
  const cut = <T extends Float32Array | Uint8Array>(data: T) =>
    turnVoxels(cutPatch(data, pre.grid.shape, start, from), patch, symmetry);

  const scale = draws.chance(0.5) ? Math.max(0.5, 1 + settings.intensitySd * draws.normal()) : 1;
  const [a, b] = [cut(pre.data), cut(post.data)];
  const inside = content ? cut(content.data) : Uint8Array.from(a, (value, v) => (value !== 0 || b[v] !== 0 ? 1 : 0));
  for (let v = 0; v < a.length; v++) {
    a[v]! *= scale;
    b[v]! *= scale;
  }
  let sigma = source.sigma * scale;
  const extra = settings.extraNoise * draws.uniform();
  if (extra > 0) {
    const more = draws.normals(b.length);
    for (let v = 0; v < b.length; v++) if (inside[v]) b[v]! += extra * sigma * more[v]!;
    sigma *= Math.sqrt(1 + extra * extra);
  }
  const dose = draws.logUniform(...settings.dose);
  return {
    pre: a,
    post: b,
    content: inside,
    ...(lesions && { uptake: Float32Array.from(cut(lesions.data)) }),
    sigma,
    estimatedSigma: estimateOf(draws, sigma, dose, settings.sigmaError),
    dose,
    noise: draws.normals(a.length),
    enhancementWeight: settings.enhancementWeight,
    quantities: drawQuantities(draws, source.pair, settings),
  };
}

function drawQuantities(
  draws: Draws,
  { acquisition, injection }: TrainingPair,
  { fieldStrengths, agents, conditions }: Settings,
): Record<string, number> {
  const field = acquisition?.fieldStrengthT ?? fieldStrengths[draws.integer(fieldStrengths.length)];
  const agent = injection?.agent ?? agents[draws.integer(agents.length)];
  const told = conditions.some(({ name }) => name === "relaxivity") && field !== undefined && agent !== undefined;
  return {
    ...(field !== undefined && { fieldStrengthT: field }),
    ...(told && { relaxivity: relaxivity(agent, field).r1LPerMmolS }),
  };
}
