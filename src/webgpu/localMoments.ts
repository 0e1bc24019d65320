import type { LocalMomentsOptions } from "../filters/localMoments.js";
import { gaussian } from "./gaussian.js";
import { checkTogether, dispose, emptyVolume, type GpuMask, type GpuVolume } from "./gpuVolume.js";
import { dispatch, type Kernel } from "./kernel.js";
import { reduce, reduction } from "./sums.js";
import { bindMask, bindVoxels, chunksOf, INSIDE, mapVoxels, voxelwise } from "./voxelwise.js";

const maskedSum = reduction("maskedSum", ["z"], [["+", "z"]], { where: "mask" });

/** M, M·(z − c) and M·(z − c)². */
const powers: Kernel = {
  name: "maskedPowers",
  params: { centre: "f32" },
  reads: { zs: "f32", mask: "u32" },
  writes: { weights: "f32", firsts: "f32", seconds: "f32" },
  declarations: INSIDE,
  body: `
  let m = select(0.0, 1.0, inside(n));
  let z = m * (zs[n] - p.centre);
  weights[n] = m;
  firsts[n] = z;
  seconds[n] = z * z;`,
};

// The paper's 1e-8 keeps the quotients defined where no masked voxel is near.
const SHARE = "fn share(sum: f32, weight: f32) -> f32 { return sum / (max(0.0, weight) + 1e-8); }";

const meanOf = voxelwise("localMean", ["weight", "first"], "p.centre + share(first, weight)", {
  params: { centre: "f32" },
  declarations: SHARE,
});

const sdOf = voxelwise(
  "localSd",
  ["weight", "first", "second"],
  "sqrt(max(0.0, share(second, weight) - share(first, weight) * share(first, weight)))",
  { declarations: SHARE },
);

/**
 * Mean and standard deviation of the masked voxels around each voxel, under a Gaussian window, on the GPU: as `localMoments` of
 * `gadolinite/filters`, with the same options.
 *
 * @throws `grid-mismatch`; `out-of-range` and `unsupported` as {@link gaussian}
 * @see Pinetz et al. 2024, local mean and standard deviation of the subtraction image
 * @example
 * const { mean, sd } = await localMoments(difference, mask, { sigmaVoxels: 16 });
 */
export async function localMoments(
  volume: GpuVolume,
  mask: GpuMask,
  options: LocalMomentsOptions = {},
): Promise<{ readonly mean: GpuVolume; readonly sd: GpuVolume }> {
  const { sigmaMm, sigmaVoxels = sigmaMm === undefined ? 16 : undefined, kernel = "discrete", truncate } = options;
  const { mass = truncate === undefined ? 0.99 : undefined } = options;
  const blur = { ...options, sigmaVoxels, kernel, mass };
  checkTogether(volume, mask);
  const { device, grid } = volume;
  const [sum] = await reduce(maskedSum, [volume], { mask });
  // As the CPU subtracts it: what is stored is float32.
  const centre = Math.fround(sum! / mask.count);

  const sums = [emptyVolume(device, grid), emptyVolume(device, grid), emptyVolume(device, grid)];
  for (const chunk of chunksOf(volume)) {
    const bindings = [bindVoxels(volume, chunk), bindMask(mask, chunk), ...sums.map((each) => bindVoxels(each, chunk))];
    dispatch(device, powers, { threads: chunk.count, params: { centre }, bindings });
  }
  const blurred = sums.map((each) => {
    const smooth = gaussian(each, blur);
    dispose(each);
    return smooth;
  });
  const mean = mapVoxels(meanOf, blurred.slice(0, 2), { centre });
  const sd = mapVoxels(sdOf, blurred);
  dispose(...blurred);
  return { mean, sd };
}
