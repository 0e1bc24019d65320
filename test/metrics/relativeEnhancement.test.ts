import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createVolume } from "../../src/index.js";
import { relativeEnhancement } from "../../src/metrics/index.js";
import { maskOf, maskOn, pairOnOneGrid, volumeOf, volumeOn } from "../support/arbitraries.js";
import { codeOf } from "./oracles.js";

describe("relativeEnhancement", () => {
  const pre = volumeOf([4, 1, 1], [1, 1, 1, 1]);
  const post = volumeOf([4, 1, 1], [1, 3, 5, 9]);
  const lesion = maskOf(".##.");

  test("example: the largest voxels may be different ones", () => {
    expect(relativeEnhancement(pre, post, volumeOf([4, 1, 1], [8, 4, 2, 7]), lesion)).toEqual({ mean: 4 / 6, max: 3 / 4 });
  });

  test("a lesion that doesn't enhance has no ratio", () => {
    expect(relativeEnhancement(pre, pre, pre, lesion)).toEqual({ mean: Number.NaN, max: Number.NaN });
    expect(relativeEnhancement(pre, pre, post, lesion)).toEqual({ mean: Infinity, max: Infinity });
  });

  test("refuses", () => {
    expect(codeOf(() => relativeEnhancement(pre, post, post, maskOf("....")))).toBe("empty-mask");
    expect(codeOf(() => relativeEnhancement(pre, post, post, maskOf("..")))).toBe("grid-mismatch");
    expect(codeOf(() => relativeEnhancement(pre, post, volumeOf([1, 4, 1], [0, 0, 0, 0]), lesion))).toBe("grid-mismatch");
    const bad = volumeOf([4, 1, 1], [0, Number.NaN, 0, 0]);
    expect(() => relativeEnhancement(bad, post, post, lesion)).toThrowError(/pre-contrast/);
    expect(() => relativeEnhancement(pre, bad, post, lesion)).toThrowError(/post-contrast/);
    expect(() => relativeEnhancement(pre, post, bad, lesion)).toThrowError(/test scan/);
  });

  describe("laws", () => {
    test("a linear dose d, exact in float32, has c̄ = ĉ = d", () => {
      // Integers and doses in eighths: no rounding anywhere.
      const whole = fc.integer({ min: -1000, max: 4000 });
      const cases = pairOnOneGrid().chain(([{ grid }]) => fc.tuple(volumeOn(grid, whole), volumeOn(grid, whole), maskOn(grid)));
      fc.assert(
        fc.property(cases, fc.integer({ min: 0, max: 8 }), ([a, b, mask], eighths) => {
          const d = eighths / 8;
          const low = createVolume(
            a.data.map((v, i) => v + d * (b.data[i]! - v)),
            a.grid,
          );
          fc.pre(mask.data.includes(1));
          const { mean, max } = relativeEnhancement(a, b, low, mask);
          const sum = a.data.reduce((s, v, i) => s + (mask.data[i] ? b.data[i]! - v : 0), 0);
          const top = a.data.reduce((s, v, i) => (mask.data[i] ? Math.max(s, b.data[i]! - v) : s), -Infinity);
          if (sum !== 0) expect(mean).toBeCloseTo(d, 12);
          if (top !== 0) expect(max).toBeCloseTo(d, 12);
        }),
      );
    });

    test("enhancements add up: c̄(a + b) = c̄(a) + c̄(b), and ĉ(a + b) ≤ ĉ(a) + ĉ(b)", () => {
      const whole = fc.integer({ min: 0, max: 1000 });
      const cases = pairOnOneGrid().chain(([{ grid }]) =>
        fc.tuple(
          volumeOn(grid, whole),
          volumeOn(grid, fc.integer({ min: 1, max: 1000 })),
          volumeOn(grid, whole),
          volumeOn(grid, whole),
          maskOn(grid),
        ),
      );
      fc.assert(
        fc.property(cases, ([base, signal, first, second, mask]) => {
          fc.pre(mask.data.includes(1));
          const plus = (...signals: (typeof base)[]) =>
            createVolume(
              base.data.map((v, i) => signals.reduce((s, { data }) => s + data[i]!, v)),
              base.grid,
            );
          const of = (...signals: (typeof base)[]) => relativeEnhancement(base, plus(signal), plus(...signals), mask);
          const both = of(first, second);
          expect(both.mean).toBeCloseTo(of(first).mean + of(second).mean, 9);
          expect(both.max).toBeLessThanOrEqual(of(first).max + of(second).max + 1e-9);
        }),
      );
    });
  });
});
