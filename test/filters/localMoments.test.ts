import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gaussianKernel } from "../../src/filters/gaussianKernel.js";
import { localMoments } from "../../src/filters/localMoments.js";
import { createGrid, createMask, createVolume, type Mask, type Volume } from "../../src/index.js";
import { fillNormal } from "../../src/internal/random.js";
import { grid, maskOn, volumeOf, volumeOn } from "../support/arbitraries.js";
import { maxAbsDifference, scaleOf } from "../support/oracles.js";
import { slowSeparable } from "./oracles.js";

const all = (v: Volume): Mask => createMask(new Uint8Array(v.data.length).fill(1), v.grid);

/** The paper's formula as it stands, in float64. */
function slowMoments(v: Volume, mask: Mask, sigma: number) {
  const half = gaussianKernel(sigma, { kernel: "discrete", mass: 0.99 });
  const blurred = (f: (z: number) => number) => {
    const out = Float64Array.from(v.data, (z, i) => (mask.data[i] ? f(z) : 0));
    return slowSeparable({ grid: v.grid, data: out as unknown as Float32Array }, [half, half, half], "replicate");
  };
  const [w, first, second] = [blurred(() => 1), blurred((z) => z), blurred((z) => z * z)];
  const mean = first.map((x, i) => x / (w[i]! + 1e-8));
  return { w, mean, sd: second.map((x, i) => Math.sqrt(Math.max(0, x / (w[i]! + 1e-8) - mean[i]! ** 2))) };
}

const volumeAndMask = () =>
  grid(6)
    .chain((g) => fc.tuple(volumeOn(g), maskOn(g)))
    .filter(([, m]) => m.data.includes(1));

describe("localMoments", () => {
  test("examples: a constant has no spread, and nothing outside the mask counts", () => {
    const v = volumeOf([4, 1, 1], [5, 5, 5, Number.NaN]);
    const mask = createMask([1, 1, 1, 0], v.grid);
    const { mean, sd } = localMoments(v, mask, { sigmaVoxels: 2 });
    for (const m of mean.data) expect(m).toBeCloseTo(5, 5);
    expect([...sd.data].every((s) => s < 1e-3)).toBe(true);
  });

  test("where the window reaches no masked voxel: the mean of all of them, and no spread", () => {
    const v = volumeOf([40, 1, 1], new Float32Array(40).fill(7));
    const mask = createMask(
      Array.from({ length: 40 }, (_, i) => i < 3),
      v.grid,
    );
    const { mean, sd } = localMoments(v, mask, { sigmaVoxels: [2, 0, 0], truncate: 4 });
    expect(mean.data[39]).toBeCloseTo(7, 5);
    expect(sd.data[39]).toBe(0);
    expect(mean.data[2]).toBeCloseTo(7, 5);
  });

  test("refuses", () => {
    const v = volumeOf([2, 1, 1], [1, Number.NaN]);
    expect(() => localMoments(v, all(v))).toThrowError(/NaN/);
    expect(() => localMoments(v, createMask([0, 0], v.grid))).toThrowError(/no voxel/);
    expect(() => localMoments(v, all(volumeOf([1, 2, 1], [1, 2])))).toThrowError(/grid/);
    expect(() => localMoments(v, createMask([1, 0], v.grid), { sigmaVoxels: 1, sigmaMm: 1 })).toThrowError(/sigma/);
  });

  test("the paper's defaults: variance 256, discrete kernel of radius 41", () => {
    const shape = [24, 20, 16] as const;
    const data = new Float32Array(24 * 20 * 16);
    fillNormal(data, 7);
    const v = createVolume(data, createGrid({ shape }));
    const mask = createMask(
      data.map((z) => (Math.abs(z) < 2 ? 1 : 0)),
      v.grid,
    );
    const slow = slowMoments(v, mask, 16);
    const fast = localMoments(v, mask);
    expect(maxAbsDifference(fast.mean, { data: slow.mean })).toBeLessThan(1e-6);
    expect(maxAbsDifference(fast.sd, { data: slow.sd })).toBeLessThan(1e-6);
  });

  test("noise cut at ±2σ has a standard deviation of 0.8796 σ", () => {
    const shape = [64, 64, 64] as const;
    const data = new Float32Array(64 ** 3);
    fillNormal(data, 11);
    const v = createVolume(
      data.map((z) => 3 * z),
      createGrid({ shape }),
    );
    const mask = createMask(
      data.map((z) => (Math.abs(z) < 2 ? 1 : 0)),
      v.grid,
    );
    const { sd } = localMoments(v, mask);
    const centre = sd.data[32 + 64 * (32 + 64 * 32)]!;
    // The window holds some 10⁵ voxels: the estimate's own spread is 0.3 %.
    expect(centre / 3).toBeGreaterThan(0.8796 * 0.98);
    expect(centre / 3).toBeLessThan(0.8796 * 1.02);
  });

  test("a small spread on a large mean doesn't cancel away", () => {
    const data = new Float32Array(20 ** 3);
    fillNormal(data, 3);
    const low = createVolume(data, createGrid({ shape: [20, 20, 20] }));
    const high = createVolume(
      data.map((z) => 20_000 + z),
      low.grid,
    );
    const sdLow = localMoments(low, all(low), { sigmaVoxels: 4 }).sd;
    const sdHigh = localMoments(high, all(high), { sigmaVoxels: 4 }).sd;
    // At 20,000 the voxels themselves are rounded to 1/1024.
    expect(maxAbsDifference(sdLow, sdHigh)).toBeLessThan(1e-3);
  });

  test("equals the formula in float64 wherever the window holds weight", () =>
    fc.assert(
      fc.property(volumeAndMask(), fc.double({ min: 0.5, max: 6, noNaN: true }), ([v, mask], sigma) => {
        const slow = slowMoments(v, mask, sigma);
        const { mean, sd } = localMoments(v, mask, { sigmaVoxels: sigma, method: "exact" });
        const scale = scaleOf({ data: v.data });
        slow.w.forEach((w, i) => {
          // Below, the 10⁻⁸ in the denominator counts: the paper's mean tends to 0, ours to the mean of all masked voxels.
          if (w < 0.02) return;
          expect(Math.abs(mean.data[i]! - slow.mean[i]!)).toBeLessThan(1e-6 * scale);
          // A square root of a rounding error: √(10⁻⁶) of the scale at worst.
          expect(Math.abs(sd.data[i]! ** 2 - slow.sd[i]! ** 2)).toBeLessThan(2e-6 * scale ** 2);
        });
      }),
    ));
});
