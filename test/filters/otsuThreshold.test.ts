import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { histogram } from "../../src/filters/histogram.js";
import { otsuThreshold } from "../../src/filters/otsuThreshold.js";
import { createGrid, createMask, createVolume, type Vec3 } from "../../src/index.js";
import { volume, volumeOf } from "../support/arbitraries.js";
import { golden } from "../support/golden.js";

interface GoldenStatistics {
  shape: Vec3;
  volume: Float32Array;
  mask: Uint8Array;
  otsu: { bins: number; threshold: number }[];
  maskedOtsu: number;
}
const reference = golden<GoldenStatistics>("filters/statistics");
const goldenVolume = createVolume(reference.volume, createGrid({ shape: reference.shape }));

describe("otsuThreshold", () => {
  test("examples: between two clusters; at a constant", () => {
    const threshold = otsuThreshold(volumeOf([6, 1, 1], [1, 2, 1, 9, 10, 9]));
    expect(threshold).toBeGreaterThan(2);
    expect(threshold).toBeLessThan(9);
    expect(otsuThreshold(volumeOf([2, 1, 1], [7, 7]))).toBe(7);
    expect(otsuThreshold(volumeOf([2, 1, 1], [7, 7]), { bins: 2, range: [0, 8] })).toBe(6);
  });

  test("refuses a range without voxels", () => {
    expect(() => otsuThreshold(volumeOf([2, 1, 1], [1, 2]), { range: [5, 6] })).toThrowError(/range/);
  });

  test.each(reference.otsu)("golden: skimage.filters.threshold_otsu, $bins bins", ({ bins, threshold }) => {
    expect(otsuThreshold(goldenVolume, { bins })).toBeCloseTo(threshold, 9);
  });

  test("golden: inside a mask", () => {
    const mask = createMask(reference.mask, goldenVolume.grid);
    expect(otsuThreshold(goldenVolume, { mask })).toBeCloseTo(reference.maskedOtsu, 9);
  });

  test("no other bin parts the histogram into classes further apart", () =>
    fc.assert(
      fc.property(volume(4), fc.integer({ min: 2, max: 20 }), (v, bins) => {
        const { counts, low, binWidth } = histogram(v, { bins });
        const centres = Array.from(counts, (_, b) => low + (b + 0.5) * binWidth);
        const between = (split: number) => {
          const moment = (from: number, to: number, power: number) =>
            counts.slice(from, to).reduce((sum, n, b) => sum + n * centres[from + b]! ** power, 0);
          const [a, b] = [moment(0, split + 1, 0), moment(split + 1, bins, 0)];
          return a === 0 || b === 0 ? 0 : a * b * (moment(0, split + 1, 1) / a - moment(split + 1, bins, 1) / b) ** 2;
        };
        const chosen = Math.round((otsuThreshold(v, { bins }) - low) / binWidth - 0.5);
        const best = Math.max(...centres.map((_, split) => between(split)));
        expect(between(chosen)).toBeGreaterThanOrEqual(best * (1 - 1e-9));
      }),
    ));
});
