import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addNoise } from "../../src/dose/addNoise.js";
import { simulateDose } from "../../src/dose/simulateDose.js";
import { simulateNoisyDose } from "../../src/dose/simulateNoisyDose.js";
import { subtract } from "../../src/enhancement/subtract.js";
import { createGrid, createVolume, type Volume } from "../../src/index.js";
import { dose, pairOnOneGrid, seed, volumeOf } from "../support/arbitraries.js";
import { maxAbsDifference } from "../support/oracles.js";

const grid = createGrid({ shape: [40, 40, 40] });
const N = 64000;

/** Two scans of a flat phantom, each with noise of its own: the subtraction image has σ_z = √2·σ₁. */
const SIGMA_1 = 0.03;
const SIGMA_Z = Math.SQRT2 * SIGMA_1;
const flat = createVolume(new Float32Array(N).fill(0.7), grid);
const pre = addNoise(flat, { sigma: SIGMA_1, seed: 100 });
const post = addNoise(flat, { sigma: SIGMA_1, seed: 200 });

const sdOf = ({ data }: Volume) => {
  const mean = data.reduce((sum, v) => sum + v, 0) / data.length;
  return Math.sqrt(data.reduce((sum, v) => sum + (v - mean) ** 2, 0) / data.length);
};
/** √(mean of z² over the negatives). */
const mirrored = ({ data }: Volume) => {
  const negatives = data.filter((v) => v < 0);
  return Math.sqrt(negatives.reduce((sum, v) => sum + v * v, 0) / negatives.length);
};

describe("simulateNoisyDose", () => {
  test.each([0, 0.1, 0.33, 0.5, 0.9])("at dose %d the subtraction image is as noisy as the standard dose's", (d) => {
    const low = simulateNoisyDose(pre, post, { dose: d, noise: { sigma: SIGMA_Z }, seed: 1 });
    // Four standard errors; the negatives are half the voxels.
    expect(Math.abs(sdOf(subtract(pre, low)) / SIGMA_Z - 1)).toBeLessThan(4 / Math.sqrt(2 * N));
    expect(Math.abs(mirrored(subtract(pre, low)) / SIGMA_Z - 1)).toBeLessThan(4 / Math.sqrt(N));
  });

  test.each([0, 0.1, 0.33, 0.5, 0.9, 1])("at dose %d the image is as noisy as each scan, if that is asked for", (d) => {
    const low = simulateNoisyDose(pre, post, { dose: d, noise: { sigma: SIGMA_Z, matching: "image" }, seed: 1 });
    expect(Math.abs(sdOf(low) / SIGMA_1 - 1)).toBeLessThan(4 / Math.sqrt(2 * N));
  });

  test("the linear mix alone has less: √((1 − d)² + d²)·σ₁", () => {
    const half = sdOf(simulateDose(pre, post, { dose: 0.5 }));
    expect(Math.abs(half / (SIGMA_1 * Math.SQRT1_2) - 1)).toBeLessThan(4 / Math.sqrt(2 * N));
  });

  test.each([
    ["subtraction", 0.944],
    ["image", 0.47],
  ] as const)("at dose 0.33 matching the %s adds %d σ_z", (matching, factor) => {
    const added = (sigma: number) => {
      const noisy = simulateNoisyDose(flat, flat, { dose: 0.33, noise: { sigma, matching }, seed: 1 });
      return sdOf(noisy);
    };
    expect(Math.abs(added(0.1) / 0.1 - factor)).toBeLessThan(4 / Math.sqrt(2 * N));
  });

  test("doses have noise of their own, under one seed", () => {
    const noise = (d: number) => subtract(flat, simulateNoisyDose(flat, flat, { dose: d, noise: { sigma: 0.1 }, seed: 1 })).data;
    const [a, b] = [noise(0.1), noise(0.2)];
    let product = 0;
    for (let i = 0; i < N; i++) product += a[i]! * b[i]!;
    expect(Math.abs(product / N)).toBeLessThan((4 * 0.1 * 0.1) / Math.sqrt(N));
  });

  test("a volume of σ, a mask and Rician noise are passed on", () => {
    const a = volumeOf([3, 1, 1], [1, 1, 1]);
    const sigma = volumeOf([3, 1, 1], [0, 1, 1]);
    const mask = { grid: a.grid, data: Uint8Array.of(1, 1, 0) };
    const low = simulateNoisyDose(a, a, { dose: 0.5, noise: { sigma, distribution: "rician" }, seed: 3, mask }).data;
    expect([low[0], low[2]]).toEqual([1, 1]);
    expect(low[1]).not.toBe(1);
    expect(low[1]).toBeGreaterThan(0);
  });

  test.each([
    [{ dose: 1.5, noise: { sigma: 1 }, seed: 1 }, /dose/],
    [{ dose: 0.5, noise: { sigma: -1 }, seed: 1 }, /sigma/],
    [{ dose: 0.5, noise: { sigma: Number.NaN }, seed: 1 }, /sigma/],
    [{ dose: 1, noise: { sigma: 1 }, seed: -1 }, /seed/],
    [{ dose: 0.5, noise: { sigma: 1, matching: "both" }, seed: 1 }, /matching/],
  ])("refuses %j", (options, message) => {
    const a = volumeOf([1, 1, 1], [1]);
    expect(() => simulateNoisyDose(a, a, options as never)).toThrowError(message);
    expect(() => simulateNoisyDose(a, a, options as never)).toThrowError(expect.objectContaining({ code: "out-of-range" }));
  });

  describe("laws", () => {
    const matching = fc.constantFrom("subtraction" as const, "image" as const);
    const distribution = fc.constantFrom("gaussian" as const, "rician" as const);

    test("dose 1 is the post-contrast scan; dose 0 with image matching the pre-contrast scan", () =>
      fc.assert(
        fc.property(pairOnOneGrid(), seed(), matching, distribution, ([a, b], s, m, dist) => {
          const noise = { sigma: 50, matching: m, distribution: dist };
          expect(maxAbsDifference(simulateNoisyDose(a, b, { dose: 1, noise, seed: s }), b)).toBe(0);
          const image = { ...noise, matching: "image" as const };
          expect(maxAbsDifference(simulateNoisyDose(a, b, { dose: 0, noise: image, seed: s }), a)).toBe(0);
        }),
      ));

    test("dose 0 with subtraction matching is a repeat of the pre-contrast scan: the post-contrast scan plays no part", () =>
      fc.assert(
        fc.property(pairOnOneGrid(), seed(), ([a, b], s) => {
          const repeat = (other: Volume) => simulateNoisyDose(a, other, { dose: 0, noise: { sigma: 5 }, seed: s });
          expect(maxAbsDifference(repeat(b), repeat(a))).toBe(0);
          expect(maxAbsDifference(repeat(b), a)).toBeGreaterThan(0);
        }),
      ));

    test("without noise it is simulateDose", () =>
      fc.assert(
        fc.property(pairOnOneGrid(), dose(), seed(), matching, ([a, b], d, s, m) => {
          const silent = simulateNoisyDose(a, b, { dose: d, noise: { sigma: 0, matching: m }, seed: s });
          expect(silent.data).toEqual(simulateDose(a, b, { dose: d }).data);
        }),
      ));
  });
});
