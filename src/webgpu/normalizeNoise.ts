import { GadoliniteError } from "../core/errors.js";
import { voxelCount } from "../core/grid.js";
import { estimated, type NormalizeNoiseOptions, SD_FLOOR, SD_WITHIN_TWO } from "../enhancement/normalizeNoise.js";
import { checkPositive } from "../internal/check.js";
import { checkTogether, dispose, type GpuMask, type GpuVolume } from "./gpuVolume.js";
import { allocate, dispatch, type Kernel } from "./kernel.js";
import { localMoments } from "./localMoments.js";
import { noiseLevel } from "./noiseLevel.js";
import { reduce, reduction } from "./sums.js";
import { bindVoxels, chunksOf, mapVoxels, voxelwise } from "./voxelwise.js";

/** Options of {@link normalizeNoise}: those of the CPU's, with the brain on the GPU. */
export interface NormalizeGpuNoiseOptions extends Omit<NormalizeNoiseOptions, "brain"> {
  readonly brain: GpuMask;
}

/** As `NormalizedNoise`, on the GPU. */
export interface GpuNormalizedNoise {
  readonly normalized: GpuVolume;
  readonly mean: GpuVolume;
  readonly sd: GpuVolume;
  readonly sigma: number;
}

const divisor = voxelwise("divisor", ["sd"], "max(sd * p.correction, p.floor)", {
  params: { correction: "f32", floor: "f32" },
});
const normalize = voxelwise("normalizeNoise", ["z", "mean", "sd"], "((z - mean) / sd) * p.sigma", { params: { sigma: "f32" } });
const denormalize = voxelwise("denormalizeNoise", ["z", "mean", "sd"], "(z * sd) / p.sigma + mean", {
  params: { sigma: "f32" },
});

/**
 * Evens out the noise of a subtraction image, on the GPU: z = (z̃ − m) / s · σ, as `normalizeNoise` of `gadolinite/enhancement`.
 *
 * @throws `grid-mismatch`; `out-of-range` for a σ that is not positive; `not-prepared` if a noise level is to be estimated and no voxel in the
 *   brain is negative; `empty-mask` if no voxel lies in the band of noise
 * @see Pinetz et al. 2024, section 3.1 and equation (1)
 * @example
 * const { normalized, sigma } = await normalizeNoise(subtract(pre, low), { brain });
 */
export async function normalizeNoise(
  difference: GpuVolume,
  { brain, sigma, maskSigma, sigmaVoxels = 16, correctTruncation = false, tolerance = 1.5e-4 }: NormalizeGpuNoiseOptions,
): Promise<GpuNormalizedNoise> {
  checkTogether(difference, brain);
  const level = sigma ?? estimated(await noiseLevel(difference, { brain }));
  checkPositive("sigma", level);
  const band = maskSigma ?? estimated(await noiseLevel(difference, { brain, estimator: "huber" }));
  checkPositive("maskSigma", band);
  const noise = await noiseMask(difference, 2 * band);
  const moments = await localMoments(difference, noise, { sigmaVoxels, tolerance });
  const { mean } = moments;
  const sd = mapVoxels(divisor, [moments.sd], { correction: correctTruncation ? 1 / SD_WITHIN_TWO : 1, floor: SD_FLOOR });
  const normalized = mapVoxels(normalize, [difference, mean, sd], { sigma: level });
  dispose(noise, moments.sd);
  return { normalized, mean, sd, sigma: level };
}

// A thread makes a word: four voxels.
const within: Kernel = {
  name: "noiseMask",
  params: { limit: "f32", count: "u32" },
  reads: { zs: "f32" },
  writes: { mask: "u32" },
  body: `
  var word = 0u;
  for (var m = 0u; m < 4u && 4u * n + m < p.count; m++) {
    if (abs(zs[4u * n + m]) < p.limit) { word |= 1u << (8u * m); }
  }
  mask[n] = word;`,
};

const counted = reduction("countWithin", ["z"], [["+", "select(0.0, 1.0, abs(z) < p.limit)"]], { params: { limit: "f32" } });

async function noiseMask(difference: GpuVolume, limit: number): Promise<GpuMask> {
  const { device, grid } = difference;
  const buffer = allocate(device, voxelCount(grid));
  for (const chunk of chunksOf(difference)) {
    const words = Math.ceil(chunk.count / 4);
    const bindings = [bindVoxels(difference, chunk), { buffer, offset: chunk.start, size: 4 * words }];
    dispatch(device, within, { threads: words, params: { limit, count: chunk.count }, bindings });
  }
  const [count] = await reduce(counted, [difference], { params: { limit } });
  if (count === 0) throw new GadoliniteError("empty-mask", "No voxel lies in the band of noise. Give a larger maskSigma.");
  return { grid, device, buffer, count: count! };
}

/**
 * Undoes {@link normalizeNoise}, on the GPU: z̃ = z · s / σ + m, as `denormalizeNoise` of `gadolinite/enhancement`.
 *
 * @throws `grid-mismatch` if the grids differ, `out-of-range` if σ is not positive
 * @see Pinetz et al. 2024, equation (1) solved for z̃
 * @example
 * const result = await normalizeNoise(difference, { brain });
 * denormalizeNoise(result.normalized, result); // the difference again
 */
export function denormalizeNoise(
  normalized: GpuVolume,
  { mean, sd, sigma }: Pick<GpuNormalizedNoise, "mean" | "sd" | "sigma">,
): GpuVolume {
  checkPositive("sigma", sigma);
  return mapVoxels(denormalize, [normalized, mean, sd], { sigma });
}
