import { GadoliniteError, isGadoliniteError } from "../core/errors.js";
import { type Grid, type Vec3, voxelCount } from "../core/grid.js";
import { checkOneOf, checkPositive, checkPositiveInteger } from "../internal/check.js";
import { decodeGraph } from "../model/graph/decode.js";
import type { Graph } from "../model/graph/graph.js";
import { peakActivationBytes, valuesAt, weightBytes } from "../model/graph/peakBytes.js";
import type { Model } from "../model/model.js";
import type { ModelCard } from "../model/modelCard.js";
import { type WindowPlanOptions, wholeWindow, windowPlan } from "./windowPlan.js";

export interface PlanInferenceOptions extends Partial<Pick<WindowPlanOptions, "overlap" | "placement">> {
  /** Memory that the network and the sums of the windows may take together, in bytes; positive. */
  readonly maxBytes: number;
  /**
   * `"largest"`: the whole volume if it fits, otherwise the largest window that does. `"trained"`: the window of the card, for networks that
   * compute something else on another. Default `"largest"`.
   */
  readonly prefer?: "largest" | "trained";
  /** Most windows at a time, 1 or more. Default 4; windows grow before their number does. */
  readonly maxBatch?: number;
}

/** Goes into {@link slidingWindow} as its options. */
export interface InferencePlan {
  /** Voxels of a window along i, j, k. */
  readonly window: Vec3;
  readonly overlap: number;
  /** The card's: what the network gives there is not used. */
  readonly marginVoxels: number;
  /** The card's `divisibleBy`: windows see the cells that one window over the whole volume would. */
  readonly alignedTo: Vec3;
  /** Windows that the network gets at a time. */
  readonly batch: number;
  /** Number of windows that cover the volume; 1 if it is taken whole. */
  readonly windows: number;
  readonly predictedBytes: {
    /** Weights, and what lies between the layers at its peak, as ONNX Runtime holds them on the CPU. */
    readonly network: number;
    /** The windows that are handed over. */
    readonly patches: number;
    /** Sums and result of {@link slidingWindow}: 8 + 4 bytes a voxel and output channel. */
    readonly sums: number;
    readonly total: number;
  };
  /** Why this window and batch, in a sentence or two. */
  readonly why: string;
}

// Measured growth of the process over what the shape rules give, for networks of 1 to 16 features and windows of 16³ to 96³, was 1.13 to 1.72:
// the runtime's allocator keeps what doesn't fit what comes next. Weights are held as the file's bytes and as tensors.
const SLACK = 2;

/**
 * Chooses window and batch for a scan so that a network fits into memory: the whole volume, rounded up to what the network can divide, if its
 * predicted bytes are within `maxBytes`; otherwise windows whose sides are as long as fits, and no longer than the volume's. Windows keep to the
 * card's margins, and begin where cells of the whole volume do: where the margins hold all that an output voxel sees, they give what the whole would.
 *
 * predicted = 2 · (weights + peak) + patches + sums, where the peak is the most that all values alive at a time take, found by walking the network's
 * own graph at the sizes in question. The first term bounds the growth of a process that runs the network with `cpu()` on two threads: it was
 * measured at 0.56 to 0.88 of the prediction. GPUs and browsers have other allocators: leave room there. Volumes that are there already and
 * wrappers (`mirrored` adds one output, `ensemble` one network each) are not counted.
 *
 * @param model the network with its card, whose conditions, channels, window, divisor and overlap are used
 * @param grid of the scan
 * @throws `out-of-range` if nothing fits, with the bytes of the smallest window, or for options out of range; `bad-model` if the model has no card,
 *   or its graph can't take what the card says; `unsupported` if sizes in it depend on more than those of its inputs; and what {@link decodeGraph} throws
 * @example
 * const plan = planInference(model, scan.grid, { maxBytes: 2e9 });
 * const restored = await slidingWindow(channels, predictor(session, model.card), plan);
 */
export function planInference(
  model: Model,
  grid: Grid,
  {
    maxBytes,
    prefer = "largest",
    maxBatch = 4,
    overlap = model.card?.patch.overlap ?? 0.5,
    placement = "nnunet",
  }: PlanInferenceOptions,
): InferencePlan {
  checkPositive("maxBytes", maxBytes);
  checkOneOf("prefer", prefer, ["largest", "trained"]);
  checkPositiveInteger("maxBatch", maxBatch);
  const { card } = model;
  if (!card)
    throw new GadoliniteError(
      "bad-model",
      "The model has no card, which says what its inputs are. Give one: createModel(bytes, { card }).",
    );
  const network: Network = { graph: decodeGraph(model.bytes), card, grid };
  const planned = (window: Vec3, batch: number) => predicted(network, window, batch);

  const { whole, smallest, fixed } = choices(network);
  const window = fixed ?? (prefer === "trained" ? card.patch.window : largestWindow(planned, whole, smallest, card, maxBytes));
  const least = planned(window, 1);
  if (least.total > maxBytes)
    throw new GadoliniteError(
      "out-of-range",
      `The network needs ${megabytes(least.total)} for one window of ${window.join("×")}, but maxBytes is ${megabytes(maxBytes)}. ${fixed ? "Its window is fixed." : prefer === "trained" ? 'Take prefer: "largest", which chooses smaller windows.' : "No smaller window is possible."}`,
    );
  const { marginVoxels, divisibleBy: alignedTo } = card.patch;
  const { count } = windowPlan(grid.shape, { window, overlap, placement, marginVoxels, alignedTo });
  let batch = 1;
  while (batch < Math.min(maxBatch, count) && planned(window, batch + 1).total <= maxBytes) batch++;
  const predictedBytes = planned(window, batch);
  const reason = fixed
    ? `The network's window is fixed at ${window.join("×")}.`
    : prefer === "trained"
      ? `The window that the network was trained on, ${window.join("×")}, as asked for.`
      : count === 1
        ? `The whole volume fits in one window of ${window.join("×")}.`
        : `The whole volume would need ${megabytes(planned(whole, 1).total)}; ${window.join("×")} is the largest window that fits.`;
  const why = `${reason} ${batch} at a time: ${megabytes(predictedBytes.total)} of ${megabytes(maxBytes)}.${warning(network, window)}`;
  return { window, overlap, marginVoxels, alignedTo, batch, windows: count, predictedBytes, why };
}

interface Network {
  readonly graph: Graph;
  readonly card: ModelCard;
  readonly grid: Grid;
}

type Bytes = InferencePlan["predictedBytes"];

/** The whole volume's window, the smallest that can be, and the one that the graph itself prescribes. */
function choices({ graph, card, grid }: Network) {
  const { window: trained, divisibleBy, marginVoxels } = card.patch;
  const shape = imageInput(graph, card).shape;
  // A 2-D network takes one slice at a time.
  const flat = (axis: number) => trained[axis] === 1 || (axis === 2 && shape.length === 4);
  const open = wholeWindow(grid.shape, { divisibleBy });
  const along = (size: (axis: 0 | 1 | 2) => number): Vec3 => [size(0), size(1), size(2)];
  const fixedSize = (axis: number) => shape[shape.length - 1 - axis];
  const isFixed = shape.slice(2).every((size) => typeof size === "number");
  return {
    whole: along((axis) => (flat(axis) ? 1 : open[axis])),
    // What margins leave of it must be a step.
    smallest: along((axis) => {
      const least = divisibleBy[axis] * (1 + Math.ceil((2 * marginVoxels) / divisibleBy[axis]));
      return flat(axis) ? 1 : Math.min(open[axis], least);
    }),
    ...(isFixed && { fixed: along((axis) => (axis === 2 && shape.length === 4 ? 1 : (fixedSize(axis) as number))) }),
  };
}

function imageInput(graph: Graph, card: ModelCard) {
  const { name } = card.inputs[0]!;
  const value = graph.inputs.find((input) => input.name === name);
  if (value && (value.shape.length === 5 || value.shape.length === 4)) return value;
  throw new GadoliniteError(
    "bad-model",
    `The card names the input "${name}", but the network's are ${graph.inputs.map((input) => `"${input.name}" of ${input.shape.length} axes`).join(", ")}; images have 5 or, in 2-D, 4.`,
  );
}

/** The sides as long as one limit for all allows, which bisection finds: memory grows with the window. */
function largestWindow(
  planned: (window: Vec3, batch: number) => Bytes,
  whole: Vec3,
  smallest: Vec3,
  { patch: { divisibleBy } }: ModelCard,
  maxBytes: number,
): Vec3 {
  const limited = (limit: number): Vec3 => {
    const side = (axis: 0 | 1 | 2) =>
      Math.min(whole[axis], Math.max(smallest[axis], Math.floor(limit / divisibleBy[axis]) * divisibleBy[axis]));
    return [side(0), side(1), side(2)];
  };
  const fits = (limit: number): boolean => {
    try {
      return planned(limited(limit), 1).total <= maxBytes;
    } catch (error) {
      // Too small for one of its layers, which whoever asks for that window in the end is told.
      if (isGadoliniteError(error, "bad-model")) return true;
      throw error;
    }
  };
  let [low, high] = [1, Math.max(...whole)];
  if (fits(high)) return whole;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return limited(low);
}

function predicted({ graph, card, grid }: Network, window: Vec3, batch: number): Bytes {
  const { shape } = imageInput(graph, card);
  const n = typeof shape[0] === "number" ? shape[0] : batch;
  const space = shape.length === 4 ? [window[1], window[0]] : [window[2], window[1], window[0]];
  const inputs: Record<string, readonly number[]> = {};
  for (const { name, channels } of card.inputs) inputs[name] = [n, channels.length, ...space];
  if (card.conditions) inputs[card.conditions.input] = [n, card.conditions.values.length];
  const values = valuesAt(graph, inputs);
  const output = values.get(card.output.name);
  if (!output)
    throw new GadoliniteError("bad-model", `The card names the output "${card.output.name}", which the network doesn't have.`);

  const network = SLACK * (weightBytes(graph) + peakActivationBytes(graph, values));
  const channels = card.inputs.reduce((sum, input) => sum + input.channels.length, 0);
  const patches = 4 * batch * channels * window[0] * window[1] * window[2];
  const sums = 12 * voxelCount(grid) * (output.shape[1] as number);
  return { network, patches, sums, total: network + patches + sums };
}

// They take a mean over the whole window, so that another window is another network.
const OVER_THE_WINDOW = ["InstanceNormalization", "GlobalAveragePool", "ReduceMean"];

function warning({ graph, card: { patch } }: Network, window: Vec3): string {
  const operator = OVER_THE_WINDOW.find((name) => graph.nodes.some((node) => node.operator === name));
  if (!operator || window.join() === patch.window.join()) return "";
  return ` The network takes means over its window (${operator}), and was trained on ${patch.window.join("×")}: its result depends on the window; prefer: "trained" keeps it.`;
}

const megabytes = (bytes: number): string => `${bytes < 1e8 ? (bytes / 1e6).toFixed(1) : Math.round(bytes / 1e6)} MB`;
