import fc from "fast-check";
import { expect, describe as group, test } from "vitest";
import { type Description, describe } from "../../src/statistics/index.js";
import { codeOf } from "../metrics/oracles.js";
import { golden } from "../support/golden.js";

group("describe", () => {
  test("examples", () => {
    expect(describe([1, 2, 3, 4])).toEqual({
      n: 4,
      mean: 2.5,
      sd: Math.sqrt(5 / 3),
      min: 1,
      q1: 1.75,
      median: 2.5,
      q3: 3.25,
      max: 4,
    });
    expect(describe([7])).toEqual({ n: 1, mean: 7, sd: Number.NaN, min: 7, q1: 7, median: 7, q3: 7, max: 7 });
  });

  test("infinite samples count", () => {
    const { mean, sd, median, max } = describe([30, 40, Infinity]);
    expect([mean, sd, median, max]).toEqual([Infinity, Number.NaN, 40, Infinity]);
    expect(describe([-Infinity, 1, Infinity]).mean).toBeNaN();
    expect(describe([1, Infinity, Infinity]).q3).toBe(Infinity);
  });

  test("numbers whose sum or square is too large or too small", () => {
    expect(describe([1e308, 1e308]).mean).toBe(1e308);
    expect(describe([1e200, 3e200]).sd).toBeCloseTo(Math.SQRT2 * 1e200, -187);
    expect(describe([1e-200, 3e-200]).sd / 1e-200).toBeCloseTo(Math.SQRT2, 14);
    expect(describe([5, 5, 5]).sd).toBe(0);
    // The mean, 2⁵² + 1/3, is rounded; the sd isn't.
    expect(describe([0, 0, 1].map((v) => v + 2 ** 52)).sd).toBeCloseTo(Math.sqrt(1 / 3), 15);
  });

  test("refuses", () => {
    expect(() => describe([])).toThrowError(/needs 1 sample/);
    expect(() => describe([1, Number.NaN])).toThrowError(/samples\[1\] is NaN/);
    expect(codeOf(() => describe([]))).toBe("out-of-range");
  });

  test("leaves its input as it is", () => {
    const samples = [3, 1, 2];
    describe(samples);
    expect(samples).toEqual([3, 1, 2]);
  });

  group("laws", () => {
    const samples = () => fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 40 });

    test("in order, and unchanged by the order of the samples", () => {
      fc.assert(
        fc.property(samples(), (v) => {
          const d = describe(v);
          const { min, q1, median, q3, max } = d;
          expect([min, q1, median, q3, max]).toEqual([min, q1, median, q3, max].sort((a, b) => a - b));
          expect(describe([...v].reverse())).toEqual(d);
        }),
      );
    });

    test("turning all signs swaps the quartiles", () => {
      fc.assert(
        fc.property(samples(), (v) => {
          const d = describe(v);
          const turned = describe(v.map((x) => -x));
          for (const [a, b] of [
            ["min", "max"],
            ["q1", "q3"],
            ["median", "median"],
            ["mean", "mean"],
          ] as const)
            expect(Math.abs(turned[a] + d[b])).toBeLessThan(1e-9);
        }),
      );
    });
  });

  test("equals numpy", () => {
    const { cases } = golden<{ cases: Record<string, Description & { samples: number[] }> }>("statistics/describe");
    for (const [name, { samples, ...expected }] of Object.entries(cases)) {
      const actual = describe(samples);
      for (const key of ["n", "min", "q1", "median", "q3", "max"] as const)
        expect(actual[key], `${name}, ${key}`).toBe(expected[key]);
      expect(Math.abs(actual.mean - expected.mean), name).toBeLessThanOrEqual(4e-16 * Math.max(...samples.map(Math.abs)));
      if (expected.sd === null) expect(actual.sd).toBeNaN();
      else
        expect(Math.abs(actual.sd - expected.sd), name).toBeLessThanOrEqual(
          1e-14 * expected.sd + 1e-15 * Math.abs(expected.mean),
        );
    }
  });
});
