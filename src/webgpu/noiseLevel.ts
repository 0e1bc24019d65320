import { HUBER_C, HUBER_GAMMA, MAD_TO_SIGMA, type NoiseEstimator } from "../enhancement/noiseLevel.js";
import { checkOneOf } from "../internal/check.js";
import { separable } from "./gaussian.js";
import { checkTogether, dispose, type GpuMask, type GpuVolume } from "./gpuVolume.js";
import { percentile } from "./percentile.js";
import { subtract } from "./subtract.js";
import { reduce, reduction } from "./sums.js";
import { mapVoxels, voxelwise } from "./voxelwise.js";

/** Options of {@link noiseLevel}: those of the CPU's, with the brain on the GPU. */
export interface GpuNoiseLevelOptions {
  readonly brain: GpuMask;
  /** Default `"negatives"`. */
  readonly estimator?: NoiseEstimator;
}

/** Number of negative voxels, and Σ min(z², limit) over them. */
const negatives = reduction(
  "negatives",
  ["z"],
  [
    ["+", "select(0.0, 1.0, z < 0.0)"],
    ["+", "select(0.0, min(z * z, p.limit), z < 0.0)"],
  ],
  { where: "mask", params: { limit: "f32" } },
);

const distance = voxelwise("distance", ["z"], "abs(z - p.centre)", { params: { centre: "f32" } });

/**
 * Standard deviation of the noise in a subtraction image, on the GPU: as `noiseLevel` of `gadolinite/enhancement`.
 *
 * @returns NaN where there is nothing to estimate from, as on the CPU
 * @throws `grid-mismatch`, `out-of-range` for an unknown estimator
 * @see Pinetz et al. 2024, section 3.1; Huber 1964, Ann Math Stat 35:73 (proposal 2)
 * @example
 * const sigma = await noiseLevel(subtract(pre, post), { brain });
 */
export async function noiseLevel(
  difference: GpuVolume,
  { brain, estimator = "negatives" }: GpuNoiseLevelOptions,
): Promise<number> {
  checkOneOf("estimator", estimator, ["negatives", "huber", "highpass-mad"]);
  checkTogether(difference, brain);
  if (estimator === "highpass-mad") return highpassMad(difference, brain);
  const meanSquare = async (limit: number) => {
    const [count, sum] = await reduce(negatives, [difference], { mask: brain, params: { limit } });
    return sum! / count!;
  };
  const sigma = Math.sqrt(await meanSquare(LARGEST));
  return estimator === "negatives" ? sigma : huberScale(meanSquare, 0.9 * sigma);
}

const LARGEST = 3.4028234e38;

/** s² ← mean of min(z², (cs)²) / γ, at most 50 times; settled within what float32 sums can tell. */
async function huberScale(meanSquare: (limit: number) => Promise<number>, start: number): Promise<number> {
  let scale = start;
  for (let iteration = 0; iteration < 50; iteration++) {
    const next = Math.sqrt((await meanSquare((HUBER_C * scale) ** 2)) / HUBER_GAMMA);
    const settled = Math.abs(next - scale) <= 1e-8 * scale;
    scale = next;
    if (settled) break;
  }
  return scale;
}

async function highpassMad(difference: GpuVolume, brain: GpuMask): Promise<number> {
  const third = { halvings: 0, half: Float64Array.of(1 / 3, 1 / 3) };
  const box = separable(difference, [third, third, third], "replicate");
  const residual = subtract(box, difference);
  const centre = await percentile(residual, 50, { mask: brain });
  const distances = mapVoxels(distance, [residual], { centre });
  const median = await percentile(distances, 50, { mask: brain });
  dispose(box, residual, distances);
  // A voxel takes part in its own box's mean, which takes 1/27 of white noise's variance away.
  return (MAD_TO_SIGMA * median) / Math.sqrt(1 - 1 / 27);
}
