import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  describe as describeSamples,
  studentInterval,
  type TTestOptions,
  tTest,
  tTestFromSummary,
} from "../../src/statistics/index.js";
import { codeOf } from "../metrics/oracles.js";
import { golden } from "../support/golden.js";
import { relativeError } from "./oracles.js";

type Samples = Record<string, { x: number[]; y: number[] }>;
const stored = golden<{
  samples: Samples;
  tTests: ({ sample: string; t: number; pValue: number } & Pick<Required<TTestOptions>, "design" | "alternative">)[];
  intervals: { sample: string; level: number; low: number; high: number }[];
}>("statistics/tests");

const DESIGNS = ["paired", "equal-variances", "welch"] as const;

describe("tTest and tTestFromSummary", () => {
  test("example: Student's own sleep data", () => {
    const x = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2];
    const y = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
    // R: t.test(extra ~ group, sleep) and its paired form.
    expect(tTest(x, y, { design: "welch" })).toMatchObject({ df: expect.closeTo(17.776, 3), pValue: expect.closeTo(0.07939, 5) });
    const paired = tTest(x, y, { design: "paired" });
    expect(paired.t).toBeCloseTo(-4.0621, 4);
    expect(paired.pValue).toBeCloseTo(0.002833, 6);
    expect(paired.interval[0]).toBeCloseTo(-2.4598858, 6);
    expect(paired.interval[1]).toBeCloseTo(-0.7001142, 6);
  });

  test("nothing varies", () => {
    for (const design of DESIGNS) {
      expect(tTest([1, 1], [2, 2], { design })).toMatchObject({ t: -Infinity, pValue: 0, interval: [-1, -1] });
      expect(tTest([1, 1], [1, 1], { design })).toMatchObject({ t: Number.NaN, pValue: Number.NaN, difference: 0 });
    }
  });

  test("refuses", () => {
    const design = "paired";
    expect(() => tTest([1], [1], { design })).toThrowError(/x needs 2 sample/);
    expect(() => tTest([1, 2], [1, 2, 3], { design })).toThrowError(/must pair up/);
    expect(() => tTest([1, Number.NaN], [1, 2], { design })).toThrowError(/x\[1\] is NaN/);
    expect(() => tTest([1, 2], [1, Infinity], { design })).toThrowError(/y\[1\] is infinite/);
    // biome-ignore lint/suspicious/noExplicitAny: a caller without types
    expect(() => tTest([1, 2], [1, 2], { design: "independent" as any })).toThrowError(/design must be one of/);
    expect(() => tTest([1, 2], [1, 3], { design, level: 1 })).toThrowError(/level/);
    const a = { mean: 1, sd: 1, n: 5 };
    for (const bad of [{ sd: -1 }, { n: 1 }, { mean: Number.NaN }])
      expect(codeOf(() => tTestFromSummary(a, { ...a, ...bad }, { design: "welch" }))).toBe("out-of-range");
  });

  describe("laws", () => {
    const list = () => fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 20 });

    test("summaries give the same as the samples", () => {
      fc.assert(
        fc.property(list(), list(), fc.constantFrom("equal-variances", "welch" as const), (x, y, design) => {
          const [a, b] = [tTestFromSummary(describeSamples(x), describeSamples(y), { design }), tTest(x, y, { design })];
          if (!Number.isFinite(b.t)) return;
          expect(a.t).toBeCloseTo(b.t, 10);
          expect(a.df).toBeCloseTo(b.df, 9);
          expect(a.pValue).toBeCloseTo(b.pValue, 12);
          expect(a.interval[0]).toBeCloseTo(b.interval[0], 9);
        }),
      );
    });

    test("turned round, t turns; both sides together are 1; two-sided is twice the smaller; the interval holds 0 as p exceeds α", () => {
      fc.assert(
        fc.property(list(), list(), fc.constantFrom("equal-variances", "welch" as const), (x, y, design) => {
          const { t, pValue, interval } = tTest(x, y, { design });
          fc.pre(Number.isFinite(t));
          expect(tTest(y, x, { design }).t).toBeCloseTo(-t, 10);
          const [greater, less] = (["greater", "less"] as const).map(
            (alternative) => tTest(x, y, { design, alternative }).pValue,
          );
          expect(greater! + less!).toBeCloseTo(1, 12);
          expect(pValue).toBeCloseTo(2 * Math.min(greater!, less!), 12);
          if (Math.abs(pValue - 0.05) > 1e-9) expect(interval[0] < 0 && interval[1] > 0).toBe(pValue > 0.05);
        }),
      );
    });

    test("unchanged by a common gain and offset, as long as numbers hold the samples", () => {
      fc.assert(
        fc.property(
          list(),
          list(),
          fc.integer({ min: -1070, max: 950 }),
          fc.integer({ min: -(2 ** 52), max: 2 ** 52 }),
          fc.constantFrom(...DESIGNS),
          (x, y, exponent, offset, design) => {
            const n = Math.min(x.length, y.length);
            const moved = (v: readonly number[]) => v.map((s) => (s + offset) * 2 ** exponent);
            const [a, b] = [
              tTest(x.slice(0, n), y.slice(0, n), { design }),
              tTest(moved(x.slice(0, n)), moved(y.slice(0, n)), { design }),
            ];
            if (Number.isFinite(a.t)) expect(relativeError(b.pValue, a.pValue)).toBeLessThan(1e-10);
            else expect(b.pValue).toEqual(a.pValue);
          },
        ),
      );
    });
  });

  test("equals SciPy, into the tails", () => {
    for (const { sample, design, alternative, t, pValue } of stored.tTests) {
      const { x, y } = stored.samples[sample]!;
      const actual = tTest(x, y, { design, alternative });
      const name = `${sample}, ${design}, ${alternative}`;
      // Far from zero SciPy's mean of 1e8 keeps 8 digits of a spread of 1.
      const tolerance = sample === "far from zero" ? 1e-7 : 1e-12;
      expect(relativeError(actual.t, t), name).toBeLessThan(tolerance);
      expect(relativeError(actual.pValue, pValue), name).toBeLessThan(Math.max(1e-10, tolerance));
    }
  });
});

describe("studentInterval", () => {
  test("equals SciPy's standard error times mpmath's quantile", () => {
    for (const { sample, level, low, high } of stored.intervals) {
      const [a, b] = studentInterval(stored.samples[sample]!.x, { level });
      // Relative to the width: a bound may lie near 0.
      expect(Math.abs(a - low)).toBeLessThan(1e-11 * (high - low) + 1e-15 * Math.abs(high));
      expect(Math.abs(b - high)).toBeLessThan(1e-11 * (high - low) + 1e-15 * Math.abs(high));
    }
  });

  test("no spread, no width", () => {
    expect(studentInterval([3, 3, 3])).toEqual([3, 3]);
  });

  test("refuses", () => {
    expect(() => studentInterval([1])).toThrowError(/2 sample/);
    expect(() => studentInterval([1, Infinity])).toThrowError(/infinite/);
    expect(() => studentInterval([1, 2], { level: 2 })).toThrowError(/level/);
  });
});
