import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { extrapolateDose, fuseContrast } from "../../src/dose/extrapolateDose.js";
import { simulateDose } from "../../src/dose/simulateDose.js";
import { pairOnOneGrid, volumeOf } from "../support/arbitraries.js";
import { maxAbsDifference, scaleOf } from "../support/oracles.js";

const positiveDose = () => fc.double({ min: 0.01, max: 1, noNaN: true });

describe("extrapolateDose", () => {
  const pre = volumeOf([2, 1, 1], [100, 50]);
  const low = volumeOf([2, 1, 1], [110, 50]);

  test("examples", () => {
    expect([...extrapolateDose(pre, low, { dose: 0.25 }).data]).toEqual([140, 50]);
    expect([...extrapolateDose(pre, low, { dose: 0.25, target: 2 }).data]).toEqual([180, 50]);
    expect([...extrapolateDose(pre, low, { dose: 0.25, target: 0 }).data]).toEqual([100, 50]);
  });

  test("refuses", () => {
    for (const dose of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => extrapolateDose(pre, low, { dose })).toThrowError(/dose/);
    expect(() => extrapolateDose(pre, low, { dose: 0.5, target: -1 })).toThrowError(/target/);
    expect(() => extrapolateDose(pre, volumeOf([1, 1, 1], [1]), { dose: 0.5 })).toThrowError(
      expect.objectContaining({ code: "grid-mismatch" }),
    );
  });

  describe("laws", () => {
    test("it undoes simulateDose", () =>
      fc.assert(
        fc.property(pairOnOneGrid(), positiveDose(), ([a, b], dose) => {
          const back = extrapolateDose(a, simulateDose(a, b, { dose }), { dose });
          // One rounding to float32 is amplified by 1/dose, another is the result's own.
          expect(maxAbsDifference(back, b)).toBeLessThan(6e-8 * (1 / dose + 1) * scaleOf(a, b));
        }),
      ));

    test("to its own dose it changes nothing, and below it it is simulateDose", () =>
      fc.assert(
        fc.property(pairOnOneGrid(), positiveDose(), fc.double({ min: 0, max: 1, noNaN: true }), ([a, b], dose, part) => {
          expect(maxAbsDifference(extrapolateDose(a, b, { dose, target: dose }), b)).toBe(0);
          const less = extrapolateDose(a, b, { dose, target: part * dose });
          expect(maxAbsDifference(less, simulateDose(a, b, { dose: part }))).toBeLessThan(1.2e-7 * scaleOf(a, b));
        }),
      ));
  });
});

describe("fuseContrast", () => {
  test("example: half of each", () => {
    const pre = volumeOf([1, 1, 1], [100]);
    const low = volumeOf([1, 1, 1], [110]);
    // ½·(100 + 2·10) + ½·(110 + 6·10)
    expect([...fuseContrast(pre, low, { preGain: 2, lowGain: 6 }).data]).toEqual([145]);
  });

  test("refuses negative gains", () => {
    const pre = volumeOf([1, 1, 1], [100]);
    expect(() => fuseContrast(pre, pre, { preGain: -1, lowGain: 0 })).toThrowError(/preGain/);
    expect(() => fuseContrast(pre, pre, { preGain: 1, lowGain: Number.NaN })).toThrowError(/lowGain/);
  });

  test("with the ideal gains it extrapolates", () =>
    fc.assert(
      fc.property(pairOnOneGrid(), positiveDose(), ([a, b], dose) => {
        const fused = fuseContrast(a, b, { preGain: 1 / dose, lowGain: 1 / dose - 1 });
        expect(maxAbsDifference(fused, extrapolateDose(a, b, { dose }))).toBeLessThan((2.5e-7 / dose) * scaleOf(a, b));
      }),
    ));
});
