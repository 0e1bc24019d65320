import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createVolume } from "../../src/index.js";
import { mse, psnr } from "../../src/metrics/index.js";
import { maskOf, pairOnOneGrid, volumeOf } from "../support/arbitraries.js";
import { codeOf } from "./oracles.js";

describe("psnr", () => {
  const reference = volumeOf([4, 1, 1], [0, 1, 2, 5]);
  const noisy = volumeOf([4, 1, 1], [0.1, 0.9, 2.1, 4.9]);

  test("examples", () => {
    expect(psnr(reference, noisy, { dataRange: 1 })).toBeCloseTo(20, 5);
    expect(psnr(reference, noisy, { dataRange: 10 })).toBeCloseTo(40, 5);
    expect(psnr(reference, reference, { dataRange: 1 })).toBe(Infinity);
  });

  test("the range from the reference, inside the mask", () => {
    const mask = maskOf(".##.");
    expect(psnr(reference, noisy, { dataRange: "reference-max", mask })).toBeCloseTo(20 * Math.log10(2 / 0.1), 5);
    expect(psnr(reference, noisy, { dataRange: "reference-range", mask })).toBeCloseTo(20 * Math.log10(1 / 0.1), 5);
    expect(psnr(reference, noisy, { dataRange: "reference-max" })).toBeCloseTo(20 * Math.log10(5 / 0.1), 5);
  });

  test("refuses", () => {
    for (const dataRange of [0, -1, Number.NaN, Infinity])
      expect(() => psnr(reference, noisy, { dataRange })).toThrowError(/dataRange must be positive/);
    const flat = volumeOf([4, 1, 1], [2, 2, 2, 2]);
    expect(() => psnr(flat, noisy, { dataRange: "reference-range" })).toThrowError(/range must be positive.* but is 0/);
    const negative = volumeOf([4, 1, 1], [-2, -2, -2, -2]);
    expect(() => psnr(negative, noisy, { dataRange: "reference-max" })).toThrowError(/maximum must be positive.* but is -2/);
    expect(codeOf(() => psnr(reference, noisy, { dataRange: 1, mask: maskOf("....") }))).toBe("empty-mask");
    expect(codeOf(() => psnr(reference, volumeOf([4, 1, 1], [1, 2, 3, Number.NaN]), { dataRange: 1 }))).toBe("out-of-range");
    expect(codeOf(() => psnr(reference, volumeOf([2, 2, 1], [0, 0, 0, 0]), { dataRange: 1 }))).toBe("grid-mismatch");
  });

  describe("laws", () => {
    test("10·log10(range²/MSE)", () => {
      fc.assert(
        fc.property(pairOnOneGrid({ different: true }), fc.double({ min: 1e-3, max: 1e5, noNaN: true }), ([a, b], dataRange) => {
          expect(psnr(a, b, { dataRange })).toBeCloseTo(10 * Math.log10(dataRange ** 2 / mse(a, b)), 9);
        }),
      );
    });

    test("unchanged by a common gain with its range", () => {
      // Powers of two scale float32 exactly.
      fc.assert(
        fc.property(pairOnOneGrid({ different: true }), fc.integer({ min: -20, max: 20 }), ([a, b], exponent) => {
          const scaled = ({ data, grid }: typeof a) =>
            createVolume(
              data.map((v) => v * 2 ** exponent),
              grid,
            );
          expect(psnr(scaled(a), scaled(b), { dataRange: 3 * 2 ** exponent })).toBeCloseTo(psnr(a, b, { dataRange: 3 }), 10);
        }),
      );
    });

    test("a linear low dose d gains −20·log10(1 − d) dB on no dose", () => {
      const dose = fc.double({ min: 0, max: 0.95, noNaN: true });
      fc.assert(
        fc.property(pairOnOneGrid({ different: true }), dose, ([pre, post], d) => {
          const low = createVolume(
            pre.data.map((v, i) => (1 - d) * v + d * post.data[i]!),
            pre.grid,
          );
          // float32 rounding of values up to 4000 against differences of 0.05 or more: below 0.01 of them, 0.1 dB.
          const gained = psnr(post, low, { dataRange: 1 }) - psnr(post, pre, { dataRange: 1 });
          expect(Math.abs(gained + 20 * Math.log10(1 - d))).toBeLessThan(0.1);
        }),
      );
    });
  });
});
