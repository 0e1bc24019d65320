import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { histogram } from "../../src/filters/histogram.js";
import { createGrid, createMask, createVolume, type Vec3 } from "../../src/index.js";
import { volume, volumeOf } from "../support/arbitraries.js";
import { golden } from "../support/golden.js";

interface GoldenHistogram {
  bins: number;
  range: [number, number] | null;
  counts: Float64Array;
  low: number;
  high: number;
}
interface GoldenStatistics {
  shape: Vec3;
  volume: Float32Array;
  mask: Uint8Array;
  histograms: GoldenHistogram[];
  maskedHistogram: GoldenHistogram;
}
const reference = golden<GoldenStatistics>("filters/statistics");
const goldenVolume = createVolume(reference.volume, createGrid({ shape: reference.shape }));

describe("histogram", () => {
  test("examples: lower edges belong to a bin, and the last upper edge", () => {
    const v = volumeOf([5, 1, 1], [0, 1, 2, 3, 4]);
    expect(histogram(v, { bins: 4 })).toEqual({ counts: Float64Array.of(1, 1, 1, 2), low: 0, binWidth: 1 });
    expect(histogram(v, { bins: 2, range: [1, 3] })).toEqual({ counts: Float64Array.of(1, 2), low: 1, binWidth: 1 });
  });

  test("a constant image lies in the middle of a range of 1", () => {
    const v = volumeOf([3, 1, 1], [7, 7, 7]);
    expect(histogram(v, { bins: 3 })).toEqual({ counts: Float64Array.of(0, 3, 0), low: 6.5, binWidth: 1 / 3 });
  });

  test("refuses", () => {
    const v = volumeOf([2, 1, 1], [1, 2]);
    for (const bins of [0, 1.5, Number.NaN]) expect(() => histogram(v, { bins })).toThrowError(/bins/);
    expect(() => histogram(v, { bins: 2, range: [2, 1] })).toThrowError(/rise/);
    expect(() => histogram(v, { bins: 2, range: [0, Infinity] })).toThrowError(/finite/);
    expect(() => histogram(v, { bins: 2, mask: createMask([0, 0], v.grid) })).toThrowError(/no voxel/);
    expect(() => histogram(volumeOf([2, 1, 1], [1, Number.NaN]), { bins: 2 })).toThrowError(/NaN/);
  });

  test.each(reference.histograms)("golden: numpy.histogram, $bins bins over $range", ({ bins, range, counts, low, high }) => {
    const out = histogram(goldenVolume, range ? { bins, range } : { bins });
    expect(out.counts).toEqual(counts);
    expect(out.low).toBe(low);
    expect(out.low + bins * out.binWidth).toBeCloseTo(high, 9);
  });

  test("golden: inside a mask", () => {
    const { bins, counts } = reference.maskedHistogram;
    expect(histogram(goldenVolume, { bins, mask: createMask(reference.mask, goldenVolume.grid) }).counts).toEqual(counts);
  });

  test("counts each voxel once, in the bin whose edges hold it", () =>
    fc.assert(
      fc.property(volume(), fc.integer({ min: 1, max: 40 }), (v, bins) => {
        const { counts, low, binWidth } = histogram(v, { bins });
        expect(counts.reduce((a, b) => a + b, 0)).toBe(v.data.length);
        const high = low + bins * binWidth;
        const below = (edge: number) => v.data.reduce((n, x) => n + (x < edge ? 1 : 0), 0);
        let sum = 0;
        for (let b = 1; b < bins; b++) {
          sum += counts[b - 1]!;
          expect(sum).toBe(below(low + (b * (high - low)) / bins));
        }
      }),
    ));
});
