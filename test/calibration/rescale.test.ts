import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rescale } from "../../src/calibration/rescale.js";
import { simulateDose } from "../../src/dose/simulateDose.js";
import { psnr } from "../../src/metrics/psnr.js";
import { pairOnOneGrid, volume, volumeOf } from "../support/arbitraries.js";
import { maxAbsDifference, scaleOf } from "../support/oracles.js";

const interval = () =>
  fc
    .tuple(fc.integer({ min: -1000, max: 1000 }), fc.integer({ min: 1, max: 2000 }))
    .map(([low, width]) => [low, low + width] as const);

describe("rescale", () => {
  const v = volumeOf([5, 1, 1], [-100, 0, 100, 200, 300]);

  test("examples", () => {
    expect([...rescale(v, { from: [0, 200], to: [-1, 1] }).data]).toEqual([-2, -1, 0, 1, 2]);
    expect([...rescale(v, { from: [0, 200], to: [-1, 1], clip: true }).data]).toEqual([-1, -1, 0, 1, 1]);
    expect([...rescale(v, { from: [0, 200], to: [1, 0], clip: true }).data]).toEqual([1, 1, 0.5, 0, 0]);
    expect([...rescale(v, { from: [0, 100], to: [3, 3] }).data]).toEqual([3, 3, 3, 3, 3]);
  });

  test("NaN stays NaN, also when clipped", () => {
    const nan = volumeOf([1, 1, 1], [Number.NaN]);
    for (const clip of [false, true]) expect(rescale(nan, { from: [0, 1], to: [0, 1], clip }).data[0]).toBeNaN();
  });

  test("refuses", () => {
    for (const from of [
      [1, 1],
      [2, 1],
      [Number.NaN, 1],
      [0, Number.POSITIVE_INFINITY],
    ] as const)
      expect(() => rescale(v, { from, to: [0, 1] })).toThrowError(expect.objectContaining({ code: "out-of-range" }));
    expect(() => rescale(v, { from: [0, 1], to: [0, Number.NaN] })).toThrowError(/to\[1\]/);
  });

  describe("laws", () => {
    test("the ends are mapped exactly", () =>
      fc.assert(
        fc.property(interval(), interval(), (from, to) => {
          expect([...rescale(volumeOf([2, 1, 1], from), { from, to }).data]).toEqual([...to]);
        }),
      ));

    test("there and back is the input", () =>
      fc.assert(
        fc.property(volume(), interval(), interval(), (x, from, to) => {
          const back = rescale(rescale(x, { from, to }), { from: to, to: from });
          const gain = (from[1] - from[0]) / (to[1] - to[0]);
          // Rounding on the other scale, as large as its numbers, comes back with the gain.
          const there = scaleOf(rescale(x, { from, to }), volumeOf([2, 1, 1], to));
          expect(maxAbsDifference(back, x)).toBeLessThan(1.2e-7 * (gain * there + scaleOf(x, volumeOf([2, 1, 1], from))));
        }),
      ));

    test("clipping stays within, and changes nothing that was", () =>
      fc.assert(
        fc.property(volume(), interval(), interval(), (x, from, to) => {
          const free = rescale(x, { from, to }).data;
          rescale(x, { from, to, clip: true }).data.forEach((value, i) => {
            expect(value).toBe(Math.min(Math.max(free[i]!, to[0]), to[1]));
          });
        }),
      ));

    test("under one map a study PSNR(d) = PSNR(0) − 20·log10(1 − d) still holds", () =>
      fc.assert(
        fc.property(pairOnOneGrid({ different: true }), fc.integer({ min: 0, max: 9 }), ([pre, post], tenth) => {
          const [low, high] = [Math.min(...post.data), Math.max(...post.data)];
          fc.pre(high - low >= 1);
          const map = (x: typeof pre) => rescale(x, { from: [low, high], to: [-1, 1] });
          const before = (dose: number) => psnr(map(post), map(simulateDose(pre, post, { dose })), { dataRange: 2 });
          expect(before(tenth / 10)).toBeCloseTo(before(0) - 20 * Math.log10(1 - tenth / 10), 1);
        }),
      ));
  });
});
