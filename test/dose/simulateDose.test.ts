import fc from "fast-check";
import ndarray from "ndarray";
import ops from "ndarray-ops";
import { describe, expect, test } from "vitest";
import { simulateDose } from "../../src/dose/simulateDose.js";
import { psnr } from "../../src/metrics/psnr.js";
import { dose, pairOnOneGrid, volumeOf } from "../support/arbitraries.js";
import { maxAbsDifference, scaleOf } from "../support/oracles.js";

describe("simulateDose", () => {
  test("examples", () => {
    const pre = volumeOf([2, 1, 1], [100, 0]);
    const post = volumeOf([2, 1, 1], [200, 0]);
    expect([...simulateDose(pre, post, { dose: 0.25 }).data]).toEqual([125, 0]);
  });

  test("refuses", () => {
    const pre = volumeOf([2, 1, 1], [1, 2]);
    expect(() => simulateDose(pre, volumeOf([1, 2, 1], [1, 2]), { dose: 0.5 })).toThrowError(
      expect.objectContaining({ code: "grid-mismatch" }),
    );
    for (const wrong of [-0.1, 1.1, Number.NaN])
      expect(() => simulateDose(pre, pre, { dose: wrong })).toThrowError(expect.objectContaining({ code: "out-of-range" }));
  });

  test("NaN and infinite voxels pass through", () => {
    const pre = volumeOf([3, 1, 1], [Number.NaN, 1, 1]);
    const post = volumeOf([3, 1, 1], [1, Number.POSITIVE_INFINITY, 2]);
    expect([...simulateDose(pre, post, { dose: 0.5 }).data]).toEqual([Number.NaN, Number.POSITIVE_INFINITY, 1.5]);
  });

  describe("laws", () => {
    test("no agent is the pre-contrast scan, all of it the post-contrast scan", () =>
      fc.assert(
        fc.property(pairOnOneGrid(), ([pre, post]) => {
          // -0 + 0 is 0: only the sign of a zero may differ.
          expect(maxAbsDifference(simulateDose(pre, post, { dose: 0 }), pre)).toBe(0);
          expect(maxAbsDifference(simulateDose(pre, post, { dose: 1 }), post)).toBe(0);
        }),
      ));

    test("a part of a part is the product: simulate(pre, simulate(pre, post, a), b) = simulate(pre, post, a·b)", () =>
      fc.assert(
        fc.property(pairOnOneGrid(), dose(), dose(), ([pre, post], a, b) => {
          const twice = simulateDose(pre, simulateDose(pre, post, { dose: a }), { dose: b });
          // Two roundings to float32, 6e-8 each.
          expect(maxAbsDifference(twice, simulateDose(pre, post, { dose: a * b }))).toBeLessThan(2e-7 * scaleOf(pre, post));
        }),
      ));

    test("Chen's table 4: PSNR(d) = PSNR(0) − 20·log10(1 − d)", () =>
      fc.assert(
        fc.property(pairOnOneGrid({ different: true }), fc.double({ min: 0, max: 0.95, noNaN: true }), ([pre, post], d) => {
          const before = (dose: number) => psnr(post, simulateDose(pre, post, { dose }), { dataRange: 1 });
          // Differences of 1 or more on intensities of up to 4000, rounded to float32: 0.01 dB.
          expect(before(d)).toBeCloseTo(before(0) - 20 * Math.log10(1 - d), 1.5);
        }),
      ));

    test("equals ndarray-ops", () =>
      fc.assert(
        fc.property(pairOnOneGrid(), dose(), ([pre, post], d) => {
          const expected = ndarray(new Float64Array(pre.data));
          ops.mulseq(expected, 1 - d);
          const rest = ndarray(new Float64Array(post.data));
          ops.mulseq(rest, d);
          ops.addeq(expected, rest);
          expect(simulateDose(pre, post, { dose: d }).data).toEqual(Float32Array.from(expected.data));
        }),
      ));

    test("inputs are left alone", () =>
      fc.assert(
        fc.property(pairOnOneGrid(), dose(), ([pre, post], d) => {
          const [a, b] = [pre.data.slice(), post.data.slice()];
          simulateDose(pre, post, { dose: d });
          expect(pre.data).toEqual(a);
          expect(post.data).toEqual(b);
        }),
      ));
  });
});
