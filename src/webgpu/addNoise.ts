import { GadoliniteError } from "../core/errors.js";
import type { AddNoiseOptions } from "../dose/addNoise.js";
import { checkNonNegative, checkNonNegativeInteger, checkOneOf, checkWithin } from "../internal/check.js";
import { checkTogether, emptyVolume, type GpuMask, type GpuVolume } from "./gpuVolume.js";
import { dispatch, type Kernel } from "./kernel.js";
import { PHILOX } from "./philox.js";
import { bindMask, bindVoxels, chunksOf, INSIDE } from "./voxelwise.js";

/** Options of {@link addNoise}: those of the CPU's, with a local σ and a mask on the GPU. */
export interface AddGpuNoiseOptions extends Omit<AddNoiseOptions, "sigma" | "mask"> {
  /** Standard deviation of the noise, ≥ 0: a number, or one a voxel, none negative. */
  readonly sigma: number | GpuVolume;
  readonly mask?: GpuMask;
}

// A thread makes four voxels, which share a block of random numbers.
const kernelOf = (local: boolean, masked: boolean): Kernel => ({
  name: `addNoise${local ? "Local" : ""}${masked ? "Inside" : ""}`,
  params: { key0: "u32", key1: "u32", stream: "u32", rician: "u32", sigma: "f32", block: "u32", count: "u32" },
  reads: { image: "f32", ...(local && { sigmas: "f32" }), ...(masked && { mask: "u32" }) },
  writes: { noisy: "f32" },
  declarations: `${PHILOX}\n${masked ? INSIDE : ""}`,
  body: `
  let real = normals(p.block + n, 2u * p.stream);
  var imaginary = vec4f();
  if (p.rician == 1u) { imaginary = normals(p.block + n, 2u * p.stream + 1u); }
  for (var m = 0u; m < 4u && 4u * n + m < p.count; m++) {
    let v = 4u * n + m;
    let s = ${local ? "p.sigma * sigmas[v]" : "p.sigma"};
    let a = image[v] + s * real[m];
    let b = s * imaginary[m];
    let value = select(a, sqrt(a * a + b * b), p.rician == 1u);
    noisy[v] = select(value, image[v], s == 0.0${masked ? " || !inside(v)" : ""});
  }`,
});

const kernels = [kernelOf(false, false), kernelOf(true, false), kernelOf(false, true), kernelOf(true, true)] as const;

/**
 * Adds noise as a scanner would, on the GPU: as `addNoise` of `gadolinite/dose`, with the same noise for the same seed.
 *
 * @returns a new volume; where σ is 0 a voxel is unchanged
 * @throws `grid-mismatch`; `out-of-range` for a negative σ, a seed or stream out of range, or an unknown distribution
 * @see Gudbjartsson and Patz 1995, Magn Reson Med 34:910
 * @example
 * const noisy = addNoise(volume, { sigma: 0.02, seed: 1, distribution: "rician" });
 */
export function addNoise(volume: GpuVolume, options: AddGpuNoiseOptions): GpuVolume {
  return addScaledNoise(volume, options, 1);
}

/** {@link addNoise} with σ multiplied by `factor`. */
export function addScaledNoise(
  volume: GpuVolume,
  { sigma, seed, distribution = "gaussian", stream = 0, mask }: AddGpuNoiseOptions,
  factor: number,
): GpuVolume {
  checkOneOf("distribution", distribution, ["gaussian", "rician"]);
  checkNonNegativeInteger("stream", stream);
  checkWithin("stream", stream, 0, 2 ** 31 - 1);
  if (!(Number.isSafeInteger(seed) && seed >= 0))
    throw new GadoliniteError("out-of-range", `seed must be an integer from 0 to 2^53 - 1, but is ${seed}.`);
  const local = typeof sigma === "number" ? undefined : sigma;
  if (typeof sigma === "number") checkNonNegative("sigma", sigma);
  checkTogether(volume, local, mask);
  const { device, grid } = volume;
  const result = emptyVolume(device, grid);
  const kernel = kernels[(local ? 1 : 0) + (mask ? 2 : 0)]!;
  for (const chunk of chunksOf(volume)) {
    const params = {
      key0: seed >>> 0,
      key1: Math.floor(seed / 2 ** 32),
      stream,
      rician: distribution === "rician" ? 1 : 0,
      sigma: factor * (local ? 1 : (sigma as number)),
      block: chunk.start / 4,
      count: chunk.count,
    };
    const inputs = [
      bindVoxels(volume, chunk),
      ...(local ? [bindVoxels(local, chunk)] : []),
      ...(mask ? [bindMask(mask, chunk)] : []),
    ];
    dispatch(device, kernel, { threads: Math.ceil(chunk.count / 4), params, bindings: [...inputs, bindVoxels(result, chunk)] });
  }
  return result;
}
