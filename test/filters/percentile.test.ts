import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { medianOf, valuesAtRanks } from "../../src/filters/orderStatistics.js";
import { percentile, percentiles } from "../../src/filters/percentile.js";
import { createGrid, createMask, createVolume, isGadoliniteError, type Vec3 } from "../../src/index.js";
import { grid, maskOn, volume, volumeOf, volumeOn } from "../support/arbitraries.js";
import { golden } from "../support/golden.js";

interface GoldenStatistics {
  shape: Vec3;
  volume: Float32Array;
  mask: Uint8Array;
  qs: number[];
  percentiles: number[];
  maskedPercentiles: number[];
}
const reference = golden<GoldenStatistics>("filters/statistics");
const goldenVolume = createVolume(reference.volume, createGrid({ shape: reference.shape }));
const goldenMask = createMask(reference.mask, goldenVolume.grid);
const q = () => fc.double({ min: 0, max: 100, noNaN: true });
const byNumber = (a: number, b: number) => a - b;

describe("percentile", () => {
  test("examples", () => {
    const v = volumeOf([4, 1, 1], [4, 1, 3, 2]);
    expect(percentile(v, 0)).toBe(1);
    expect(percentile(v, 50)).toBe(2.5);
    expect(percentile(v, 95)).toBeCloseTo(3.85, 12);
    expect(percentile(v, 100)).toBe(4);
    expect(percentiles(v, [100, 0, 50])).toEqual([4, 1, 2.5]);
    expect(percentile(v, 50, { mask: createMask([1, 0, 1, 0], v.grid) })).toBe(3.5);
    expect(percentile(volumeOf([1, 1, 1], [-0]), 30)).toBe(0);
  });

  test("refuses", () => {
    const v = volumeOf([2, 1, 1], [1, Number.NaN]);
    for (const wrong of [-1, 100.1, Number.NaN]) expect(() => percentile(v, wrong)).toThrowError(/percentile/);
    for (const bad of [Number.NaN, Infinity, -Infinity])
      expect(() => percentile(volumeOf([2, 1, 1], [1, bad]), 50)).toThrowError(/NaN or infinite/);
    expect(percentile(v, 50, { mask: createMask([1, 0], v.grid) })).toBe(1);
    expect(() => percentile(v, 50, { mask: createMask([0, 1], v.grid) })).toThrowError(/inside the mask/);
    try {
      percentile(v, 50, { mask: createMask([0, 0], v.grid) });
      expect.unreachable();
    } catch (error) {
      expect(isGadoliniteError(error, "empty-mask")).toBe(true);
    }
    expect(() => percentile(v, 50, { mask: createMask([1], createGrid({ shape: [1, 1, 1] })) })).toThrowError(/grid/);
  });

  test("golden: numpy.percentile", () => {
    percentiles(goldenVolume, reference.qs).forEach((p, n) => {
      expect(p).toBeCloseTo(reference.percentiles[n]!, 10);
    });
    percentiles(goldenVolume, reference.qs, { mask: goldenMask }).forEach((p, n) => {
      expect(p).toBeCloseTo(reference.maskedPercentiles[n]!, 10);
    });
  });

  test("rank by rank it is the sorted array, for any finite float32", () =>
    fc.assert(
      fc.property(fc.float32Array({ noNaN: true, noDefaultInfinity: true, minLength: 1, maxLength: 40 }), (values) => {
        const sorted = Array.from(values).sort(byNumber);
        const ranks = sorted.map((_, rank) => rank);
        valuesAtRanks("The values", values, ranks).forEach((value, rank) => {
          expect(value + 0).toBe(sorted[rank]! + 0);
        });
      }),
    ));

  test("a part of a longer buffer is read from its own offset", () => {
    const buffer = Float32Array.of(9, 9, 3, 1, 2);
    expect(valuesAtRanks("The values", buffer.subarray(2), [0, 1, 2])).toEqual([1, 2, 3]);
  });

  test("0 is the minimum, 100 the maximum, rising in between", () =>
    fc.assert(
      fc.property(volume(), q(), q(), (v, a, b) => {
        expect(percentile(v, 0)).toBe(Math.min(...v.data) + 0);
        expect(percentile(v, 100)).toBe(Math.max(...v.data) + 0);
        expect(percentile(v, Math.min(a, b))).toBeLessThanOrEqual(percentile(v, Math.max(a, b)));
      }),
    ));

  test("a mask is the same as leaving the others out", () =>
    fc.assert(
      fc.property(
        grid(5)
          .chain((g) => fc.tuple(volumeOn(g), maskOn(g)))
          .filter(([, m]) => m.data.includes(1)),
        q(),
        ([v, mask], p) => {
          const kept = v.data.filter((_, i) => mask.data[i]);
          expect(percentile(v, p, { mask })).toBe(percentile(volumeOf([kept.length, 1, 1], kept), p));
        },
      ),
    ));

  test("the median is that of the sorted values", () =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1 }), (values) => {
        const sorted = [...values].sort(byNumber);
        const half = values.length / 2;
        const expected = values.length % 2 === 1 ? sorted[Math.floor(half)]! : (sorted[half - 1]! + sorted[half]!) / 2;
        expect(medianOf(Float32Array.from(values))).toBe(expected + 0);
      }),
    ));
  test("the median of nothing is NaN", () => {
    expect(medianOf(new Float32Array(0))).toBeNaN();
  });
});
