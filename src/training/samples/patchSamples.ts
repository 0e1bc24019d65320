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
  /** Centres of the grid's patches that hold brain, three numbers each. */
  readonly centres: Int32Array;
  /** Voxels of lesions. */
  readonly lesionVoxels: readonly number[];
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
  const step = gridStep === undefined ? patch.map((n) => Math.max(1, n >> 1)) : [gridStep, gridStep, gridStep];
  const lesionVoxels: number[] = [];
  lesions?.data.forEach((inside, v) => {
    if (inside) lesionVoxels.push(v);
  });
  return { pair, sigma, centres: gridCentres(brain, patch, step, brainShare), lesionVoxels };
}

function gridCentres({ grid: { shape }, data }: Mask, patch: Vec3, step: readonly number[], brainShare: number): Int32Array {
  const along = (axis: number) => {
    const last = Math.max(0, shape[axis]! - patch[axis]!);
    const starts: number[] = [];
    for (let start = 0; start < last; start += step[axis]!) starts.push(start);
    return [...starts, last];
  };
  const centres: number[] = [];
  let best = { brain: -1, centre: [0, 0, 0] };
  for (const k of along(2))
    for (const j of along(1))
      for (const i of along(0)) {
        const brain = brainVoxels(data, shape, [i, j, k], patch);
        const centre = [i + (patch[0] >> 1), j + (patch[1] >> 1), k + (patch[2] >> 1)];
        if (brain >= brainShare * patch[0] * patch[1] * patch[2] && brain > 0) centres.push(...centre);
        if (brain > best.brain) best = { brain, centre };
      }
  // A small brain may fill no patch enough: then the fullest serves.
  return Int32Array.from(centres.length > 0 ? centres : best.centre);
}

function brainVoxels(brain: Uint8Array, [ni, nj, nk]: Vec3, [i0, j0, k0]: Vec3, [pi, pj, pk]: Vec3): number {
  let count = 0;
  for (let k = k0; k < Math.min(nk, k0 + pk); k++)
    for (let j = j0; j < Math.min(nj, j0 + pj); j++)
      for (let v = i0 + ni * (j + nj * k), end = v + Math.min(pi, ni - i0); v < end; v++) count += brain[v]!;
  return count;
}

function drawPatch(draws: Draws, source: Source, settings: Settings): DosePatch {
  const { patch } = settings;
  const { pre, post, content, lesions } = source.pair;
  const symmetry: Symmetry = settings.symmetries ? drawSymmetry(draws) : { axes: [0, 1, 2], flips: [false, false, false] };
  const from = sourceShape(patch, symmetry);
  const centre = drawCentre(draws, source, settings);
  const start = centre.map((c, axis) => startOf(c, from[axis]!, pre.grid.shape[axis]!)) as unknown as Vec3;
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

/** A patch of the grid, moved by up to a quarter of a patch, or one that holds a voxel of a lesion in its middle half. */
function drawCentre(draws: Draws, { centres, lesionVoxels, pair }: Source, { patch, lesionShare }: Settings): number[] {
  const [ni, nj] = pair.pre.grid.shape;
  const shift = patch.map((n) => Math.round(draws.uniform(-0.25, 0.25) * n));
  const chosen = draws.chance(lesionShare) && lesionVoxels.length > 0;
  const voxel = chosen ? lesionVoxels[draws.integer(lesionVoxels.length)]! : -1;
  const place = draws.integer(centres.length / 3);
  const at = chosen
    ? [voxel % ni, Math.floor(voxel / ni) % nj, Math.floor(voxel / (ni * nj))]
    : [centres[3 * place]!, centres[3 * place + 1]!, centres[3 * place + 2]!];
  return at.map((x, axis) => x + shift[axis]!);
}

/** Inside the volume; in the middle where it is smaller than the patch. */
function startOf(centre: number, size: number, n: number): number {
  if (n <= size) return -((size - n) >> 1);
  return Math.max(0, Math.min(n - size, centre - (size >> 1)));
}

function cutPatch<T extends Float32Array | Uint8Array>(data: T, [ni, nj, nk]: Vec3, start: Vec3, [pi, pj, pk]: Vec3): T {
  const out = new (data.constructor as { new (length: number): T })(pi * pj * pk);
  const low = Math.max(0, 0 - start[0]);
  const high = Math.min(pi, ni - start[0]);
  for (let k = 0; k < pk; k++)
    for (let j = 0; j < pj; j++) {
      const [row, slice] = [start[1] + j, start[2] + k];
      if (row < 0 || row >= nj || slice < 0 || slice >= nk) continue;
      const from = start[0] + ni * (row + nj * slice);
      out.set(data.subarray(from + low, from + high) as T & ArrayLike<number>, pi * (j + pj * k) + low);
    }
  return out;
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
