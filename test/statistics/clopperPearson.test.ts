import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clopperPearson } from "../../src/statistics/index.js";
import { codeOf } from "../metrics/oracles.js";
import { golden } from "../support/golden.js";
import { relativeError } from "./oracles.js";

describe("clopperPearson", () => {
  test("Bône's table 5: the interval of a mean over readers is that of the mean count", () => {
    const percent = (count: number, n: number) => clopperPearson(count, n).map((v) => Math.round(1000 * v) / 10);
    expect(percent(108.5, 187)).toEqual([50.6, 65.2]);
    // As printed, in whole per cent: 70 [62; 77], 85 [78; 91], 88 [79; 94], 96 [89; 99], 75 [68; 81].
    const whole = (count: number, n: number) => clopperPearson(count, n).map((v) => Math.round(100 * v));
    expect(whole(101.5, 145)).toEqual([62, 77]);
    expect(whole(123.5, 145)).toEqual([78, 91]);
    expect(whole(78, 89)).toEqual([79, 94]);
    expect(whole(85, 89)).toEqual([89, 99]);
    expect(whole(140, 187)).toEqual([68, 81]);
  });

  test("none and all", () => {
    expect(clopperPearson(0, 10)[0]).toBe(0);
    expect(clopperPearson(10, 10)[1]).toBe(1);
    expect(clopperPearson(0, 10)[1]).toBeCloseTo(1 - 0.025 ** 0.1, 14);
  });

  test("refuses", () => {
    for (const [count, n] of [
      [-1, 3],
      [4, 3],
      [Number.NaN, 3],
      [0, 0],
      [1, Infinity],
    ] as const)
      expect(codeOf(() => clopperPearson(count, n))).toBe("out-of-range");
    for (const level of [0, 1, 95, Number.NaN])
      expect(() => clopperPearson(1, 2, { level })).toThrowError(/level must lie above 0 and below 1/);
  });

  describe("laws", () => {
    const counts = fc
      .integer({ min: 1, max: 300 })
      .chain((n) => fc.tuple(fc.double({ min: 0.01, max: n - 0.01, noNaN: true }), fc.constant(n)));

    test("holds the proportion, mirrors with the failures, widens with the level", () => {
      fc.assert(
        fc.property(counts, ([count, n]) => {
          const [low, high] = clopperPearson(count, n);
          expect(low).toBeLessThanOrEqual(count / n);
          expect(high).toBeGreaterThanOrEqual(count / n);
          const [mirroredLow, mirroredHigh] = clopperPearson(n - count, n);
          expect(mirroredLow).toBeCloseTo(1 - high, 9);
          expect(mirroredHigh).toBeCloseTo(1 - low, 9);
          const [wideLow, wideHigh] = clopperPearson(count, n, { level: 0.99 });
          expect(wideLow).toBeLessThanOrEqual(low);
          expect(wideHigh).toBeGreaterThanOrEqual(high);
        }),
      );
    });

    test("at whole counts each bound's binomial tail is α/2", () => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 25 }), fc.integer({ min: 1, max: 24 }), (n, k) => {
          fc.pre(k < n);
          const [low, high] = clopperPearson(k, n);
          const pmf = (p: number, x: number) => choose(n, x) * p ** x * (1 - p) ** (n - x);
          const sum = (p: number, from: number, to: number) =>
            Array.from({ length: to - from + 1 }, (_, i) => pmf(p, from + i)).reduce((s, v) => s + v, 0);
          expect(sum(low, k, n)).toBeCloseTo(0.025, 10);
          expect(sum(high, 0, k)).toBeCloseTo(0.025, 10);
        }),
      );
    });
  });

  test("equals mpmath", () => {
    const { clopper } = golden<{ clopper: [number, number, number, number, number][] }>("statistics/distributions");
    for (const [count, n, level, low, high] of clopper) {
      const actual = clopperPearson(count, n, { level });
      expect(relativeError(actual[0], low)).toBeLessThan(1e-11);
      expect(relativeError(actual[1], high)).toBeLessThan(1e-11);
    }
  });
});

const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k);
