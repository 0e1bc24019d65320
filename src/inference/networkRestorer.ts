import type { Session } from "../backend/backend.js";
import { GadoliniteError } from "../core/errors.js";
import type { Vec3 } from "../core/grid.js";
import type { Volume } from "../core/volume.js";
import { noiseLevel } from "../enhancement/noiseLevel.js";
import { type NormalizedNoise, normalizeNoise } from "../enhancement/normalizeNoise.js";
import { revertSignal } from "../enhancement/revertSignal.js";
import { subtract } from "../enhancement/subtract.js";
import { checkPositive } from "../internal/check.js";
import type { ModelCard } from "../model/modelCard.js";
import { checkPrepared } from "./checkPrepared.js";
import { mirrored } from "./mirrored.js";
import { writeAsinh, writeClamped, writeFine } from "./noiseUnits.js";
import { type Predictor, predictor } from "./predictor.js";
import type { LowDoseScan, Restorer } from "./restorer.js";
import { type SlidingWindowOptions, slidingWindow } from "./slidingWindow.js";

export interface NetworkRestorerOptions
  extends Partial<
    Pick<
      SlidingWindowOptions,
      "window" | "overlap" | "marginVoxels" | "alignedTo" | "placement" | "weighting" | "sigmaFraction" | "batch"
    >
  > {
  /**
   * Conditions by name, in the card's units. Default: `dose`, `ln-dose`, `noise` (σ of the low-dose subtraction image, `normalizeNoise`) and
   * `ln-noise` (its high-pass level) from the scan where the card asks for them, else the card's own defaults.
   */
  readonly conditions?: Readonly<Record<string, number>>;
  /** Volumes for channels that aren't computed from the pair, by the card's names, on the scan's grid (`{ flair }`). */
  readonly others?: Readonly<Record<string, Volume>>;
  /**
   * High-pass noise level of low − pre, for a network that works in units of it. Default: `noiseLevel` in the brain, `"highpass-mad"`.
   */
  readonly sigma?: number;
  /**
   * How many times the noise there is such a network is told of, positive. Above 1 it takes away more and makes up less, and {@link sureRefined} gives back
   * what was too much. Default 1.
   */
  readonly noiseFactor?: number;
  /** Whether to average over the 8 mirror images of each window. Default false. */
  readonly mirror?: boolean;
}

/**
 * A restorer that runs a network over the scan: channels, conditions, window, overlap, margins and the meaning of the output are the card's.
 *
 * @param session the loaded model
 * @param card its card
 * @returns a restorer named like the card; its `signal` throws what {@link predictor} and {@link slidingWindow} throw, and `not-prepared`
 *   if the scan isn't on the voxel spacing or intensity scale that the card demands, or the card asks for a channel that neither the pair nor
 *   `others` gives; `out-of-range` if a network works in units of noise and there is none. Such a network isn't run on windows where low and pre
 *   are the same: nothing is to be restored there
 * @see Pinetz et al. 2024, section 3 (the order of operations; the erratum of ỹ = γ · (s/σ) ⊙ ŷ)
 * @example
 * const restored = await restoreDose(networkRestorer(session, card), { pre, low, dose: 0.1, brain });
 */
export function networkRestorer(
  session: Session,
  card: ModelCard,
  { conditions = {}, others = {}, sigma, noiseFactor = 1, mirror = false, ...windows }: NetworkRestorerOptions = {},
): Restorer {
  if (sigma !== undefined) checkPositive("sigma", sigma);
  checkPositive("noiseFactor", noiseFactor);
  return {
    name: card.name,
    async signal(scan, task = {}) {
      checkPrepared(card, scan);
      const quantities = scanQuantities(scan, others, sigma, noiseFactor);
      const network = predictor(session, card, { conditions: { ...scanConditions(card, scan, quantities), ...conditions } });
      const names = card.inputs.flatMap((input) => input.channels.map(({ name }) => name));
      const channels = names.map((name) => quantities.channel(name));
      const restorer = mirror ? mirrored(network) : network;
      const output = await slidingWindow(channels, card.output.meaning === "noise" ? whereChanged(restorer, names) : restorer, {
        window: card.patch.window,
        overlap: card.patch.overlap,
        marginVoxels: card.patch.marginVoxels,
        ...windows,
        ...task,
      });
      return asSignal(output, card, scan, quantities);
    },
  };
}

interface Quantities {
  channel(name: string): Volume;
  noise(): NormalizedNoise;
  /** u = (low − pre)/σ, and σ. */
  units(): { readonly u: Float32Array; readonly sigma: number };
}

const UNIT_CHANNELS: Readonly<Record<string, (to: Float32Array, u: Float32Array, shape: Vec3) => void>> = {
  "asinh-difference": writeAsinh,
  "clamped-difference": writeClamped,
  "fine-difference": writeFine,
};

/** What a card may ask for, each computed once and only if it is asked for. */
function scanQuantities(
  { pre, low, brain }: LowDoseScan,
  others: Readonly<Record<string, Volume>>,
  given: number | undefined,
  noiseFactor: number,
): Quantities {
  let difference: Volume | undefined;
  let normalized: NormalizedNoise | undefined;
  const subtraction = () => (difference ??= subtract(pre, low));
  const noise = () => (normalized ??= normalizeNoise(subtraction(), { brain }));
  let scaled: ReturnType<Quantities["units"]> | undefined;
  const units = () =>
    (scaled ??= unitsOf(subtraction(), noiseFactor * (given ?? noiseLevel(subtraction(), { brain, estimator: "highpass-mad" }))));
  return {
    noise,
    units,
    channel(name) {
      if (Object.hasOwn(others, name)) return others[name]!;
      if (name === "pre") return pre;
      if (name === "low") return low;
      if (name === "difference") return subtraction();
      if (name === "normalized-difference") return noise().normalized;
      if (name === "local-sd") return noise().sd;
      const write = Object.hasOwn(UNIT_CHANNELS, name) ? UNIT_CHANNELS[name] : undefined;
      if (write) {
        const data = new Float32Array(pre.data.length);
        write(data, units().u, pre.grid.shape);
        return { grid: pre.grid, data };
      }
      throw new GadoliniteError(
        "not-prepared",
        `The model asks for the channel "${name}". Give it a volume: { others: { "${name}": … } }.`,
      );
    },
  };
}

function unitsOf({ data }: Volume, sigma: number): ReturnType<Quantities["units"]> {
  if (!(sigma > 0))
    throw new GadoliniteError(
      "out-of-range",
      `The noise level of low − pre is ${sigma}, but the model works in units of it. Give it, if it is known: { sigma: … }.`,
    );
  const u = new Float32Array(data.length);
  for (let v = 0; v < u.length; v++) u[v] = data[v]! / sigma;
  return { u, sigma };
}

function scanConditions({ conditions }: ModelCard, { dose }: LowDoseScan, { noise, units }: Quantities): Record<string, number> {
  const known: Readonly<Record<string, () => number>> = {
    dose: () => dose,
    "ln-dose": () => Math.log(dose),
    noise: () => noise().sigma,
    "ln-noise": () => Math.log(units().sigma),
  };
  const asked = (conditions?.values ?? []).filter(({ name }) => Object.hasOwn(known, name));
  return Object.fromEntries(asked.map(({ name }) => [name, known[name]!()]));
}

/** Gives 0 for windows in which u is 0 everywhere, as about a stripped head, without running the network. */
function whereChanged(network: Predictor, names: readonly string[]): Predictor {
  const channel = names.findIndex((name) => Object.hasOwn(UNIT_CHANNELS, name));
  return async (patches, signal) => {
    const [n, channels, ...window] = patches.dims as [number, number, ...number[]];
    const size = window.reduce((product, d) => product * d, 1);
    for (let m = 0; m < n; m++) {
      const start = (m * channels + channel) * size;
      if (channel < 0 || patches.data.subarray(start, start + size).some((v) => v !== 0)) return network(patches, signal);
    }
    return { dims: [n, 1, ...window], data: new Float32Array(n * size) };
  };
}

/** The network's output, brought to the contrast signal of the standard dose. */
function asSignal(
  output: Volume,
  { output: { meaning } }: ModelCard,
  { pre, low, dose }: LowDoseScan,
  { noise, units }: Quantities,
): Volume {
  if (meaning === "signal") return output;
  if (meaning === "standard-dose") return subtract(pre, output);
  if (meaning === "normalized-signal") return revertSignal(output, noise());
  const signal = new Float32Array(output.data.length);
  if (meaning === "noise") {
    const { u, sigma } = units();
    // Where nothing at all has changed (the empty ground of a stripped scan) there is no signal.
    for (let v = 0; v < signal.length; v++) signal[v] = u[v] === 0 ? 0 : ((u[v]! - output.data[v]!) * sigma) / dose;
    return { grid: output.grid, data: signal };
  }
  for (let v = 0; v < signal.length; v++) signal[v] = low.data[v]! - pre.data[v]! + output.data[v]!;
  return { grid: output.grid, data: signal };
}
