import { GadoliniteError } from "../core/errors.js";
import type { TaskOptions } from "../core/progress.js";
import type { Volume } from "../core/volume.js";
import { checkPrepared } from "../inference/checkPrepared.js";
import { FINE_KERNEL } from "../inference/noiseUnits.js";
import type { LowDoseScan } from "../inference/restorer.js";
import { checkSameGrid, checkWithin } from "../internal/check.js";
import type { ModelCard } from "../model/modelCard.js";
import { separable } from "./gaussian.js";
import type { GpuSession } from "./gpuSession.js";
import { dispose, download, type GpuMask, type GpuVolume, upload, uploadMask } from "./gpuVolume.js";
import { noiseLevel } from "./noiseLevel.js";
import { type GpuNormalizedNoise, normalizeNoise } from "./normalizeNoise.js";
import { predictor } from "./predictor.js";
import { revertSignal } from "./revertSignal.js";
import { type GpuSlidingWindowOptions, slidingWindow } from "./slidingWindow.js";
import { subtract } from "./subtract.js";
import { synthesize } from "./synthesize.js";
import { mapVoxels, voxelwise } from "./voxelwise.js";

export interface RestoreDoseOptions
  extends TaskOptions,
    Partial<
      Pick<
        GpuSlidingWindowOptions,
        "window" | "overlap" | "marginVoxels" | "alignedTo" | "placement" | "weighting" | "sigmaFraction"
      >
    > {
  /** Conditions by name, in the card's units. Default: from the scan, as `networkRestorer` takes them, else the card's own. */
  readonly conditions?: Readonly<Record<string, number>>;
  /** Volumes for channels that aren't computed from the pair, by the card's names, on the scan's grid. */
  readonly others?: Readonly<Record<string, Volume>>;
}

/**
 * Restores a low-dose scan with a network, on the GPU: x̂ = pre + ŷ, as `restoreDose(networkRestorer(session, card), scan)` of
 * `gadolinite/inference`. The two scans (and the brain's mask, and `others`) are uploaded, the restored one is downloaded; what lies between, the
 * network's patches included, stays on the device.
 *
 * @returns the scan as at the standard dose, on its grid
 * @throws what `networkRestorer` throws, and {@link slidingWindow}; `unsupported` if the GPU's memory doesn't suffice; `aborted`
 * @see Pinetz et al. 2024, section 3
 * @example
 * const session = await loadOnGpu(model);
 * const restored = await restoreDose(session, model.card, { pre, low, dose: 0.1, brain });
 */
export async function restoreDose(
  session: GpuSession,
  card: ModelCard,
  scan: LowDoseScan,
  { conditions = {}, others = {}, ...windows }: RestoreDoseOptions = {},
): Promise<Volume> {
  checkWithin("dose", scan.dose, Number.MIN_VALUE, 1);
  checkSameGrid(scan.pre.grid, scan.low.grid, scan.brain.grid);
  checkPrepared(card, scan);
  const quantities = gpuQuantities(session, scan, others);
  try {
    const known = await scanConditions(card, scan.dose, quantities);
    const network = predictor(session, card, { conditions: { ...known, ...conditions } });
    const channels: GpuVolume[] = [];
    for (const { name } of card.inputs.flatMap((input) => input.channels)) channels.push(await quantities.channel(name));
    const { window, overlap, marginVoxels } = card.patch;
    const output = quantities.held(await slidingWindow(channels, network, { window, overlap, marginVoxels, ...windows }));
    const restored = quantities.held(synthesize(quantities.pre, await asSignal(output, card, scan.dose, quantities)));
    return await download(restored);
  } finally {
    quantities.dispose();
  }
}

interface Quantities {
  readonly pre: GpuVolume;
  readonly low: GpuVolume;
  /** Notes a volume, so that it is disposed of in the end. */
  held<T extends GpuVolume | GpuMask>(volume: T): T;
  difference(): GpuVolume;
  noise(): Promise<GpuNormalizedNoise>;
  /** σ: high-pass noise level of low − pre. */
  sigma(): Promise<number>;
  channel(name: string): Promise<GpuVolume>;
  dispose(): void;
}

const inUnits = { params: { sigma: "f32" } } as const;

const UNIT_CHANNELS = new Map([
  [
    "asinh-difference",
    voxelwise("asinhDifference", ["z"], "sign(z) * log(abs(z) / p.sigma + sqrt(z * z / (p.sigma * p.sigma) + 1.0))", inUnits),
  ],
  ["clamped-difference", voxelwise("clampedDifference", ["z"], "clamp(z / p.sigma, -3.0, 3.0)", inUnits)],
]);

const fineDifference = voxelwise("fineDifference", ["z", "blurred"], "clamp((z - blurred) / p.sigma, -6.0, 6.0)", inUnits);
const FINE_PLAN = { halvings: 0, half: FINE_KERNEL };

/** What a card may ask for, each computed once and only if it is asked for. */
function gpuQuantities({ device }: GpuSession, scan: LowDoseScan, others: Readonly<Record<string, Volume>>): Quantities {
  const all: (GpuVolume | GpuMask)[] = [];
  const held = <T extends GpuVolume | GpuMask>(volume: T): T => {
    all.push(volume);
    return volume;
  };
  const once = <T>(make: () => T) => {
    let made: T | undefined;
    return () => (made ??= make());
  };
  const pre = held(upload(device, scan.pre));
  const low = held(upload(device, scan.low));
  const brain = held(uploadMask(device, scan.brain));
  const difference = once(() => held(subtract(pre, low)));
  const noise = once(async () => {
    const found = await normalizeNoise(difference(), { brain });
    [found.normalized, found.mean, found.sd].forEach(held);
    return found;
  });
  const sigma = once(async () => checkedSigma(await noiseLevel(difference(), { brain, estimator: "highpass-mad" })));
  return {
    ...{ pre, low, held, difference, noise, sigma },
    async channel(name) {
      if (Object.hasOwn(others, name)) return held(upload(device, others[name]!));
      if (name === "pre") return pre;
      if (name === "low") return low;
      if (name === "difference") return difference();
      if (name === "normalized-difference") return (await noise()).normalized;
      if (name === "local-sd") return (await noise()).sd;
      if (name === "fine-difference") {
        const blurred = held(separable(difference(), [FINE_PLAN, FINE_PLAN, FINE_PLAN], "replicate"));
        return held(mapVoxels(fineDifference, [difference(), blurred], { sigma: await sigma() }));
      }
      const kernel = UNIT_CHANNELS.get(name);
      if (kernel) return held(mapVoxels(kernel, [difference()], { sigma: await sigma() }));
      throw new GadoliniteError(
        "not-prepared",
        `The model asks for the channel "${name}". Give it a volume: { others: { "${name}": … } }.`,
      );
    },
    dispose: () => dispose(...all),
  };
}

function checkedSigma(sigma: number): number {
  if (!(sigma > 0))
    throw new GadoliniteError("out-of-range", `The noise level of low − pre is ${sigma}, but the model works in units of it.`);
  return sigma;
}

async function scanConditions({ conditions }: ModelCard, dose: number, { noise, sigma }: Quantities) {
  const known = new Map<string, () => number | Promise<number>>([
    ["dose", () => dose],
    ["ln-dose", () => Math.log(dose)],
    ["noise", async () => (await noise()).sigma],
    ["ln-noise", async () => Math.log(await sigma())],
  ]);
  const found: Record<string, number> = {};
  for (const { name } of conditions?.values ?? []) {
    const value = known.get(name);
    if (value) found[name] = await value();
  }
  return found;
}

// Where nothing at all has changed (the empty ground of a stripped scan) there is no signal.
const withoutNoise = voxelwise("withoutNoise", ["z", "noise"], "select((z - p.sigma * noise) / p.dose, 0.0, z == 0.0)", {
  params: { sigma: "f32", dose: "f32" },
});

/** The network's output, brought to the contrast signal of the standard dose. */
async function asSignal(
  output: GpuVolume,
  { output: { meaning } }: ModelCard,
  dose: number,
  { pre, held, difference, noise, sigma }: Quantities,
): Promise<GpuVolume> {
  if (meaning === "signal") return output;
  if (meaning === "standard-dose") return held(subtract(pre, output));
  if (meaning === "normalized-signal") return held(revertSignal(output, await noise()));
  if (meaning === "noise") return held(mapVoxels(withoutNoise, [difference(), output], { sigma: await sigma(), dose }));
  return held(synthesize(difference(), output));
}
