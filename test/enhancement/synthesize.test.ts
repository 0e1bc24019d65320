import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { simulateDose } from "../../src/dose/simulateDose.js";
import { subtract } from "../../src/enhancement/subtract.js";
import { synthesize } from "../../src/enhancement/synthesize.js";
import { dose, pairOnOneGrid, volumeOf } from "../support/arbitraries.js";
import { maxAbsDifference, scaleOf } from "../support/oracles.js";

describe("synthesize", () => {
  test("is the sum", () => {
    expect([...synthesize(volumeOf([2, 1, 1], [1, 2]), volumeOf([2, 1, 1], [3, -1])).data]).toEqual([4, 1]);
  });

  test("refuses another grid", () => {
    expect(() => synthesize(volumeOf([2, 1, 1], [1, 2]), volumeOf([1, 1, 1], [1]))).toThrowError(
      expect.objectContaining({ code: "grid-mismatch" }),
    );
  });

  test("the subtraction image put back is the post-contrast scan", () =>
    fc.assert(
      fc.property(pairOnOneGrid(), ([pre, post]) => {
        expect(maxAbsDifference(synthesize(pre, subtract(pre, post)), post)).toBeLessThan(1.2e-7 * scaleOf(pre, post));
      }),
    ));

  // Mean relative enhancement of x: Σ(x − x_PC) / Σ(x_SD − x_PC). Pinetz, table 3: .39 + .78 = 1.17.
  test("relative enhancement adds up: c̄(SD+) = c̄(LD) + c̄(SD)", () =>
    fc.assert(
      fc.property(pairOnOneGrid(), dose(), ([pre, post], d) => {
        const enhancement = (x: typeof pre) => x.data.reduce((sum, v, i) => sum + (v - pre.data[i]!), 0);
        const low = simulateDose(pre, post, { dose: d });
        const signal = subtract(post, low);
        const sum = enhancement(low) + enhancement(synthesize(pre, signal));
        const slack = 4e-7 * scaleOf(pre, post) * pre.data.length;
        expect(Math.abs(enhancement(synthesize(low, signal)) - sum)).toBeLessThan(slack);
      }),
    ));
});
