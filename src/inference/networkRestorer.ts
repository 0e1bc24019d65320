import type { Session } from "../backend/backend.js";
import { GadoliniteError } from "../core/errors.js";
import type { Volume } from "../core/volume.js";
import { type NormalizedNoise, normalizeNoise } from "../enhancement/normalizeNoise.js";
import { revertSignal } from "../enhancement/revertSignal.js";
import { subtract } from "../enhancement/subtract.js";
import type { ModelCard } from "../model/modelCard.js";
import { mirrored } from "./mirrored.js";
import { predictor } from "./predictor.js";
import type { LowDoseScan, Restorer } from "./restorer.js";
import { type SlidingWindowOptions, slidingWindow } from "./slidingWindow.js";

export interface NetworkRestorerOptions
  extends Partial<Pick<SlidingWindowOptions, "window" | "overlap" | "placement" | "weighting" | "sigmaFraction" | "batch">> {
  /**
   * Conditions by name, in the card's units. Default: `dose` and `noise` (σ of the low-dose subtraction image, `normalizeNoise`) from the
   * scan where the card asks for them, else the card's own defaults.
   */
  readonly conditions?: Readonly<Record<string, number>>;
  /** Volumes for channels that aren't computed from the pair, by the card's names, on the scan's grid (`{ flair }`). */
  readonly others?: Readonly<Record<string, Volume>>;
  /** Whether to average over the 8 mirror images of each window. Default false. */
  readonly mirror?: boolean;
}

/**
 * A restorer that runs a network over the scan: channels, conditions, window, overlap and the meaning of the output are the card's.
 *
 * @param session the loaded model
 * @param card its card
 * @returns a restorer named like the card; its `signal` throws what {@link predictor} and {@link slidingWindow} throw, and `not-prepared`
 *   if the card asks for a channel that neither the pair nor `others` gives
 * @see Pinetz et al. 2024, section 3 (the order of operations; the erratum of ỹ = γ · (s/σ) ⊙ ŷ)
 * @example
 * const restored = await restoreDose(networkRestorer(session, card), { pre, low, dose: 0.1, brain });
 */
export function networkRestorer(
  session: Session,
  card: ModelCard,
  { conditions = {}, others = {}, mirror = false, ...windows }: NetworkRestorerOptions = {},
): Restorer {
  return {
    name: card.name,
    async signal(scan, task = {}) {
      const quantities = scanQuantities(scan, others);
      const network = predictor(session, card, { conditions: { ...scanConditions(card, scan, quantities), ...conditions } });
      const channels = card.inputs.flatMap((input) => input.channels.map(({ name }) => quantities.channel(name)));
      const output = await slidingWindow(channels, mirror ? mirrored(network) : network, {
        window: card.patch.window,
        overlap: card.patch.overlap,
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
}

/** What a card may ask for, each computed once and only if it is asked for. */
function scanQuantities({ pre, low, brain }: LowDoseScan, others: Readonly<Record<string, Volume>>): Quantities {
  let difference: Volume | undefined;
  let normalized: NormalizedNoise | undefined;
  const subtraction = () => (difference ??= subtract(pre, low));
  const noise = () => (normalized ??= normalizeNoise(subtraction(), { brain }));
  return {
    noise,
    channel(name) {
      if (Object.hasOwn(others, name)) return others[name]!;
      if (name === "pre") return pre;
      if (name === "low") return low;
      if (name === "difference") return subtraction();
      if (name === "normalized-difference") return noise().normalized;
      if (name === "local-sd") return noise().sd;
      throw new GadoliniteError(
        "not-prepared",
        `The model asks for the channel "${name}". Give it a volume: { others: { "${name}": … } }.`,
      );
    },
  };
}

function scanConditions({ conditions }: ModelCard, { dose }: LowDoseScan, { noise }: Quantities): Record<string, number> {
  const asked = conditions?.values.map(({ name }) => name) ?? [];
  return { ...(asked.includes("dose") && { dose }), ...(asked.includes("noise") && { noise: noise().sigma }) };
}

/** The network's output, brought to the contrast signal of the standard dose. */
function asSignal(output: Volume, { output: { meaning } }: ModelCard, { pre, low }: LowDoseScan, { noise }: Quantities): Volume {
  if (meaning === "signal") return output;
  if (meaning === "standard-dose") return subtract(pre, output);
  if (meaning === "normalized-signal") return revertSignal(output, noise());
  const signal = new Float32Array(output.data.length);
  for (let v = 0; v < signal.length; v++) signal[v] = low.data[v]! - pre.data[v]! + output.data[v]!;
  return { grid: output.grid, data: signal };
}
