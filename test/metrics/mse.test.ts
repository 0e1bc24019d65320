import fc from "fast-check";
import ndarray from "ndarray";
import ops from "ndarray-ops";
import { describe, expect, test } from "vitest";
import { createMask } from "../../src/index.js";
import { mae, mse, rmse } from "../../src/metrics/index.js";
import { maskOf, maskOn, pairOnOneGrid, volumeOf } from "../support/arbitraries.js";
import { codeOf } from "./oracles.js";

describe("mse, rmse and mae", () => {
  const reference = volumeOf([4, 1, 1], [0, 1, 2, 3]);
  const test4 = volumeOf([4, 1, 1], [0, 2, 0, 3]);

  test("examples", () => {
    expect(mse(reference, test4)).toBe(5 / 4);
    expect(rmse(reference, test4)).toBe(Math.sqrt(5 / 4));
    expect(mae(reference, test4)).toBe(3 / 4);
    expect(mse(reference, test4, { mask: maskOf(".##.") })).toBe(5 / 2);
    expect(mae(reference, test4, { mask: maskOf("#..#") })).toBe(0);
  });

  test("refuses", () => {
    for (const metric of [mse, rmse, mae]) {
      expect(codeOf(() => metric(reference, volumeOf([2, 2, 1], [0, 1, 2, 3])))).toBe("grid-mismatch");
      expect(codeOf(() => metric(reference, test4, { mask: maskOf("....") }))).toBe("empty-mask");
      expect(codeOf(() => metric(reference, test4, { mask: maskOf("#####") }))).toBe("grid-mismatch");
      for (const bad of [Number.NaN, Infinity, -Infinity]) {
        const spoilt = volumeOf([4, 1, 1], [0, bad, 0, 0]);
        expect(() => metric(reference, spoilt)).toThrowError(/test volume has voxels/);
        expect(() => metric(spoilt, reference)).toThrowError(/reference has voxels/);
        expect(codeOf(() => metric(spoilt, spoilt))).toBe("out-of-range");
        // What lies outside the mask doesn't count.
        expect(metric(spoilt, reference, { mask: maskOf("#...") })).toBe(0);
      }
    }
  });

  describe("laws", () => {
    test("equal ndarray-ops in float64", () => {
      fc.assert(
        fc.property(pairOnOneGrid(), ([a, b]) => {
          const difference = ndarray(new Float64Array(a.data));
          ops.subeq(difference, ndarray(new Float64Array(b.data)));
          const n = a.data.length;
          expect(mae(a, b)).toBeCloseTo(ops.norm1(difference) / n, 8);
          expect(rmse(a, b)).toBeCloseTo(ops.norm2(difference) / Math.sqrt(n), 8);
          expect(mse(a, b)).toBe(mse(b, a));
        }),
      );
    });

    test("a mask and its complement average to the whole", () => {
      const cases = pairOnOneGrid().chain(([a, b]) => fc.tuple(fc.constant(a), fc.constant(b), maskOn(a.grid)));
      fc.assert(
        fc.property(cases, ([a, b, mask]) => {
          const count = mask.data.reduce((sum, v) => sum + v, 0);
          fc.pre(count > 0 && count < mask.data.length);
          const rest = createMask(
            mask.data.map((v) => 1 - v),
            mask.grid,
          );
          const n = mask.data.length;
          for (const metric of [mse, mae]) {
            const parts = (count * metric(a, b, { mask }) + (n - count) * metric(a, b, { mask: rest })) / n;
            expect(Math.abs(parts - metric(a, b))).toBeLessThanOrEqual(1e-12 * metric(a, b));
          }
        }),
      );
    });
  });
});
