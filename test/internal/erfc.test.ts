import { expect, test } from "vitest";
import { erfc, normalSurvival } from "../../src/internal/erfc.js";
import { golden } from "../support/golden.js";

test("erfc equals mpmath in both tails, to a relative 1e-15", () => {
  const { points } = golden<{ points: [number, number][] }>("statistics/erfc");
  for (const [x, expected] of points) expect(Math.abs(erfc(x) - expected), `erfc(${x})`).toBeLessThanOrEqual(1e-15 * expected);
});

test("erfc at its ends", () => {
  expect([erfc(0), erfc(-Infinity), erfc(Infinity), erfc(40), erfc(Number.NaN)]).toEqual([1, 2, 0, 0, Number.NaN]);
});

test("the normal tail", () => {
  expect(normalSurvival(0)).toBe(0.5);
  expect(normalSurvival(1.959963984540054)).toBeCloseTo(0.025, 15);
});
