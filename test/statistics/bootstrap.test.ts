import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRandom } from "../../src/internal/random.js";
import { bootstrap, studentInterval } from "../../src/statistics/index.js";
import { codeOf } from "../metrics/oracles.js";

const mean = (list: readonly number[]) => list.reduce((s, v) => s + v, 0) / list.length;
const normals = (n: number, seed = 1) => {
  const random = createRandom(seed);
  return Array.from({ length: n }, () => random.normal(10, 2));
};

describe("bootstrap", () => {
  test("of a mean it comes near Student's interval, and the standard error near sd/√n", () => {
    const samples = normals(200);
    const [low, high] = studentInterval(samples);
    for (const method of ["percentile", "bca"] as const) {
      const b = bootstrap(samples, mean, { seed: 3, method });
      expect(b.estimate).toBe(mean(samples));
      expect(Math.abs(b.low - low)).toBeLessThan(0.03);
      expect(Math.abs(b.high - high)).toBeLessThan(0.03);
      expect(b.standardError).toBeCloseTo((high - low) / 2 / 1.97, 1);
    }
  });

  test("cases of one patient are drawn together: copies add no certainty", () => {
    const samples = normals(60).flatMap((value, patient) => Array.from({ length: 5 }, () => ({ value, patient })));
    const statistic = (list: readonly { value: number }[]) => list.reduce((s, c) => s + c.value, 0) / list.length;
    const width = (b: { low: number; high: number }) => b.high - b.low;
    const single = width(bootstrap(samples, statistic, { seed: 1, resamples: 4000 }));
    const clustered = width(bootstrap(samples, statistic, { seed: 1, resamples: 4000, clusterOf: (c) => c.patient }));
    const once = width(bootstrap(normals(60), mean, { seed: 2, resamples: 4000 }));
    expect(clustered / once).toBeCloseTo(1, 0.7);
    expect(clustered / single).toBeGreaterThan(1.9);
  });

  test("bca follows a skewed statistic", () => {
    const random = createRandom(5);
    const skewed = Array.from({ length: 40 }, () => Math.exp(random.normal()));
    const [plain, bca] = (["percentile", "bca"] as const).map((method) => bootstrap(skewed, mean, { seed: 1, method }));
    // The upper bound moves out where the tail is.
    expect(bca!.high).toBeGreaterThan(plain!.high);
    expect(bca!.low).toBeGreaterThan(plain!.low);
  });

  test("a ratio without a denominator is left out and counted", () => {
    const cases = [
      { found: 1, lesions: 1 },
      { found: 0, lesions: 0 },
    ];
    const ratio = (list: typeof cases) => mean(list.map((c) => c.found)) / mean(list.map((c) => c.lesions));
    const b = bootstrap(cases, ratio as (list: readonly (typeof cases)[number][]) => number, { seed: 1, resamples: 400 });
    expect(b.undefinedResamples).toBeGreaterThan(50);
    expect([b.estimate, b.low, b.high]).toEqual([1, 1, 1]);
    expect(bootstrap([1], () => Number.NaN, { seed: 1, resamples: 9 })).toMatchObject({
      low: Number.NaN,
      high: Number.NaN,
      undefinedResamples: 9,
    });
  });

  test("refuses", () => {
    expect(codeOf(() => bootstrap([], mean, { seed: 1 }))).toBe("out-of-range");
    for (const bad of [{ seed: -1 }, { seed: 0.5 }, { seed: 1, resamples: 0 }, { seed: 1, level: 0 }])
      expect(codeOf(() => bootstrap([1, 2], mean, bad))).toBe("out-of-range");
  });

  describe("laws", () => {
    const list = () => fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 30 });

    test("a seed repeats an interval; bounds are in order and within the samples", () => {
      fc.assert(
        fc.property(list(), fc.maxSafeNat(), fc.constantFrom("percentile", "bca" as const), (samples, seed, method) => {
          const options = { seed, method, resamples: 200 };
          const b = bootstrap(samples, mean, options);
          expect(bootstrap(samples, mean, options)).toEqual(b);
          expect(b.low).toBeLessThanOrEqual(b.high);
          expect(b.low).toBeGreaterThanOrEqual(Math.min(...samples));
          expect(b.high).toBeLessThanOrEqual(Math.max(...samples));
        }),
        { numRuns: 40 },
      );
    });
  });
});
