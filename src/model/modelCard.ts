import type { Vec3 } from "../core/grid.js";

/**
 * What one must know to run a network and to judge its result. Plain JSON: it lies in the model file itself (`withCard`) or beside it.
 *
 * Axes are those of a volume, i, j, k; the network's tensors are [batch, channel, k, j, i].
 */
export interface ModelCard {
  /** Version of this format. */
  readonly format: 1;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  /** For which patients, scanners and question it was made. */
  readonly intendedUse: string;
  /** Where it is known, or must be expected, to fail. */
  readonly limits: string;
  /** SPDX identifier or a sentence. */
  readonly licence: string;
  /** Image inputs. Their channels in this order are the channels of a predictor's patches. */
  readonly inputs: readonly CardInput[];
  /** The vector of conditions, where the network takes one. */
  readonly conditions?: CardConditions;
  readonly output: CardOutput;
  readonly patch: CardPatch;
  readonly preprocessing: CardPreprocessing;
  /** A known input with its known output, run when the model is loaded. */
  readonly selfTest?: SelfTest;
  /** SHA-256 of the model file without an embedded card, 64 hexadecimal digits (`modelSha256`). */
  readonly sha256?: string;
}

export interface CardInput {
  /** Name of the network's input. */
  readonly name: string;
  readonly channels: readonly CardChannel[];
}

/**
 * Quantities that gadolinite can compute for a channel, from scans prepared as `preprocessing` says. Any other name (`"flair"`) is
 * allowed, and asks the caller for a volume of that name.
 *
 * - `"pre"`, `"low"`: the scan before the agent, and at the low dose
 * - `"difference"`: low − pre
 * - `"normalized-difference"`, `"local-sd"`: `normalized` and `sd` of `normalizeNoise(low − pre)`
 * - `"asinh-difference"`, `"clamped-difference"`, `"fine-difference"`: asinh(u), u held within ±3, and u less its blur by [1 6 1]/8
 *   along each axis held within ±6, with u = (low − pre)/σ and σ its high-pass `noiseLevel`
 */
export type ChannelName =
  | "pre"
  | "low"
  | "difference"
  | "normalized-difference"
  | "local-sd"
  | "asinh-difference"
  | "clamped-difference"
  | "fine-difference";

/** The network sees (x − offset) / scale. */
export interface CardChannel {
  readonly name: ChannelName | (string & {});
  /** In the unit of the channel. Default 0. */
  readonly offset: number;
  /** In the unit of the channel, not 0. Default 1. */
  readonly scale: number;
}

export interface CardConditions {
  /** Name of the network's input, a tensor [batch, values]. */
  readonly input: string;
  /** In the order of the vector. */
  readonly values: readonly CardCondition[];
}

/** The network sees (value − offset) / scale. */
export interface CardCondition {
  /**
   * `"dose"` and `"ln-dose"`; `"noise"` (σ of `normalizeNoise`); `"ln-noise"` (ln of the high-pass `noiseLevel`), which are the scan's; `"fieldStrengthT"`,
   * `"relaxivity"`, or another, which the caller gives.
   */
  readonly name: string;
  /** Unit of the value as the caller gives it, e.g. `"T"`. */
  readonly unit: string;
  /** Default 0. */
  readonly offset: number;
  /** Not 0. Default 1. */
  readonly scale: number;
  /** Lowest and highest value seen in training; others are refused. */
  readonly range?: readonly [number, number];
  /** Used where the caller gives none. Without it the condition must be given. */
  readonly default?: number;
}

/**
 * What the output is, with x = output · scale + offset:
 *
 * - `"standard-dose"`: the scan at the standard dose
 * - `"signal"`: the contrast signal of the standard dose, to be added to `pre`
 * - `"residual"`: what the low-dose scan lacks, to be added to `low`
 * - `"normalized-signal"`: the signal in the unit of `"normalized-difference"`; times sd/σ of `normalizeNoise` it is the signal
 *   (`scale` then holds the factor γ of Pinetz et al. 2024)
 * - `"noise"`: the noise in u (see {@link ChannelName}); (u − output) · σ/dose is the signal
 */
export type OutputMeaning = "standard-dose" | "signal" | "residual" | "normalized-signal" | "noise";

export interface CardOutput {
  /** Name of the network's output, a tensor [batch, 1, k, j, i]. */
  readonly name: string;
  readonly meaning: OutputMeaning;
  /** Default 0. */
  readonly offset: number;
  /** Not 0. Default 1. */
  readonly scale: number;
}

export interface CardPatch {
  /** Voxels along i, j, k of the windows it was trained on; a 2-D network has 1 along one axis. */
  readonly window: Vec3;
  /** Each side of a window must be a multiple of these. Default [1, 1, 1]. */
  readonly divisibleBy: Vec3;
  /** Voxels at the border of a training window that its loss left out: predictions there are used only at the ends of a volume. Default 0. */
  readonly marginVoxels: number;
  /** Fraction of a window that its neighbour shares, 0 up to but not 1. Default 0.5. */
  readonly overlap: number;
}

export interface CardPreprocessing {
  /** Each scan is divided by this percentile, 0 to 100, inside `within`: there it is 1, to a few hundredths. */
  readonly percentile: number;
  readonly within: "brain" | "head";
  /** Voxel spacing it was trained on in mm, which scans must have (to 1 %); absent if it takes the scan's own. */
  readonly spacingMm?: Vec3;
}

/**
 * Input `name` (the n-th in alphabetical order, from 0) is filled with the standard normal numbers of `seed` and stream n
 * (Philox4x32-10, Box–Muller), and the output must agree within `tolerance`.
 */
export interface SelfTest {
  /** Integer of 0 or more. */
  readonly seed: number;
  /** Dimensions of each input of the network. */
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly expected: Readonly<Record<string, SelfTestOutput>>;
  /** Largest absolute difference of any number below, in the unit of the output. */
  readonly tolerance: number;
}

export interface SelfTestOutput {
  readonly dims: readonly number[];
  readonly mean: number;
  /** Root of the mean square. */
  readonly rms: number;
  /** n elements, evenly spread: element ⌊m · size / n⌋ for m = 0 … n − 1. */
  readonly values: readonly number[];
}
