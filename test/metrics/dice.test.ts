import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  aggregateDice,
  aggregateDistances,
  type Confusion,
  confusion,
  dice,
  jaccard,
  volumeSimilarity,
} from "../../src/metrics/index.js";
import { grid, maskOf, maskOn } from "../support/arbitraries.js";
import { codeOf } from "./oracles.js";

const pair = () => grid(5).chain((g) => fc.tuple(maskOn(g), maskOn(g)));

describe("confusion, dice, jaccard and volumeSimilarity", () => {
  const a = maskOf("###..");
  const b = maskOf(".###.");
  const none = maskOf(".....");

  test("examples", () => {
    expect(confusion(a, b)).toEqual({ truePositives: 2, falsePositives: 1, falseNegatives: 1, trueNegatives: 1 });
    expect([dice(a, b), jaccard(a, b), volumeSimilarity(a, b)]).toEqual([2 / 3, 1 / 2, 1]);
    expect(volumeSimilarity(a, maskOf("....#"))).toBe(0.5);
  });

  test("empty masks", () => {
    for (const metric of [dice, jaccard, volumeSimilarity]) {
      expect([metric(a, none), metric(none, a)]).toEqual([0, 0]);
      expect(metric(none, none)).toBeNaN();
    }
  });

  test("refuses", () => {
    for (const metric of [confusion, dice, jaccard, volumeSimilarity])
      expect(codeOf(() => metric(a, maskOf("####")))).toBe("grid-mismatch");
  });

  describe("laws", () => {
    test("the counts are those of each voxel", () => {
      fc.assert(
        fc.property(pair(), ([x, y]) => {
          const count = (p: number, q: number) => x.data.filter((v, i) => v === p && y.data[i] === q).length;
          expect(confusion(x, y)).toEqual({
            truePositives: count(1, 1),
            falsePositives: count(0, 1),
            falseNegatives: count(1, 0),
            trueNegatives: count(0, 0),
          });
        }),
      );
    });

    test("symmetric, within 0 and 1, and J = D / (2 − D)", () => {
      fc.assert(
        fc.property(pair(), ([x, y]) => {
          for (const metric of [dice, jaccard, volumeSimilarity]) expect(metric(x, y)).toEqual(metric(y, x));
          fc.pre(x.data.includes(1) || y.data.includes(1));
          const d = dice(x, y);
          expect(d).toBeGreaterThanOrEqual(0);
          expect(volumeSimilarity(x, y)).toBeGreaterThanOrEqual(d - 1e-12);
          expect(jaccard(x, y)).toBeCloseTo(d / (2 - d), 12);
        }),
      );
    });
  });
});

describe("aggregateDice", () => {
  const perfect: Confusion = { truePositives: 8, falsePositives: 0, falseNegatives: 0, trueNegatives: 2 };
  const missed: Confusion = { truePositives: 0, falsePositives: 0, falseNegatives: 2, trueNegatives: 8 };
  const falseAlarm: Confusion = { truePositives: 0, falsePositives: 5, falseNegatives: 0, trueNegatives: 5 };
  const empty: Confusion = { truePositives: 0, falsePositives: 0, falseNegatives: 0, trueNegatives: 10 };

  test("examples", () => {
    expect(aggregateDice([perfect, missed, empty], { bothEmpty: "exclude" })).toEqual({
      mean: 0.5,
      pooled: 16 / 18,
      cases: 2,
      bothEmpty: 1,
      missed: 1,
      falseAlarms: 0,
    });
    expect(aggregateDice([perfect, missed, empty], { bothEmpty: "one" })).toMatchObject({ mean: 2 / 3, cases: 3 });
    expect(aggregateDice([empty], { bothEmpty: "exclude" })).toMatchObject({ mean: Number.NaN, pooled: Number.NaN, cases: 0 });
    expect(aggregateDice([perfect, falseAlarm], { bothEmpty: "exclude" })).toMatchObject({ mean: 0.5, falseAlarms: 1 });
  });

  test("refuses", () => {
    expect(codeOf(() => aggregateDice([], { bothEmpty: "one" }))).toBe("out-of-range");
    // biome-ignore lint/suspicious/noExplicitAny: a caller without types
    expect(() => aggregateDice([perfect], { bothEmpty: "nan" as any })).toThrowError(/bothEmpty/);
  });

  test("law: leaving a lesion out, or inventing one, never raises the mean nor the pooled value", () => {
    const count = fc.integer({ min: 0, max: 20 });
    const anyCase = fc.record({ truePositives: count, falsePositives: count, falseNegatives: count, trueNegatives: count });
    fc.assert(
      fc.property(
        fc.array(anyCase, { minLength: 1, maxLength: 6 }),
        fc.constantFrom("exclude", "one" as const),
        fc.nat(),
        (cases, bothEmpty, pick) => {
          const before = aggregateDice(cases, { bothEmpty });
          const n = pick % cases.length;
          const { truePositives, falsePositives, falseNegatives, trueNegatives } = cases[n]!;
          const changed = (c: Confusion) => aggregateDice(cases.with(n, c), { bothEmpty });
          // The test's answer is made empty: right voxels become misses. Only what was all wrong may gain by that, where nothing is there to find.
          if (truePositives + falseNegatives > 0) {
            const dropped = changed({
              truePositives: 0,
              falsePositives: 0,
              falseNegatives: truePositives + falseNegatives,
              trueNegatives: falsePositives + trueNegatives,
            });
            if (before.cases > 0) expect(dropped.mean).toBeLessThanOrEqual(before.mean);
            expect(dropped.cases).toBe(before.cases);
          }
          const invented = changed({ truePositives, falsePositives: falsePositives + 1, falseNegatives, trueNegatives });
          if (before.cases > 0) expect(invented.mean).toBeLessThanOrEqual(before.mean);
          if (before.pooled >= 0) expect(invented.pooled).toBeLessThanOrEqual(before.pooled);
        },
      ),
    );
  });
});

describe("aggregateDistances", () => {
  const near = { distanceMm: 2, referenceEmpty: false, testEmpty: false };
  const far = { distanceMm: 6, referenceEmpty: false, testEmpty: false };
  const miss = { distanceMm: Number.NaN, referenceEmpty: false, testEmpty: true };
  const alarm = { distanceMm: Infinity, referenceEmpty: true, testEmpty: false };
  const empty = { distanceMm: Number.NaN, referenceEmpty: true, testEmpty: true };

  test("examples", () => {
    expect(aggregateDistances([near, far, empty], { missMm: 100 })).toEqual({
      meanMm: 4,
      medianMm: 4,
      cases: 2,
      missed: 0,
      bothEmpty: 1,
    });
    expect(aggregateDistances([near, miss, alarm], { missMm: 100 })).toEqual({
      meanMm: 202 / 3,
      medianMm: 100,
      cases: 3,
      missed: 2,
      bothEmpty: 0,
    });
    expect(aggregateDistances([empty], { missMm: 1 })).toMatchObject({ meanMm: Number.NaN, medianMm: Number.NaN, cases: 0 });
  });

  test("refuses", () => {
    expect(codeOf(() => aggregateDistances([], { missMm: 1 }))).toBe("out-of-range");
    expect(() => aggregateDistances([far], { missMm: 5 })).toThrowError(/Raise missMm/);
    expect(() => aggregateDistances([{ ...near, distanceMm: Number.NaN }], { missMm: 5 })).toThrowError(/NaN mm/);
    expect(() => aggregateDistances([near], { missMm: -1 })).toThrowError(/missMm/);
  });

  test("law: a miss never improves the mean or the median", () => {
    const one = fc
      .double({ min: 0, max: 50, noNaN: true })
      .map((distanceMm) => ({ distanceMm, referenceEmpty: false, testEmpty: false }));
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 9 }), fc.nat(), (cases, pick) => {
        const before = aggregateDistances(cases, { missMm: 50 });
        const after = aggregateDistances(cases.with(pick % cases.length, miss), { missMm: 50 });
        expect(after.meanMm).toBeGreaterThanOrEqual(before.meanMm - 1e-12);
        expect(after.medianMm).toBeGreaterThanOrEqual(before.medianMm - 1e-12);
      }),
    );
  });
});
