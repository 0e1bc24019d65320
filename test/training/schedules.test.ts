import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { constant, constantThenLinear, cosine, steps } from "../../src/training/index.js";

describe("schedules", () => {
  test("cosine: from the one rate to the other, half-way in the middle", () => {
    const rate = cosine({ from: 1e-4, to: 1e-6, steps: 101 });
    expect([1, 51, 101, 200].map((step) => Number(rate(step).toPrecision(12)))).toEqual([1e-4, 5.05e-5, 1e-6, 1e-6]);
  });

  test("cosine: a warm-up rises in equal steps to the full rate", () => {
    const rate = cosine({ from: 1, steps: 20, warmup: 4 });
    expect([1, 2, 3, 4, 5].map((step) => Number(rate(step).toFixed(9)))).toEqual([0.2, 0.4, 0.6, 0.8, 1]);
    expect(rate(20)).toBeCloseTo(0, 12);
    expect(cosine({ from: 2, steps: 1 })(1)).toBe(2);
  });

  test("constant, then linear to 0", () => {
    const rate = constantThenLinear({ rate: 1, constant: 2, linear: 4 });
    expect([1, 2, 3, 4, 5, 6, 7, 8].map(rate)).toEqual([1, 1, 1, 0.75, 0.5, 0.25, 0, 0]);
  });

  test("steps", () => {
    const rate = steps({ rate: 1, after: [2, 5], factor: 0.5 });
    expect([1, 2, 3, 5, 6, 100].map(rate)).toEqual([1, 1, 0.5, 0.5, 0.25, 0.25]);
    expect(steps({ rate: 1, after: [1] })(2)).toBe(0.1);
  });

  test("none ever rises after its warm-up, or leaves its range", () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(30), fc.double({ min: 0, max: 1, noNaN: true }), (count, rise, to) => {
        const warmup = Math.min(rise, count - 1);
        const down = [
          cosine({ from: 1, to, steps: count, warmup }),
          constantThenLinear({ rate: 1, constant: warmup, linear: count }),
        ];
        for (const rate of down)
          for (let step = warmup + 1; step < warmup + count + 5; step++) {
            expect(rate(step + 1)).toBeLessThanOrEqual(rate(step) + 1e-12);
            expect(rate(step)).toBeGreaterThanOrEqual(0);
            expect(rate(step)).toBeLessThanOrEqual(1 + 1e-12);
          }
      }),
    ));

  test("refuse", () => {
    for (const wrong of [
      () => cosine({ from: 0, steps: 10 }),
      () => cosine({ from: 1, to: -1, steps: 10 }),
      () => cosine({ from: 1, steps: 10, warmup: 10 }),
      () => cosine({ from: 1, steps: 1.5 }),
      () => constantThenLinear({ rate: 1, constant: 1, linear: 0 }),
      () => steps({ rate: 1, after: [0] }),
      () => constant(Number.NaN),
    ])
      expect(wrong).toThrowError(expect.objectContaining({ code: "out-of-range" }));
  });
});
