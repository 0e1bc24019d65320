import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Alternative, type MannWhitneyUOptions, mannWhitneyU } from "../../src/statistics/index.js";
import { codeOf } from "../metrics/oracles.js";
import { golden } from "../support/golden.js";
import { relativeError } from "./oracles.js";

const ALTERNATIVES: readonly Alternative[] = ["two-sided", "greater", "less"];

describe("mannWhitneyU", () => {
  test("example", () => {
    expect(mannWhitneyU([1, 2, 3], [4, 5, 6])).toEqual({ u: 0, pValue: 0.1, auc: 0, method: "exact" });
    expect(mannWhitneyU([4, 5, 6], [1, 2, 3], { alternative: "greater" })).toMatchObject({ u: 9, pValue: 0.05, auc: 1 });
  });

  test("all equal", () => {
    for (const method of ["exact", "approximate"] as const)
      expect(mannWhitneyU([1, 1], [1, 1, 1], { method })).toMatchObject({ u: 3, pValue: 1, auc: 0.5 });
  });

  test("auto", () => {
    const ladder = (n: number, from: number) => Array.from({ length: n }, (_, i) => from + 2 * i);
    expect(mannWhitneyU(ladder(8, 0), ladder(92, 1)).method).toBe("exact");
    expect(mannWhitneyU(ladder(8, 0), ladder(93, 1)).method).toBe("approximate");
    expect(mannWhitneyU(ladder(9, 0), ladder(9, 1)).method).toBe("approximate");
    expect(mannWhitneyU(ladder(3, 0), ladder(3, 0)).method).toBe("approximate");
  });

  test("refuses", () => {
    expect(() => mannWhitneyU([], [1])).toThrowError(/x needs 1 sample/);
    expect(() => mannWhitneyU([1], [Number.NaN])).toThrowError(/y\[0\] is NaN/);
    // biome-ignore lint/suspicious/noExplicitAny: a caller without types
    expect(codeOf(() => mannWhitneyU([1], [2], { method: "asymptotic" as any }))).toBe("out-of-range");
  });

  describe("laws", () => {
    const few = () => fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 5 });

    test("exact p-values equal the enumeration of all draws", () => {
      fc.assert(
        fc.property(few(), few(), fc.constantFrom(...ALTERNATIVES), (x, y, alternative) => {
          expect(mannWhitneyU(x, y, { alternative, method: "exact" }).pValue).toBeCloseTo(enumerated(x, y, alternative), 13);
        }),
      );
    });

    test("U counts pairs; the two U add up to all pairs; turned round, the sides swap", () => {
      const options = fc.record({ method: fc.constantFrom("exact", "approximate" as const), continuity: fc.boolean() });
      fc.assert(
        fc.property(few(), few(), options, (x, y, o) => {
          const pairs = x.flatMap((a) => y.map((b) => (a > b ? 1 : a === b ? 0.5 : 0))).reduce((s: number, v) => s + v, 0);
          expect(mannWhitneyU(x, y, o).u).toBe(pairs);
          expect(mannWhitneyU(y, x, o).u).toBe(x.length * y.length - pairs);
          expect(mannWhitneyU(y, x, { ...o, alternative: "less" }).pValue).toBeCloseTo(
            mannWhitneyU(x, y, { ...o, alternative: "greater" }).pValue,
            12,
          );
        }),
      );
    });
  });

  test("equals SciPy, into the tails", () => {
    const stored = golden<{
      samples: Record<string, { x: number[]; y: number[] }>;
      uTests: { sample: string; options: MannWhitneyUOptions; u: number; pValue: number }[];
    }>("statistics/tests");
    for (const { sample, options, u, pValue } of stored.uTests) {
      const { x, y } = stored.samples[sample]!;
      const actual = mannWhitneyU(x, y, options);
      const name = `${sample} ${JSON.stringify(options)}`;
      expect(actual.u, name).toBe(u);
      expect(relativeError(actual.pValue, pValue), name).toBeLessThan(1e-10);
    }
  });
});

function enumerated(x: readonly number[], y: readonly number[], alternative: Alternative): number {
  const all = [...x, ...y];
  const u = (chosen: readonly number[], rest: readonly number[]) =>
    chosen.flatMap((a) => rest.map((b) => (a > b ? 1 : a === b ? 0.5 : 0))).reduce((s: number, v) => s + v, 0);
  const seen = u(x, y);
  const draws = Array.from({ length: 2 ** all.length }, (_, bits) => bits)
    .filter((bits) => all.filter((_, i) => (bits >> i) & 1).length === x.length)
    .map((bits) =>
      u(
        all.filter((_, i) => (bits >> i) & 1),
        all.filter((_, i) => !((bits >> i) & 1)),
      ),
    );
  const share = (test: (v: number) => boolean) => draws.filter(test).length / draws.length;
  const [less, greater] = [share((v) => v <= seen), share((v) => v >= seen)];
  return alternative === "less" ? less : alternative === "greater" ? greater : Math.min(1, 2 * Math.min(less, greater));
}
