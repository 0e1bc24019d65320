import type { Tensor } from "../backend/backend.js";
import { GadoliniteError } from "../core/errors.js";
import { type Vec3, voxelCount } from "../core/grid.js";
import type { TaskOptions } from "../core/progress.js";
import type { Volume } from "../core/volume.js";
import { breathe } from "../internal/breathe.js";
import { checkFiniteNumber, checkFiniteVoxels, checkNotAborted, checkPositiveInteger, checkSameGrid } from "../internal/check.js";
import type { Predictor } from "./predictor.js";
import { type WindowPlan, type WindowPlanOptions, windowPlan } from "./windowPlan.js";
import { type WindowWeights, type WindowWeightsOptions, windowWeights } from "./windowWeights.js";

export interface SlidingWindowOptions extends TaskOptions, WindowPlanOptions, WindowWeightsOptions {
  /** Windows that the predictor gets at a time; the last call may bring fewer. Default 1. */
  readonly batch?: number;
  /** Intensity of the padding where the volume is smaller than a window. Default 0, the background of prepared scans. */
  readonly padValue?: number;
}

/**
 * Restores a whole volume window by window: x̂ = Σ w · prediction / Σ w over the windows that hold a voxel.
 *
 * The predictor gets patches [batch, channel, k, j, i], one channel for each volume. Their array is used again for the next patches, so
 * a predictor that keeps it must copy it; it may not change it. Sums are in float64, so that the identity predictor gives back the
 * volume exactly, a constant one the constant, and the order of the windows does not show. Besides the patches it takes 8 + 4 bytes a
 * voxel. Between windows the event loop breathes, progress is told (stage `"windows"`) and `signal` is looked at.
 *
 * @param volumes the channels, on one grid; finite
 * @param predictor must give one channel (for more, {@link slidingWindowChannels})
 * @returns a new volume on that grid
 * @throws `grid-mismatch` if the grids differ; `out-of-range` for no volume, NaN or infinite voxels, or options out of range;
 *   `bad-model` if the predictor gives other dimensions, or NaN or infinite values; `aborted`; and what the predictor throws
 * @see nnU-Net v1 (Isensee et al. 2021), MONAI (`sliding_window_inference`): see {@link windowPlan} and {@link windowWeights}
 * @example
 * const restored = await slidingWindow([pre, low], predictor(session, card), { window: [96, 96, 96] });
 */
export async function slidingWindow(
  volumes: readonly Volume[],
  predictor: Predictor,
  options: SlidingWindowOptions,
): Promise<Volume> {
  const [volume] = await slide(volumes, predictor, options, 1);
  return volume!;
}

/**
 * Like {@link slidingWindow}, for a predictor that gives several channels: one volume each. Takes 8 + 4 bytes a voxel and channel.
 *
 * @throws as {@link slidingWindow} does
 */
export async function slidingWindowChannels(
  volumes: readonly Volume[],
  predictor: Predictor,
  options: SlidingWindowOptions,
): Promise<readonly Volume[]> {
  return slide(volumes, predictor, options);
}

/** Often enough for a progress bar and a cancel button; a browser's timers take 4 ms. */
const BREATH_MS = 50;

async function slide(
  volumes: readonly Volume[],
  predictor: Predictor,
  { batch = 1, padValue = 0, signal, onProgress, ...options }: SlidingWindowOptions,
  expectedChannels?: number,
): Promise<Volume[]> {
  checkNotAborted(signal);
  checkPositiveInteger("batch", batch);
  checkFiniteNumber("padValue", padValue);
  const grid = checkedGrid(volumes);
  const plan = windowPlan(grid.shape, options);
  const weights = windowWeights(plan.window, options);
  const patches = patchBuffer(volumes.length, plan, batch);

  let sums: Float64Array[] | undefined;
  let breath = performance.now();
  for (let done = 0; done < plan.count; ) {
    const n = Math.min(batch, plan.count - done);
    const tensor = patches(n);
    for (let m = 0; m < n; m++) copyWindow(volumes, tensor.data, m, windowStart(plan, done + m), plan.window, padValue);
    const output = await predictor(tensor, signal);
    checkNotAborted(signal);
    const channels = checkOutput(output, tensor, expectedChannels ?? sums?.length);
    sums ??= Array.from({ length: channels }, () => new Float64Array(voxelCount(grid)));
    for (let m = 0; m < n; m++) addWindow(sums, output.data, m, windowStart(plan, done + m), grid.shape, plan, weights);
    done += n;
    onProgress?.({ done, total: plan.count, stage: "windows" });
    checkNotAborted(signal);
    if (performance.now() - breath > BREATH_MS) {
      await breathe(signal);
      breath = performance.now();
    }
  }
  return weightedMeans(sums!, grid.shape, plan, weights).map((data) => ({ grid, data }));
}

function checkedGrid(volumes: readonly Volume[]) {
  const [first, ...others] = volumes;
  if (!first) throw new GadoliniteError("out-of-range", "Give at least one volume: the channels of the predictor's patches.");
  checkSameGrid(first.grid, ...others.map(({ grid }) => grid));
  volumes.forEach(({ data }, channel) => checkFiniteVoxels(`Volume ${channel}`, data));
  return first.grid;
}

/** One array for all calls; gives the tensor of its first n patches. */
function patchBuffer(channels: number, { window, count }: WindowPlan, batch: number): (n: number) => Tensor {
  const size = channels * window[0] * window[1] * window[2];
  const data = new Float32Array(Math.min(batch, count) * size);
  return (n) => ({ dims: [n, channels, window[2], window[1], window[0]], data: data.subarray(0, n * size) });
}

/** Start of the window with this number; along i first. */
function windowStart({ starts: [si, sj, sk] }: WindowPlan, number: number): Vec3 {
  const row = Math.floor(number / si.length);
  return [si[number % si.length]!, sj[row % sj.length]!, sk[Math.floor(row / sj.length)]!];
}

function copyWindow(volumes: readonly Volume[], to: Float32Array, m: number, start: Vec3, window: Vec3, padValue: number): void {
  const [pi, pj, pk] = window;
  let at = m * volumes.length * pi * pj * pk;
  for (const { grid, data } of volumes) {
    const [ni, nj, nk] = grid.shape;
    const low = Math.max(0, 0 - start[0]);
    const high = Math.min(pi, ni - start[0]);
    for (let k = start[2]; k < start[2] + pk; k++)
      for (let j = start[1]; j < start[1] + pj; j++, at += pi) {
        if (k < 0 || k >= nk || j < 0 || j >= nj) {
          to.fill(padValue, at, at + pi);
          continue;
        }
        const from = start[0] + ni * (j + nj * k);
        if (high - low < pi) to.fill(padValue, at, at + pi);
        to.set(data.subarray(from + low, from + high), at + low);
      }
  }
}

/** The part of a window that counts along one axis, [from, to): without its margins, which the window before or after it has inside. */
function core(start: number, size: number, length: number, margin: number): readonly [number, number] {
  // Not −start: a −0 would make the loop's index a float.
  return [start > 0 ? margin : 0 - start, start + size < length ? size - margin : length - start];
}

function addWindow(
  sums: readonly Float64Array[],
  output: Float32Array,
  m: number,
  start: Vec3,
  [ni, nj, nk]: Vec3,
  { window: [pi, pj, pk], marginVoxels }: WindowPlan,
  { axes: [a, b, c], floor }: WindowWeights,
): void {
  const [fromI, toI] = core(start[0], pi, ni, marginVoxels);
  const [fromJ, toJ] = core(start[1], pj, nj, marginVoxels);
  const [fromK, toK] = core(start[2], pk, nk, marginVoxels);
  for (let channel = 0; channel < sums.length; channel++) {
    const sum = sums[channel]!;
    const patch = (m * sums.length + channel) * pk;
    for (let k = fromK; k < toK; k++)
      for (let j = fromJ; j < toJ; j++) {
        const from = pi * (j + pj * (k + patch));
        const to = start[0] + ni * (start[1] + j + nj * (start[2] + k));
        const bc = b[j]! * c[k]!;
        for (let i = fromI; i < toI; i++) {
          const w = a[i]! * bc;
          sum[to + i]! += (w > floor ? w : floor) * output[from + i]!;
        }
      }
  }
}

/** Divides by the sum of the weights, which is made anew for each row rather than kept in a volume of its own. */
function weightedMeans(
  sums: readonly Float64Array[],
  [ni, nj, nk]: Vec3,
  plan: WindowPlan,
  weights: WindowWeights,
): Float32Array[] {
  const means = sums.map(({ length }) => new Float32Array(length));
  const weightSums = weights.floor === 0 ? separableSums([ni, nj, nk], plan, weights) : flooredSums([ni, nj, nk], plan, weights);
  const total = new Float64Array(ni);
  let check = 0;
  for (let k = 0, row = 0; k < nk; k++)
    for (let j = 0; j < nj; j++, row += ni) {
      weightSums(total, j, k);
      for (let channel = 0; channel < sums.length; channel++) {
        const sum = sums[channel]!;
        const mean = means[channel]!;
        for (let i = 0; i < ni; i++) {
          const value = sum[row + i]! / total[i]!;
          mean[row + i] = value;
          check += value;
        }
      }
    }
  // A sum of finite float32 numbers can't overflow float64.
  if (!Number.isFinite(check))
    throw new GadoliniteError(
      "bad-model",
      "The predictor gave NaN or infinite values. Are the inputs scaled as the model's card says?",
    );
  return means;
}

/** Writes Σ w over the windows that hold voxel (i, j, k), for each i of a row. */
type WeightSums = (total: Float64Array, j: number, k: number) => void;

/** Windows are all combinations of their starts, and weights products: so is their sum. */
function separableSums(shape: Vec3, { starts, window, marginVoxels }: WindowPlan, { axes }: WindowWeights): WeightSums {
  const along = (axis: 0 | 1 | 2) => {
    const sums = new Float64Array(shape[axis]);
    for (const start of starts[axis]) {
      const [from, to] = core(start, window[axis], shape[axis], marginVoxels);
      for (let i = from; i < to; i++) sums[start + i]! += axes[axis][i]!;
    }
    return sums;
  };
  const [a, b, c] = [along(0), along(1), along(2)];
  return (total, j, k) => {
    const bc = b[j]! * c[k]!;
    for (let i = 0; i < total.length; i++) total[i] = a[i]! * bc;
  };
}

function flooredSums(
  shape: Vec3,
  { starts, window, marginVoxels }: WindowPlan,
  { axes: [a, b, c], floor }: WindowWeights,
): WeightSums {
  const along = (axis: 0 | 1 | 2) =>
    starts[axis].map((start) => ({ start, core: core(start, window[axis], shape[axis], marginVoxels) }));
  const [alongI, alongJ, alongK] = [along(0), along(1), along(2)];
  const holds = (position: number, { start, core: [from, to] }: (typeof alongI)[number]) =>
    position >= start + from && position < start + to;
  return (total, j, k) => {
    total.fill(0);
    for (const windowK of alongK) {
      if (!holds(k, windowK)) continue;
      for (const windowJ of alongJ) {
        if (!holds(j, windowJ)) continue;
        const bc = b[j - windowJ.start]! * c[k - windowK.start]!;
        for (const { start, core } of alongI)
          for (let i = core[0]; i < core[1]; i++) {
            const w = a[i]! * bc;
            total[start + i]! += w > floor ? w : floor;
          }
      }
    }
  };
}

/** Throws `bad-model` unless the output holds as many patches of the same size; returns its channels. */
function checkOutput({ dims, data }: Tensor, patches: Tensor, channels: number | undefined): number {
  const [n, , ...window] = patches.dims;
  const expected = [n, channels ?? dims[1], ...window];
  if (dims.join() !== expected.join() || !(dims[1]! >= 1) || data.length !== dims.reduce((product, d) => product * d, 1))
    throw new GadoliniteError(
      "bad-model",
      `For patches [${patches.dims.join(", ")}] the predictor must give [${n}, ${channels ?? "channels"}, ${window.join(", ")}], but gave [${dims.join(", ")}] with ${data.length} values.`,
    );
  return dims[1]!;
}
