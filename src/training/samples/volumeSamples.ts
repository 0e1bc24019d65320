import type { Tensor, Tensors } from "../../backend/backend.js";
import { GadoliniteError } from "../../core/errors.js";
import type { Vec3 } from "../../core/grid.js";
import type { Mask, Volume } from "../../core/volume.js";
import {
  checkFiniteNumber,
  checkFiniteVoxels,
  checkFraction,
  checkMask,
  checkNonNegativeInteger,
  checkOneOf,
  checkPositiveInteger,
  checkSameGrid,
} from "../../internal/check.js";
import { createDraws, type Draws } from "../procedural/draws.js";
import { cutPatch, drawStart, type PatchPlaces, patchPlaces } from "./patchPlaces.js";
import type { Samples } from "./restorationSamples.js";
import { sampleSeed } from "./sampleSeed.js";
import { drawSymmetry, type Symmetry, sourceShape, turnVoxels } from "./symmetry.js";

/** Whole volumes of one scan that a network learns from, all on one grid and scaled as the network wants them. */
export interface VolumeSample {
  /** The channels of the input `x`, in their order. */
  readonly channels: readonly Volume[];
  /** One channel each for further inputs of the training's graph: `target`, and what weighs the loss. */
  readonly truths: Readonly<Record<string, Volume>>;
  /** The vector for the input `conditions`, scaled as the network wants it. */
  readonly conditions?: readonly number[];
  readonly brain: Mask;
  readonly lesions?: Mask;
}

export interface VolumeSamplesOptions {
  /** Integer from 0 to 2⁵³ − 1. */
  readonly seed: number;
  /** Voxels along i, j, k; one along k, together with `flat`, for a network of slices. Default [96, 96, 96] (Pinetz et al. 2024). */
  readonly patch?: Vec3;
  /** Samples a step. Default 4. */
  readonly batch?: number;
  /** Whether patches are slices, and tensors [batch, channel, j, i]. Default false: [batch, channel, k, j, i]. */
  readonly flat?: boolean;
  /** Neighbouring slices of each channel, an odd number: the channels of `x` are then all slices of the first volume, of the next … Only if flat. Default 1. */
  readonly slices?: number;
  /** How patches are turned: in all 48 ways, by mirroring alone (8), or not at all. Default `"all"`. */
  readonly symmetries?: "all" | "flips" | "none";
  /** Voxels between the patches of the grid that samples are drawn from. Default half a patch (Pinetz et al. 2024: 48 of 96). */
  readonly gridStep?: number;
  /** Least part of a grid patch that is brain. Default 0.1. */
  readonly brainShare?: number;
  /** Part of the samples that are centred near a voxel of a lesion, where there are lesions. Default 0.1 (Pinetz et al. 2024). */
  readonly lesionShare?: number;
  /** Intensity outside of the volumes. Default 0. */
  readonly padValue?: number;
}

/**
 * Training samples cut out of whole volumes, whatever these are: `x`, `conditions` where there are any, and each truth by its name.
 *
 * Each sample draws a scan, then one of its grid patches (or one about a lesion) and a symmetry. A step's samples depend on the seed and its number alone.
 * What must be computed of whole volumes, as noise levels and local means are, is done before. All volumes stay in memory.
 *
 * @param scans each with as many channels, the same truths and as many conditions
 * @throws `grid-mismatch`, `empty-mask`; `out-of-range` for no scan, scans that differ in what they have, NaN or infinite voxels, options out of range
 * @see Pinetz et al. 2024, section 4, and their public configuration (patches, symmetries, share of lesions); Pasumarthi et al. 2021 (slices)
 * @example
 * const samples = volumeSamples([{ channels: [pre, low], truths: { target: post }, brain }], { seed: 1, patch: [64, 64, 1], flat: true });
 */
export function volumeSamples(scans: readonly VolumeSample[], options: VolumeSamplesOptions): Samples {
  const settings = withDefaults(options);
  checkScans(scans);
  const { seed, batch, patch } = settings;
  const places = scans.map(({ brain, lesions }) => patchPlaces(brain, lesions, settings));
  const size = patch[0] * patch[1] * patch[2];
  const space = settings.flat ? [patch[1], patch[0]] : [patch[2], patch[1], patch[0]];
  const first = scans[0]!;
  return (step) => {
    checkNonNegativeInteger("step", step);
    const tensor = (channels: number): Tensor => ({
      dims: [batch, channels, ...space],
      data: new Float32Array(batch * channels * size),
    });
    const x = tensor(first.channels.length * settings.slices);
    const truths = Object.fromEntries(Object.keys(first.truths).map((name) => [name, tensor(1)]));
    const told = first.conditions?.length ?? 0;
    const conditions = new Float32Array(batch * told);
    for (let n = 0; n < batch; n++) {
      const draws = createDraws(sampleSeed(seed, step * batch + n, 3));
      const which = draws.integer(scans.length);
      const scan = scans[which]!;
      const cut = cutter(draws, places[which]!, settings);
      const length = x.data.length / batch;
      scan.channels.forEach((volume, c) =>
        x.data.set(cut(volume.data, settings.slices), n * length + c * settings.slices * size),
      );
      for (const [name, volume] of Object.entries(scan.truths)) truths[name]!.data.set(cut(volume.data, 1), n * size);
      conditions.set(scan.conditions ?? [], n * told);
    }
    const tensors: Tensors = { x, ...truths, ...(told > 0 && { conditions: { dims: [batch, told], data: conditions } }) };
    return tensors;
  };
}

type Settings = Required<Omit<VolumeSamplesOptions, "gridStep">> & Pick<VolumeSamplesOptions, "gridStep">;

function withDefaults({
  seed,
  patch = [96, 96, 96],
  batch = 4,
  flat = false,
  slices = 1,
  symmetries = "all",
  gridStep,
  brainShare = 0.1,
  lesionShare = 0.1,
  padValue = 0,
}: VolumeSamplesOptions): Settings {
  patch.forEach((n, axis) => checkPositiveInteger(`patch[${axis}]`, n));
  for (const [name, value] of Object.entries({ batch, slices, gridStep: gridStep ?? 1 })) checkPositiveInteger(name, value);
  checkOneOf("symmetries", symmetries, ["all", "flips", "none"]);
  checkFraction("brainShare", brainShare);
  checkFraction("lesionShare", lesionShare);
  checkFiniteNumber("padValue", padValue);
  if (flat && patch[2] !== 1)
    throw new GadoliniteError("out-of-range", `Slices have one voxel along k, but the patch is [${patch}].`);
  if (slices % 2 === 0 || (slices > 1 && !flat))
    throw new GadoliniteError(
      "out-of-range",
      `slices must be an odd number, and more than 1 only with flat: true, but is ${slices}.`,
    );
  const drawn = { symmetries, brainShare, lesionShare, padValue };
  return { seed, patch, batch, flat, slices, ...drawn, ...(gridStep !== undefined && { gridStep }) };
}

function checkScans(scans: readonly VolumeSample[]): void {
  const [first] = scans;
  if (!first) throw new GadoliniteError("out-of-range", "Give at least one scan.");
  const has = ({ channels, truths, conditions }: VolumeSample) =>
    `${channels.length} channels, ${Object.keys(truths).join(" ")} and ${conditions?.length ?? 0} conditions`;
  for (const scan of scans) {
    if (has(scan) !== has(first))
      throw new GadoliniteError("out-of-range", `Scans must be alike, but one has ${has(scan)}, the first ${has(first)}.`);
    const volumes = [...scan.channels, ...Object.values(scan.truths)];
    checkMask("The brain mask", scan.brain, volumes[0]?.grid ?? scan.brain.grid);
    checkSameGrid(scan.brain.grid, ...volumes.map(({ grid }) => grid), ...(scan.lesions ? [scan.lesions.grid] : []));
    for (const { data } of volumes) checkFiniteVoxels("A volume", data);
  }
}

/** Cuts the same patch out of any volume of a scan: so many slices about its own, where they are asked for. */
function cutter(draws: Draws, places: PatchPlaces, settings: Settings) {
  const { patch, slices: most, padValue } = settings;
  const symmetry = drawn(draws, settings);
  const wide: Vec3 = [patch[0], patch[1], Math.max(patch[2], most)];
  const from = sourceShape(wide, symmetry);
  const start = drawStart(draws, places, from, settings);
  return (data: Float32Array, slices: number): Float32Array => {
    const cut = turnVoxels(cutPatch(data, places.shape, start, from, padValue), wide, symmetry);
    if (slices === most) return cut;
    const slice = patch[0] * patch[1];
    return cut.subarray((most >> 1) * slice, ((most >> 1) + 1) * slice);
  };
}

function drawn(draws: Draws, { symmetries }: Settings): Symmetry {
  const symmetry = drawSymmetry(draws);
  if (symmetries === "all") return symmetry;
  return { axes: [0, 1, 2], flips: symmetries === "flips" ? symmetry.flips : [false, false, false] };
}
