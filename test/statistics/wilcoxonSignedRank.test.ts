import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Alternative, type WilcoxonSignedRankOptions, wilcoxonSignedRank } from "../../src/statistics/index.js";
import { codeOf } from "../metrics/oracles.js";
import { golden } from "../support/golden.js";
import { relativeError } from "./oracles.js";

const ALTERNATIVES: readonly Alternative[] = ["two-sided", "greater", "less"];

describe("wilcoxonSignedRank", () => {
  test("examples", () => {
    expect(wilcoxonSignedRank([3, 5, 6], [1, 1, 0])).toEqual({
      statistic: 0,
      pValue: 0.25,
      positive: 6,
      negative: 0,
      n: 3,
      method: "exact",
    });
    expect(wilcoxonSignedRank([2, 4, 6], undefined, { alternative: "greater" }).pValue).toBe(1 / 8);
    expect(wilcoxonSignedRank([2, 4, 6], undefined, { alternative: "less" }).pValue).toBe(1);
  });

  test("false detections in Bône's table 5: three cases one better, 76 equal", () => {
    const before = [1, 1, 1, ...new Array(76).fill(0)];
    const after = new Array(79).fill(0);
    const { pValue, method } = wilcoxonSignedRank(after, before);
    expect(method).toBe("approximate");
    expect(pValue).toBeCloseTo(0.0833, 4);
    expect(wilcoxonSignedRank(after, before, { method: "exact" }).pValue).toBe(0.25);
  });

  test("without a difference there is no evidence", () => {
    for (const zeros of ["wilcox", "pratt", "zsplit"] as const)
      for (const method of ["auto", "exact", "approximate"] as const)
        expect(wilcoxonSignedRank([1, 2], [1, 2], { zeros, method })).toMatchObject({ pValue: 1, n: 0 });
  });

  test("auto is exact up to 50 differences without ties or zeros", () => {
    const ladder = (n: number) => Array.from({ length: n }, (_, i) => (i + 1) * (i % 3 ? 1 : -1));
    expect(wilcoxonSignedRank(ladder(50)).method).toBe("exact");
    expect(wilcoxonSignedRank(ladder(51)).method).toBe("approximate");
    expect(wilcoxonSignedRank([...ladder(10), 10]).method).toBe("approximate");
    expect(wilcoxonSignedRank([...ladder(10), 0]).method).toBe("approximate");
  });

  test("refuses", () => {
    expect(codeOf(() => wilcoxonSignedRank([]))).toBe("out-of-range");
    expect(() => wilcoxonSignedRank([1, 2], [1])).toThrowError(/2 and 1 samples/);
    expect(() => wilcoxonSignedRank([1, Number.NaN])).toThrowError(/x\[1\] is NaN/);
    expect(() => wilcoxonSignedRank([1, 2], [Infinity, 0])).toThrowError(/y\[0\] is infinite/);
    expect(() => wilcoxonSignedRank([1e308], [-1e308])).toThrowError(/Scale/);
    for (const [name, value] of Object.entries({ alternative: "larger", zeros: "drop", method: "asymptotic" }))
      expect(() => wilcoxonSignedRank([1, 2], undefined, { [name]: value })).toThrowError(new RegExp(`${name} must be one of`));
  });

  describe("laws", () => {
    // Few values, so that ties and zeros are frequent.
    const few = () => fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 8 });

    test("exact p-values equal the enumeration of all signs", () => {
      fc.assert(
        fc.property(
          few(),
          fc.constantFrom("wilcox", "pratt", "zsplit" as const),
          fc.constantFrom(...ALTERNATIVES),
          (d, zeros, alternative) => {
            const actual = wilcoxonSignedRank(d, undefined, { zeros, alternative, method: "exact" });
            expect(actual.pValue).toBeCloseTo(enumerated(d, zeros === "wilcox", alternative), 14);
          },
        ),
      );
    });

    test("turning all signs turns the alternative", () => {
      const options = fc.record({
        zeros: fc.constantFrom("wilcox", "pratt", "zsplit" as const),
        method: fc.constantFrom("exact", "approximate" as const),
        continuity: fc.boolean(),
      });
      fc.assert(
        fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 30 }), options, (d, o) => {
          const turned = d.map((v) => -v);
          const p = (samples: readonly number[], alternative: Alternative) =>
            wilcoxonSignedRank(samples, undefined, { ...o, alternative }).pValue;
          expect(p(turned, "greater")).toBeCloseTo(p(d, "less"), 13);
          expect(p(turned, "two-sided")).toBeCloseTo(p(d, "two-sided"), 13);
        }),
      );
    });

    test("depends on pairs, not on their order, and on differences alone", () => {
      fc.assert(
        fc.property(
          fc.array(fc.tuple(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 0, max: 99 })), { minLength: 1 }),
          (pairs) => {
            const run = (list: typeof pairs) =>
              wilcoxonSignedRank(
                list.map(([x]) => x),
                list.map(([, y]) => y),
              );
            expect(run([...pairs].reverse())).toEqual(run(pairs));
            expect(wilcoxonSignedRank(pairs.map(([x, y]) => x - y))).toEqual(run(pairs));
          },
        ),
      );
    });

    test("the approximation comes near the exact value", () => {
      const distinct = fc.shuffledSubarray(
        Array.from({ length: 45 }, (_, i) => i + 1),
        { minLength: 40 },
      );
      fc.assert(
        fc.property(distinct, fc.array(fc.boolean(), { minLength: 45, maxLength: 45 }), (sizes, signs) => {
          const d = sizes.map((v, i) => (signs[i] ? v : -v));
          const [exact, near] = (["exact", "approximate"] as const).map(
            (method) => wilcoxonSignedRank(d, undefined, { method, continuity: true }).pValue,
          );
          expect(Math.abs(exact! - near!)).toBeLessThan(0.005);
        }),
      );
    });
  });

  test("equals SciPy, into the far tails", () => {
    type Sample = { x: number[]; y?: number[] };
    const stored = golden<{
      samples: Record<string, Sample>;
      cases: { sample: string; options: WilcoxonSignedRankOptions; statistic: number; pValue: number }[];
    }>("statistics/wilcoxon");
    for (const { sample, options, statistic, pValue } of stored.cases) {
      const { x, y } = stored.samples[sample]!;
      const actual = wilcoxonSignedRank(x, y, options);
      const name = `${sample} ${JSON.stringify(options)}`;
      expect(actual.statistic, name).toBe(statistic);
      expect(relativeError(actual.pValue, pValue), name).toBeLessThan(1e-10);
    }
  });

  test("tails aren't lost: 400 of 400 positive", () => {
    const d = Array.from({ length: 400 }, (_, i) => i + 1);
    expect(wilcoxonSignedRank(d, undefined, { method: "exact" }).pValue).toBe(2 ** -399);
  });
});

function enumerated(all: readonly number[], drop: boolean, alternative: Alternative): number {
  const d = drop ? all.filter((v) => v !== 0) : all;
  const rank = (v: number) =>
    d.filter((w) => Math.abs(w) < Math.abs(v)).length + (d.filter((w) => Math.abs(w) === Math.abs(v)).length + 1) / 2;
  const moving = d.filter((v) => v !== 0);
  const seen = moving.reduce((s, v) => s + (v > 0 ? rank(v) : 0), 0);
  const sums = Array.from({ length: 2 ** moving.length }, (_, signs) =>
    moving.reduce((s, v, i) => s + ((signs >> i) & 1 ? rank(v) : 0), 0),
  );
  const share = (test: (sum: number) => boolean) => sums.filter(test).length / sums.length;
  const [less, greater] = [share((s) => s <= seen), share((s) => s >= seen)];
  return alternative === "less" ? less : alternative === "greater" ? greater : Math.min(1, 2 * Math.min(less, greater));
}
