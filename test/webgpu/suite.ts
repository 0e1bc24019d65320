import { beforeAll, describe, expect, test } from "vitest";
import { addNoise, simulateDose, simulateNoisyDose } from "../../src/dose/index.js";
import {
  enhancementMask,
  enhancementSignal,
  noiseLevel,
  normalizeNoise,
  revertSignal,
  subtract,
  synthesize,
} from "../../src/enhancement/index.js";
import { gaussian, localMoments, percentile } from "../../src/filters/index.js";
import { createGrid, createMask, createVolume, type Mask, type Volume } from "../../src/index.js";
import { type Predictor, slidingWindow } from "../../src/inference/index.js";
import { fillNormal } from "../../src/internal/random.js";
import { mse, psnr, ssim } from "../../src/metrics/index.js";
import * as gpu from "../../src/webgpu/index.js";

// Sizes that no power of two divides, more than a workgroup, and more than a chunk where the limit is low.
const grid = createGrid({ shape: [21, 13, 67], spacingMm: [1, 1.5, 2] });
const count = 21 * 13 * 67;
const normal = (seed: number) => {
  const data = new Float32Array(count);
  fillNormal(data, seed);
  return data;
};
const brain: Mask = createMask(
  normal(3).map((v, at) => (at % 21 > 2 && at % 13 !== 4 && v < 1.5 ? 1 : 0)),
  grid,
);
const pre: Volume = createVolume(
  normal(1).map((v, at) => 1 + 0.3 * Math.sin(at / 50) + 0.05 * v),
  grid,
);
const post: Volume = createVolume(
  normal(2).map((v, at) => pre.data[at]! + 0.05 * v + (at % 21 > 12 && at % 21 < 16 ? 0.6 : 0)),
  grid,
);
const sigmas: Volume = createVolume(
  normal(4).map((v) => Math.max(0, 0.05 * v)),
  grid,
);
const difference = subtract(pre, post);

/** Half a unit in the last place of numbers of about 1, the unit of the tolerances below; see docs/numerics.md. */
export const ULP = 2 ** -24;

/** What every device must compute, compared with the CPU. `open` gives the device. */
export function kernelSuite(name: string, open: () => Promise<gpu.GpuDevice>): void {
  describe(`kernels on ${name}`, () => {
    let device: gpu.GpuDevice;
    let a: gpu.GpuVolume;
    let b: gpu.GpuVolume;
    let z: gpu.GpuVolume;
    let s: gpu.GpuVolume;
    let mask: gpu.GpuMask;
    beforeAll(async () => {
      device = await open();
      a = gpu.upload(device, pre);
      b = gpu.upload(device, post);
      z = gpu.upload(device, difference);
      s = gpu.upload(device, sigmas);
      mask = gpu.uploadMask(device, brain);
    });

    const close = async (result: gpu.GpuVolume, expected: Volume, ulps: number) => {
      const { grid, data } = await gpu.download(result);
      gpu.dispose(result);
      expect(grid).toEqual(expected.grid);
      expect(data.length).toBe(expected.data.length);
      let [scale, worst] = [0, 0];
      for (let i = 0; i < data.length; i++) {
        scale = Math.max(scale, Math.abs(expected.data[i]!));
        const error = Math.abs(data[i]! - expected.data[i]!);
        if (!(error <= worst)) worst = error;
      }
      expect(worst / scale / ULP).toBeLessThanOrEqual(ulps);
    };

    test("what is uploaded comes back, also views of larger and of shared memory, and masks of any length", async () => {
      const shared = new Float32Array(new SharedBuffer(4 * (count + 3))).subarray(3);
      shared.set(pre.data);
      for (const data of [pre.data, shared]) {
        const volume = gpu.upload(device, createVolume(data, grid));
        expect((await gpu.download(volume)).data).toEqual(pre.data);
        gpu.dispose(volume);
      }
      expect(mask.count).toBe(brain.data.reduce((sum, v) => sum + v, 0));
    });

    test("subtract, synthesize, enhancementSignal: every bit", async () => {
      await close(gpu.subtract(a, b), difference, 0);
      await close(gpu.synthesize(a, b), synthesize(pre, post), 0);
      await close(gpu.enhancementSignal(a, b), enhancementSignal(pre, post), 0);
    });

    test("simulateDose; dose 0 and 1 exactly", async () => {
      await close(gpu.simulateDose(a, b, { dose: 0.3 }), simulateDose(pre, post, { dose: 0.3 }), 4);
      await close(gpu.simulateDose(a, b, { dose: 0 }), pre, 0);
      await close(gpu.simulateDose(a, b, { dose: 1 }), post, 0);
    });

    for (const options of [
      { sigmaVoxels: 1 },
      { sigmaMm: 2 },
      { sigmaVoxels: [0, 3, 1], boundary: "reflect" },
      { sigmaVoxels: 2, boundary: "zero", kernel: "discrete" },
      { sigmaVoxels: 4, method: "exact" },
      { sigmaVoxels: 6, boundary: "reflect", truncate: 2 },
      { sigmaVoxels: 0 },
    ] as const)
      test(`gaussian ${JSON.stringify(options)}`, async () => {
        await close(gpu.gaussian(a, options), gaussian(pre, options), 16);
      });

    for (const options of [
      { sigmaVoxels: 16 },
      { sigmaVoxels: 6, method: "recursive" },
      { sigmaVoxels: [3, 20, 8], boundary: "zero", method: "recursive" },
    ] as const)
      test(`gaussian ${JSON.stringify(options)}, within the tolerance of the exact one`, async () => {
        // Of the range of the volume and of 0, which lies beyond: 1.5.
        await close(gpu.gaussian(a, options), gaussian(pre, { ...options, method: "exact" }), (1.5 * 1.5e-4) / ULP);
      });

    test("localMoments", async () => {
      const expected = localMoments(difference, brain, { sigmaVoxels: 3 });
      const { mean, sd } = await gpu.localMoments(z, mask, { sigmaVoxels: 3 });
      await close(mean, expected.mean, 32);
      await close(sd, expected.sd, 64);
    });

    test("noiseLevel", async () => {
      for (const estimator of ["negatives", "huber", "highpass-mad"] as const) {
        const found = await gpu.noiseLevel(z, { brain: mask, estimator });
        expect(found / noiseLevel(difference, { brain, estimator })).toBeCloseTo(1, 6);
      }
    });

    test("normalizeNoise and its inverse, the mask of enhancement, the signal", async () => {
      const options = { sigmaVoxels: 3, sigma: 0.05, maskSigma: 0.05 };
      const expected = normalizeNoise(difference, { brain, ...options });
      const found = await gpu.normalizeNoise(z, { brain: mask, ...options });
      const p = gpu.enhancementMask(found.normalized, found);
      await close(gpu.denormalizeNoise(found.normalized, found), difference, 16);
      await close(gpu.revertSignal(found.normalized, found), revertSignal(expected.normalized, expected), 64);
      await close(p, enhancementMask(expected.normalized, expected), 512);
      await close(found.mean, expected.mean, 64);
      await close(found.sd, expected.sd, 64);
      await close(found.normalized, expected.normalized, 64);
      // With levels of its own, which sums in float32 move by less than 1e-7.
      const estimated = await gpu.normalizeNoise(z, { brain: mask, sigmaVoxels: 3 });
      expect(estimated.sigma / normalizeNoise(difference, { brain, sigmaVoxels: 3 }).sigma).toBeCloseTo(1, 6);
    });

    test("noise: the CPU's numbers, gaussian and Rician, local, masked, of large seeds", async () => {
      for (const distribution of ["gaussian", "rician"] as const) {
        const options = { seed: 2 ** 40 + 5, distribution, stream: 3 };
        await close(gpu.addNoise(a, { ...options, sigma: 1 }), addNoise(pre, { ...options, sigma: 1 }), 16);
        await close(
          gpu.addNoise(a, { ...options, sigma: s, mask }),
          addNoise(pre, { ...options, sigma: sigmas, mask: brain }),
          8,
        );
      }
      const noisy = { dose: 0.1, seed: 7, noise: { sigma: 0.1 } };
      await close(gpu.simulateNoisyDose(a, b, noisy), simulateNoisyDose(pre, post, noisy), 8);
    });

    test("percentile: every bit", async () => {
      for (const q of [0, 5, 37.3, 50, 100]) {
        expect(await gpu.percentile(z, q)).toBe(percentile(difference, q));
        expect(await gpu.percentile(z, q, { mask })).toBe(percentile(difference, q, { mask: brain }));
      }
    });

    test("mse, psnr, ssim", async () => {
      expect((await gpu.mse(a, b)) / mse(pre, post)).toBeCloseTo(1, 6);
      for (const dataRange of [1.5, "reference-max", "reference-range"] as const) {
        expect(await gpu.psnr(a, b, { dataRange })).toBeCloseTo(psnr(pre, post, { dataRange }), 5);
        expect(await gpu.psnr(a, b, { dataRange, mask })).toBeCloseTo(psnr(pre, post, { dataRange, mask: brain }), 5);
      }
      expect(await gpu.psnr(a, a, { dataRange: 1 })).toBe(Infinity);
      for (const window of ["scikit-image", "wang", "axial"] as const) {
        const options = { window, dataRange: 1.5 };
        // Variances from differences of squares in float32.
        expect(Math.abs((await gpu.ssim(a, b, options)) - ssim(pre, post, options))).toBeLessThan(2e-6);
        const inside = Math.abs((await gpu.ssim(a, b, { ...options, mask })) - ssim(pre, post, { ...options, mask: brain }));
        expect(inside).toBeLessThan(2e-6);
        expect(await gpu.ssim(a, a, options)).toBeCloseTo(1, 6);
      }
    });

    for (const options of [
      { window: [8, 8, 16], overlap: 0.5 },
      { window: [24, 16, 8], overlap: 0.25, marginVoxels: 1, placement: "monai", padValue: 2 },
      { window: [16, 8, 12], overlap: 0.5, weighting: "uniform", alignedTo: [4, 4, 4] },
    ] as const)
      test(`slidingWindow ${JSON.stringify(options)}`, async () => {
        // Copies its first channel, weighted by the place in the window, so that a wrong place or weight would show.
        const ramp = (n: number) => 1 + n / 100;
        const onCpu: Predictor = async ({ dims, data }) => {
          const size = data.length / 2;
          return {
            dims: [1, 1, ...dims.slice(2)],
            data: Float32Array.from({ length: size }, (_, n) => data[n]! * ramp(n % 7) + data[size + n]!),
          };
        };
        const onGpu: gpu.GpuPredictor = async (patches) => {
          const volume = await gpu.download({
            ...patches,
            grid: createGrid({ shape: [patches.dims.reduce((x, y) => x * y, 1), 1, 1] }),
          });
          const { dims, data } = await onCpu({ dims: patches.dims, data: volume.data });
          const { buffer } = gpu.upload(device, createVolume(data, createGrid({ shape: [data.length, 1, 1] })));
          return { dims, buffer, device, dispose: () => buffer.destroy() };
        };
        const expected = await slidingWindow([pre, post], onCpu, options);
        await close(await gpu.slidingWindow([a, b], onGpu, options), expected, 8);
      });

    test("refuses what the CPU refuses", async () => {
      const other = gpu.upload(device, createVolume(new Float32Array(8), createGrid({ shape: [2, 2, 2] })));
      const nan = createVolume(new Float32Array(8).fill(NaN), createGrid({ shape: [2, 2, 2] }));
      expect(() => gpu.upload(device, nan)).toThrow(/NaN or infinite/);
      expect(() => gpu.uploadMask(device, createMask(new Uint8Array(8), other.grid))).toThrow(/no voxel/);
      expect(() => gpu.subtract(a, other)).toThrow(/grids differ/);
      expect(() => gpu.simulateDose(a, b, { dose: 2 })).toThrow(/dose must lie within 0 and 1/);
      expect(() => gpu.gaussian(a, {})).toThrow(/sigmaVoxels or sigmaMm/);
      expect(() => gpu.gaussian(a, { sigmaVoxels: 2, tolerance: 0 })).toThrow(/tolerance/);
      expect(() => gpu.addNoise(a, { sigma: -1, seed: 1 })).toThrow(/sigma/);
      expect(() => gpu.addNoise(a, { sigma: 1, seed: 0.5 })).toThrow(/seed/);
      expect(() => gpu.enhancementMask(a, { sigma: 0 })).toThrow(/sigma/);
      await expect(gpu.percentile(a, 101)).rejects.toMatchObject({ code: "out-of-range" });
      await expect(gpu.psnr(a, b, { dataRange: 0 })).rejects.toMatchObject({ code: "out-of-range" });
      await expect(gpu.ssim(a, b, { dataRange: 1, window: { kind: "uniform", size: 15 } })).rejects.toMatchObject({
        code: "out-of-range",
      });
      await expect(gpu.normalizeNoise(a, { brain: mask })).rejects.toMatchObject({ code: "not-prepared" });
      await expect(gpu.slidingWindow([], async (p) => p, { window: [4, 4, 4] })).rejects.toMatchObject({ code: "out-of-range" });
      await expect(gpu.slidingWindow([a, b], async (p) => p, { window: [4, 4, 4] })).rejects.toMatchObject({ code: "bad-model" });
      const signal = AbortSignal.abort();
      await expect(gpu.slidingWindow([a], async (p) => p, { window: [4, 4, 4], signal })).rejects.toMatchObject({
        code: "aborted",
      });
      gpu.dispose(other);
    });
  });
}

// Absent in a page that isn't cross-origin isolated.
const SharedBuffer = typeof SharedArrayBuffer === "undefined" ? ArrayBuffer : SharedArrayBuffer;
