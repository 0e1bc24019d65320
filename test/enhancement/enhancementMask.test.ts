import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { enhancementMask } from "../../src/enhancement/enhancementMask.js";
import { volume, volumeOf } from "../support/arbitraries.js";

const at = (z: readonly number[], sigma: number) => [...enhancementMask(volumeOf([z.length, 1, 1], z), { sigma }).data];
const sigma = () => fc.double({ min: 1e-3, max: 1e3, noNaN: true });

describe("enhancementMask", () => {
  test("for σ = 1: w = 3.06341 and b = −7.65853", () => {
    const logit = (p: number) => Math.log(p / (1 - p));
    const [p1, p2, p3] = at([1, 2, 3], 1) as [number, number, number];
    expect(logit(p2) - logit(p1)).toBeCloseTo(3.06341, 4);
    expect(logit(p3) - 3 * 3.0634132334230597).toBeCloseTo(-7.65853308355765, 4);
  });

  test("far values saturate, without overflow; NaN stays NaN", () => {
    expect(at([-1e38, 1e38, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NaN], 1e-3)).toEqual([
      0,
      1,
      0,
      1,
      Number.NaN,
    ]);
    expect(at([0], 1)[0]).toBeCloseTo(1 / (1 + Math.exp(7.65853308355765)), 10);
  });

  test("refuses a σ that is not positive", () => {
    for (const wrong of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => at([1], wrong)).toThrowError(expect.objectContaining({ code: "out-of-range" }));
  });

  describe("laws", () => {
    test("0.01 at σ, 0.5 at 2.5σ, 0.99 at 4σ", () =>
      fc.assert(
        fc.property(sigma(), (s) => {
          const [p1, p2, p4] = at([s, 2.5 * s, 4 * s], s) as [number, number, number];
          // z and p are rounded to float32.
          expect(p1).toBeCloseTo(0.01, 7);
          expect(p2).toBeCloseTo(0.5, 6);
          expect(p4).toBeCloseTo(0.99, 6);
        }),
      ));

    test("rises with z, stays within 0 and 1, and is symmetric about 2.5σ", () =>
      fc.assert(
        fc.property(volume(), sigma(), (v, s) => {
          const sorted = [...v.data].sort((a, b) => a - b);
          const p = at(sorted, s);
          p.forEach((value, i) => {
            expect(value).toBeGreaterThanOrEqual(i ? p[i - 1]! : 0);
            expect(value).toBeLessThanOrEqual(1);
          });
          const [low, high] = at([1.5 * s, 3.5 * s], s) as [number, number];
          expect(low + high).toBeCloseTo(1, 6);
        }),
      ));

    test("depends on z/σ alone", () =>
      fc.assert(
        fc.property(volume(), sigma(), fc.integer({ min: -20, max: 20 }), (v, s, power) => {
          const k = 2 ** power;
          expect(at([...v.data.map((x) => k * x)], k * s)).toEqual(at([...v.data], s));
        }),
      ));
  });
});
