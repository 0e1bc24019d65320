import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { simulateDose } from "../../src/dose/simulateDose.js";
import { subtract } from "../../src/enhancement/subtract.js";
import { dose, pairOnOneGrid, volumeOf } from "../support/arbitraries.js";
import { maxAbsDifference, scaleOf } from "../support/oracles.js";

describe("subtract", () => {
  test("is post minus pre", () => {
    const z = subtract(volumeOf([4, 1, 1], [1, 2, Number.NaN, 0]), volumeOf([4, 1, 1], [4, 0, 1, Number.POSITIVE_INFINITY]));
    expect([...z.data]).toEqual([3, -2, Number.NaN, Number.POSITIVE_INFINITY]);
  });

  test("refuses another grid", () => {
    expect(() => subtract(volumeOf([2, 1, 1], [1, 2]), volumeOf([1, 2, 1], [1, 2]))).toThrowError(
      expect.objectContaining({ code: "grid-mismatch" }),
    );
  });

  test("swapping the scans swaps the sign; of a simulated dose it is the dose's part", () =>
    fc.assert(
      fc.property(pairOnOneGrid(), dose(), ([pre, post], d) => {
        const z = subtract(pre, post).data;
        subtract(post, pre).data.forEach((v, i) => expect(v + z[i]!).toBe(0));
        const low = subtract(pre, simulateDose(pre, post, { dose: d }));
        expect(maxAbsDifference(low, { data: z.map((v) => d * v) })).toBeLessThan(2e-7 * scaleOf(pre, post));
      }),
    ));
});
