import type { Tensors } from "../../backend/backend.js";
import { GadoliniteError } from "../../core/errors.js";
import type { Vec3 } from "../../core/grid.js";
import { writeNoiseUnits } from "../../inference/noiseUnits.js";

/** A pair of scans as a patch, and the low dose that is made of it. */
export interface DosePatch {
  readonly pre: Float32Array;
  readonly post: Float32Array;
  /** Where there is signal; only there noise is added and voxels count. */
  readonly content: Uint8Array;
  /** Uptake without noise, for the weight; not needed if `enhancementWeight` is 0. */
  readonly uptake?: Float32Array;
  /** Noise level of post − pre: that of the low dose's subtraction image, too. */
  readonly sigma: number;
  /** The noise level that the network is told and that is its unit. */
  readonly estimatedSigma: number;
  readonly dose: number;
  /** Unit noise that is added to the linear mix. */
  readonly noise: Float32Array;
  readonly enhancementWeight: number;
}

/** Tensors of zeros for a batch. */
export function createBatch(batch: number, [ni, nj, nk]: Vec3, conditions = 3) {
  const tensor = (channels: number) => ({
    dims: [batch, channels, nk, nj, ni],
    data: new Float32Array(batch * channels * ni * nj * nk),
  });
  return {
    x: tensor(3),
    conditions: { dims: [batch, conditions], data: new Float32Array(batch * conditions) },
    target: tensor(1),
    weight: tensor(1),
  } satisfies Tensors;
}

/**
 * Writes sample n of a batch. With σ the noise level and σ̂ its estimate, unit noise ε and z = post − pre with its own noise:
 *
 *     u = (d·z + √(1 − d²)·σ·ε) / σ̂        x = asinh(u), clamp(u, ±3), pre        target = u − d·z/σ̂
 *
 * The target keeps the standard dose's own noise, so that a high dose is not smoothed away.
 */
export function writeDosePatch(
  { x, conditions, target, weight }: ReturnType<typeof createBatch>,
  n: number,
  { pre, post, content, uptake, sigma, estimatedSigma, dose, noise, enhancementWeight }: DosePatch,
): void {
  const size = pre.length;
  const added = Math.sqrt(1 - dose * dose) * sigma;
  const u = new Float32Array(size);
  const at = n * size;
  for (let v = 0; v < size; v++) {
    if (!content[v]) continue;
    const removed = (added * noise[v]!) / estimatedSigma;
    u[v] = (dose * (post[v]! - pre[v]!)) / estimatedSigma + removed;
    target.data[at + v] = removed;
    weight.data[at + v] = uptake ? 1 + enhancementWeight * Math.max(0, Math.min(1, uptake[v]! / 0.2)) : 1;
  }
  writeNoiseUnits(
    x.data.subarray(3 * at, 3 * (at + size)),
    conditions.data.subarray(3 * n, 3 * n + 3),
    u,
    pre,
    dose,
    estimatedSigma,
  );
}

/** Throws `out-of-range` unless 0 < low ≤ high ≤ 1. */
export function checkDoseRange([low, high]: readonly [number, number]): void {
  if (!(low > 0 && low <= high && high <= 1))
    throw new GadoliniteError(
      "out-of-range",
      `The range of doses must rise within 0 (not included) and 1, but is [${low}, ${high}].`,
    );
}
