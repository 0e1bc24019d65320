import { GadoliniteError } from "../core/errors.js";
import type { Vec3 } from "../core/grid.js";
import type { SlidingWindowOptions } from "../inference/slidingWindow.js";
import { type WindowPlan, windowPlan } from "../inference/windowPlan.js";
import { windowWeights } from "../inference/windowWeights.js";
import { checkFiniteNumber, checkNotAborted } from "../internal/check.js";
import { bindRange, floatsAtOnce } from "./alongAxis.js";
import type { GpuBuffer, GpuDevice } from "./gpuDevice.js";
import type { GpuPredictor, GpuTensor } from "./gpuTensor.js";
import { checkTogether, dispose, emptyVolume, type GpuVolume } from "./gpuVolume.js";
import { allocate, dispatch, type Kernel, write } from "./kernel.js";
import { mapVoxels, voxelwise } from "./voxelwise.js";

const PLACE: Kernel["params"] = {
  ...{ ni: "i32", nj: "i32", nk: "i32", pi: "i32", pj: "i32" },
  ...{ startI: "i32", startJ: "i32", startK: "i32", firstK: "i32", lead: "i32" },
};

// Voxel of the volume, whose slices are seen from `firstK` on.
const AT = "fn at(v: vec3i) -> i32 { return p.lead + v.x + p.ni * (v.y + p.nj * (v.z - p.firstK)); }";

const gather: Kernel = {
  name: "gatherWindow",
  params: { ...PLACE, to: "u32", pad: "f32" },
  reads: { volume: "f32" },
  writes: { windowed: "f32" },
  declarations: AT,
  body: `
  let m = i32(n);
  let v = vec3i(p.startI, p.startJ, p.startK) + vec3i(m % p.pi, m / p.pi % p.pj, m / p.pi / p.pj);
  var value = p.pad;
  if (all(v >= vec3i(0)) && all(v < vec3i(p.ni, p.nj, p.nk))) { value = volume[at(v)]; }
  windowed[p.to + n] = value;`,
};

const scatter: Kernel = {
  name: "scatterWindow",
  params: { ...PLACE, lowI: "i32", lowJ: "i32", lowK: "i32", coreI: "i32", coreJ: "i32", floor: "f32" },
  reads: { windowed: "f32", axes: "f32" },
  writes: { sums: "f32", totals: "f32" },
  declarations: AT,
  body: `
  let m = i32(n);
  let w = vec3i(p.lowI, p.lowJ, p.lowK) + vec3i(m % p.coreI, m / p.coreI % p.coreJ, m / p.coreI / p.coreJ);
  let weight = max(p.floor, axes[w.x] * axes[p.pi + w.y] * axes[p.pi + p.pj + w.z]);
  let v = at(vec3i(p.startI, p.startJ, p.startK) + w);
  sums[v] += weight * windowed[w.x + p.pi * (w.y + p.pj * w.z)];
  totals[v] += weight;`,
};

const mean = voxelwise("weightedMean", ["sum", "total"], "sum / total");

/** Options of {@link slidingWindow}: those of the CPU's, one window at a time. */
export type GpuSlidingWindowOptions = Omit<SlidingWindowOptions, "batch">;

/**
 * Restores a whole volume window by window, on the GPU: x̂ = Σ w · prediction / Σ w, as `slidingWindow` of `gadolinite/inference`, with sums in
 * float32. No voxel leaves the GPU.
 *
 * @param volumes the channels, on one grid and device
 * @param predictor must give one channel; its result is disposed of
 * @returns a new volume
 * @throws `grid-mismatch`; `out-of-range` for no volume or options out of range; `bad-model` if the predictor gives other dimensions;
 *   `unsupported` if the slices of a window don't fit into a binding of the device; `aborted`
 * @example
 * const output = await slidingWindow([pre, low], predictor(session, card), { window: [96, 96, 96] });
 */
export async function slidingWindow(
  volumes: readonly GpuVolume[],
  predictor: GpuPredictor,
  { padValue = 0, signal, onProgress, ...options }: GpuSlidingWindowOptions,
): Promise<GpuVolume> {
  checkNotAborted(signal);
  checkFiniteNumber("padValue", padValue);
  const [first, ...others] = volumes;
  if (!first) throw new GadoliniteError("out-of-range", "Give at least one volume: the channels of the predictor's patches.");
  checkTogether(first, ...others);
  const { device, grid } = first;
  const plan = windowPlan(grid.shape, options);
  checkFits(device, grid.shape, plan);
  const { axes, floor } = windowWeights(plan.window, options);
  const [pi, pj, pk] = plan.window;
  const size = pi * pj * pk;
  const weights = upload(device, Float32Array.from(axes.flatMap((axis) => Array.from(axis))));
  const buffer = allocate(device, 4 * volumes.length * size);
  const patches: GpuTensor = { dims: [1, volumes.length, pk, pj, pi], buffer, device, dispose: () => undefined };
  const [sums, totals] = [emptyVolume(device, grid), emptyVolume(device, grid)];
  try {
    let done = 0;
    for (const start of startsOf(plan)) {
      volumes.forEach((volume, c) => gatherWindow(volume, start, plan, { buffer, to: c * size, pad: padValue }));
      const output = await predictor(patches, signal);
      checkNotAborted(signal);
      checkOutput(output, patches);
      scatterWindow(output, start, plan, { sums, totals, weights, floor });
      if (output.buffer !== buffer) output.dispose();
      onProgress?.({ done: ++done, total: plan.count, stage: "windows" });
      checkNotAborted(signal);
    }
    return mapVoxels(mean, [sums, totals]);
  } finally {
    dispose({ buffer }, { buffer: weights }, sums, totals);
  }
}

function upload(device: GpuDevice, data: Float32Array): GpuBuffer {
  const buffer = allocate(device, data.byteLength);
  write(device, buffer, data);
  return buffer;
}

/** Starts of all windows; along i first. */
const startsOf = ({ starts: [si, sj, sk] }: WindowPlan): readonly Vec3[] =>
  sk.flatMap((k) => sj.flatMap((j) => si.map((i): Vec3 => [i, j, k])));

function checkFits(device: GpuDevice, [ni, nj]: Vec3, { window: [, , pk] }: WindowPlan): void {
  if (ni * nj * pk > floatsAtOnce(device))
    throw new GadoliniteError(
      "unsupported",
      `The GPU sees ${device.limits.maxStorageBufferBindingSize} bytes at a time, too few for the ${pk} slices of ${ni}×${nj} voxels that a window covers. Take smaller windows along k.`,
    );
}

/** Binds the slices that a window covers. */
function slicesOf({ buffer, grid }: GpuVolume, start: Vec3, { window: [pi, pj, pk] }: WindowPlan) {
  const [ni, nj, nk] = grid.shape;
  const firstK = Math.max(0, start[2]);
  const [binding, lead] = bindRange(buffer, ni * nj * firstK, ni * nj * (Math.min(nk, start[2] + pk) - firstK));
  const place = { ni, nj, nk, pi, pj, startI: start[0], startJ: start[1], startK: start[2], firstK, lead };
  return { binding, place };
}

function gatherWindow(
  volume: GpuVolume,
  start: Vec3,
  plan: WindowPlan,
  { buffer, to, pad }: { readonly buffer: GpuBuffer; readonly to: number; readonly pad: number },
): void {
  const { binding, place } = slicesOf(volume, start, plan);
  const [pi, pj, pk] = plan.window;
  dispatch(volume.device, gather, { threads: pi * pj * pk, params: { ...place, to, pad }, bindings: [binding, { buffer }] });
}

interface Sums {
  readonly sums: GpuVolume;
  readonly totals: GpuVolume;
  readonly weights: GpuBuffer;
  readonly floor: number;
}

function scatterWindow({ buffer }: GpuTensor, start: Vec3, plan: WindowPlan, { sums, totals, weights, floor }: Sums): void {
  const { binding, place } = slicesOf(sums, start, plan);
  const total = slicesOf(totals, start, plan).binding;
  const { window, marginVoxels: margin } = plan;
  // Without its margins, which the window before or after it has inside, and without the padding.
  const low = start.map((s) => (s > 0 ? margin : 0 - s));
  const [coreI, coreJ, coreK] = start.map((s, axis) => {
    const length = sums.grid.shape[axis]!;
    return (s + window[axis]! < length ? window[axis]! - margin : length - s) - low[axis]!;
  }) as [number, number, number];
  const core = { lowI: low[0]!, lowJ: low[1]!, lowK: low[2]!, coreI, coreJ, floor };
  dispatch(sums.device, scatter, {
    threads: coreI * coreJ * coreK,
    params: { ...place, ...core },
    bindings: [{ buffer }, { buffer: weights }, binding, total],
  });
}

function checkOutput({ dims, device }: GpuTensor, patches: GpuTensor): void {
  const expected = [1, 1, ...patches.dims.slice(2)];
  if (device !== patches.device) throw new GadoliniteError("bad-model", "The predictor's output lies on another GPU device.");
  if (dims.join() !== expected.join())
    throw new GadoliniteError(
      "bad-model",
      `For patches [${patches.dims.join(", ")}] the predictor must give [${expected.join(", ")}], but gave [${dims.join(", ")}].`,
    );
}
