import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { betaQuantile, betaTails, logGamma } from "../../src/statistics/incompleteBeta.js";
import { studentQuantile, studentSurvival } from "../../src/statistics/studentT.js";
import { golden } from "../support/golden.js";
import { relativeError } from "./oracles.js";

const stored = golden<{ beta: number[][]; student: number[][]; quantiles: number[][] }>("statistics/distributions");

describe("tails of the beta distribution", () => {
  test("equal mpmath, each relative to itself", () => {
    for (const [a, b, x, y, lower, upper] of stored.beta as [number, number, number, number, number, number][]) {
      const tails = betaTails(a, b, x, y);
      // x and y are rounded: a tail of exponent a feels that a-fold.
      const tolerance = 1e-12 + 1e-16 * (a + b);
      expect(relativeError(tails.lower, lower), `lower of ${a}, ${b} at ${x}`).toBeLessThan(tolerance);
      expect(relativeError(tails.upper, upper), `upper of ${a}, ${b} at ${x}`).toBeLessThan(tolerance);
    }
  });

  test("ends", () => {
    expect(betaTails(2, 3, 0, 1)).toEqual({ lower: 0, upper: 1 });
    expect(betaTails(2, 3, 1, 0)).toEqual({ lower: 1, upper: 0 });
    expect([betaQuantile(0, 2, 3), betaQuantile(1, 2, 3)]).toEqual([0, 1]);
  });

  const shape = () => fc.double({ min: 0.05, max: 300, noNaN: true });
  const inside = () => fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true });

  test("law: turned round, lower is upper; together they are 1; rising in x", () => {
    fc.assert(
      fc.property(shape(), shape(), inside(), inside(), (a, b, x1, x2) => {
        const { lower, upper } = betaTails(a, b, x1, 1 - x1);
        const turned = betaTails(b, a, 1 - x1, x1);
        expect(relativeError(turned.upper, lower)).toBeLessThan(1e-12);
        expect(lower + upper).toBeCloseTo(1, 12);
        const other = betaTails(a, b, x2, 1 - x2).lower;
        if (x2 > x1) expect(other).toBeGreaterThanOrEqual(lower * (1 - 1e-12));
      }),
    );
  });

  test("law: the quantile undoes the lower tail", () => {
    fc.assert(
      fc.property(shape(), shape(), fc.double({ min: 1e-10, max: 0.999, noNaN: true }), (a, b, p) => {
        const x = betaQuantile(p, a, b);
        fc.pre(x > 1e-300 && x < 1 - 1e-12);
        // Near 1 a small b makes the tail steep in 1 − x, which x rounds.
        expect(relativeError(betaTails(a, b, x, 1 - x).lower, p)).toBeLessThan(1e-9 + (1e-15 * (a + b)) / (1 - x));
      }),
    );
  });
});

describe("Student's distribution", () => {
  test("tails equal mpmath", () => {
    for (const [t, df, p] of stored.student as [number, number, number][]) {
      expect(relativeError(studentSurvival(t, df), p), `t = ${t}, df = ${df}`).toBeLessThan(1e-11);
      expect(studentSurvival(-t, df)).toBe(1 - studentSurvival(t, df));
    }
  });

  test("ends", () => {
    expect([studentSurvival(Infinity, 3), studentSurvival(-Infinity, 3), studentSurvival(0, 3)]).toEqual([0, 1, 0.5]);
    expect(studentSurvival(Number.NaN, 3)).toBeNaN();
  });

  test("quantiles equal mpmath, which SciPy's don't", () => {
    for (const [p, df, t] of stored.quantiles as [number, number, number][])
      expect(relativeError(studentQuantile(p, df), t), `p = ${p}, df = ${df}`).toBeLessThan(1e-12);
  });

  test("law: the quantile undoes the tail", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-8, max: 0.49, noNaN: true }), fc.double({ min: 1, max: 1e4, noNaN: true }), (p, df) => {
        expect(relativeError(studentSurvival(studentQuantile(p, df), df), p)).toBeLessThan(1e-10);
      }),
    );
  });
});

test("ln Γ at integers and halves", () => {
  let factorial = 1;
  for (let n = 1; n <= 20; n++) {
    // Absolute near 1 and 2, where ln Γ is 0.
    expect(Math.abs(logGamma(n) - Math.log(factorial))).toBeLessThan(1e-14 * (1 + Math.log(factorial)));
    factorial *= n;
  }
  expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 14);
});
