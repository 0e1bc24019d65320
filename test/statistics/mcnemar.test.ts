import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mcnemarExact, mcnemarMidP } from "../../src/statistics/index.js";
import { codeOf } from "../metrics/oracles.js";
import { golden } from "../support/golden.js";
import { relativeError } from "./oracles.js";

describe("mcnemarExact and mcnemarMidP", () => {
  test("Bône's table 5: readers' sensitivities", () => {
    expect(mcnemarMidP(8, 3)).toBeCloseTo(0.146, 3);
    expect(mcnemarMidP(6, 3)).toBeCloseTo(0.344, 3);
  });

  test("without discordant pairs, or with as many of each kind", () => {
    for (const n of [0, 1, 5]) expect([mcnemarExact(n, n), mcnemarMidP(n, n)]).toEqual([1, 1]);
    expect([mcnemarExact(0, 1), mcnemarMidP(0, 1)]).toEqual([1, 0.5]);
  });

  test("refuses", () => {
    for (const test of [mcnemarExact, mcnemarMidP])
      for (const bad of [-1, 0.5, Number.NaN]) expect(codeOf(() => test(bad, 2))).toBe("out-of-range");
  });

  test("law: equals the enumeration of coin throws, and mid-p is the exact p less the chance of what was seen", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 8 }), (b, c) => {
        const throws = Array.from({ length: 2 ** (b + c) }, (_, bits) => bits.toString(2).replaceAll("0", "").length);
        const share = (test: (heads: number) => boolean) => throws.filter(test).length / throws.length;
        const k = Math.min(b, c);
        expect(mcnemarExact(b, c)).toBeCloseTo(Math.min(1, 2 * share((h) => h <= k)), 13);
        if (b !== c) expect(mcnemarMidP(b, c)).toBeCloseTo(mcnemarExact(b, c) - share((h) => h === k), 13);
        expect(mcnemarMidP(c, b)).toBe(mcnemarMidP(b, c));
      }),
    );
  });

  test("equals SciPy's binomial, into the tails", () => {
    const { mcnemar } = golden<{ mcnemar: { b: number; c: number; exact: number; midP: number }[] }>("statistics/tests");
    for (const { b, c, exact, midP } of mcnemar) {
      expect(relativeError(mcnemarExact(b, c), exact), `${b}, ${c}`).toBeLessThan(1e-11);
      expect(relativeError(mcnemarMidP(b, c), midP), `${b}, ${c}`).toBeLessThan(1e-11);
    }
  });
});
