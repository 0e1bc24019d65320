import { describe, expect, test } from "vitest";
import { subtract } from "../../src/enhancement/subtract.js";
import { gaussian } from "../../src/filters/gaussian.js";
import { gaussianKernel } from "../../src/filters/gaussianKernel.js";
import { createGrid, createVolume, type Vec3 } from "../../src/index.js";
import { measuredNoise, whiteNoise } from "../../src/inference/extrapolationNoise.js";
import { PAIRS } from "../../src/inference/neighbourhoods.js";
import { noise } from "../enhancement/oracles.js";
import { eachVoxel } from "../support/oracles.js";

const shape: Vec3 = [40, 36, 32];
const count = 40 * 36 * 32;
const grid = createGrid({ shape });
/** Within, as a blur makes more of the noise at the ends. */
const brain = { grid, data: new Uint8Array(count) };
eachVoxel(shape, (i, j, k, v) => {
  brain.data[v] = [i, j, k].every((n, axis) => n >= 3 && n < shape[axis]! - 3) ? 1 : 0;
});
const DOSE = 0.25;
/** Nothing enhances, and the restorer says so. */
const nothing = createVolume(new Float32Array(count), grid);

function noiseOf(added: ArrayLike<number>) {
  const pre = createVolume(new Float32Array(count).fill(0.5), grid);
  const low = createVolume(
    Float32Array.from(added, (z) => 0.5 + z),
    grid,
  );
  return measuredNoise(nothing, nothing, subtract(pre, low), { pre, low, dose: DOSE, brain });
}

describe("measuredNoise", () => {
  test("white noise is told from its level alone", () => {
    const { variance, shared } = noiseOf(noise(shape, { seed: 1, sd: 0.02 }).data);
    const { variance: expected } = whiteNoise(0.02, { pre: nothing, low: nothing, dose: DOSE, brain });
    expect(expected).toBeCloseTo((1 - 1 / 16) * 0.08 ** 2, 12);
    // The median of 26,520 deviations varies by 0.7 %, and twice as much squared.
    expect(Math.abs(variance / expected - 1)).toBeLessThan(0.03);
    expect(shared).toEqual(new Float64Array(62));
  });

  test("grain: what a blur makes neighbours share, and 2.5 % of the variance more", () => {
    const [centre, ...others] = gaussianKernel(0.7);
    const kernel = [...others.toReversed(), centre!, ...others];
    const product = (step: number) => kernel.reduce((sum, w, n) => sum + w * (kernel[n + step] ?? 0), 0);
    const grain = gaussian(noise(shape, { seed: 2 }), { sigmaVoxels: 0.7 }).data;
    const { variance, shared } = noiseOf(Array.from(grain, (z) => 0.1 * z));
    const total = (0.1 / DOSE) ** 2 * product(0) ** 3;
    // So much noise that neighbours share is worth some 3000 voxels of white noise: √(2/3000) is 2.6 %.
    expect(Math.abs(variance / total - 1.025)).toBeLessThan(0.08);
    for (const [n, steps] of PAIRS.entries()) {
      const part = steps.reduce((share, step) => (share * product(Math.abs(step))) / product(0), 1);
      expect(Math.abs(shared[n]! / total - (part + 0.025))).toBeLessThan(0.04);
    }
  });

  test("where something enhances isn't asked, nor what is the same in both scans", () => {
    const data = noise(shape, { seed: 3, sd: 0.02 }).data.map((z, v) => (v % 3 === 0 ? 0 : z));
    const claimed = createVolume(
      data.map((_, v) => (v < count / 2 ? 0 : 1)),
      grid,
    );
    const pre = createVolume(new Float32Array(count).fill(0.5), grid);
    const low = createVolume(
      data.map((z, v) => 0.5 + z * (v < count / 2 ? 1 : 20)),
      grid,
    );
    const { variance } = measuredNoise(claimed, claimed, subtract(pre, low), { pre, low, dose: DOSE, brain });
    expect(variance).toBeLessThan(2 * 0.08 ** 2);
  });
});
