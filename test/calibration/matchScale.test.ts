import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matchScale } from "../../src/calibration/matchScale.js";
import { createMask } from "../../src/index.js";
import { createRandom } from "../../src/internal/random.js";
import { volumeOf } from "../support/arbitraries.js";
import { mapVoxels } from "./oracles.js";

const tissue = (seed: number) => {
  const random = createRandom(seed);
  return volumeOf(
    [10, 10, 10],
    Array.from({ length: 1000 }, () => random.uniform(0.2, 1.8)),
  );
};

describe("matchScale", () => {
  test("finds a scale to the last grid's step", () => {
    const pre = tissue(1);
    const low = mapVoxels(pre, (v) => v / 1.2);
    const { scale, volume } = matchScale(pre, low, { threshold: 0, rounds: 6 });
    // Steps: 1/29, then each 2/29 of the one before.
    expect(Math.abs(scale - 1.2)).toBeLessThan((1 / 29) * (2 / 29) ** 5);
    expect(volume.data[3]).toBe(Math.fround(scale * low.data[3]!));
  });

  test("small differences don't count, and without any the cost is 0", () => {
    const pre = volumeOf([2, 1, 1], [1, 1]);
    expect(matchScale(pre, volumeOf([2, 1, 1], [1.05, 0.95]))).toMatchObject({ cost: 0 });
    const { cost } = matchScale(pre, volumeOf([2, 1, 1], [1, 3]));
    expect(cost).toBeGreaterThan(0.1);
  });

  test("the mask chooses", () => {
    const pre = volumeOf([2, 1, 1], [1, 1]);
    const low = volumeOf([2, 1, 1], [0.8, 100]);
    const mask = createMask([1, 0], pre.grid);
    expect(matchScale(pre, low, { mask, threshold: 0, rounds: 8 }).scale).toBeCloseTo(1.25, 6);
  });

  test("refuses", () => {
    const v = tissue(1);
    for (const wrong of [{ steps: 2 }, { rounds: 0 }, { threshold: -1 }, { range: [1.5, 0.5] }, { range: [0, 1] }] as const)
      expect(() => matchScale(v, v, wrong)).toThrowError(expect.objectContaining({ code: "out-of-range" }));
    expect(() => matchScale(v, v, { mask: createMask(new Uint8Array(1000), v.grid) })).toThrowError(
      expect.objectContaining({ code: "empty-mask" }),
    );
    expect(() => matchScale(v, volumeOf([1, 1, 1], [1]))).toThrowError(expect.objectContaining({ code: "grid-mismatch" }));
    expect(() =>
      matchScale(
        v,
        mapVoxels(v, () => Number.NaN),
      ),
    ).toThrowError(expect.objectContaining({ code: "out-of-range" }));
  });

  test("no scale of the grid has a lower cost, and zooming lowers it", () =>
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (a, b) => {
        const [pre, low] = [tissue(a), tissue(b)];
        const costAt = (s: number) => {
          const large = Array.from(low.data, (v, i) => Math.abs(s * v - pre.data[i]!)).filter((d) => d > 0.1);
          return large.reduce((sum, d) => sum + d, 0) / Math.max(1, large.length);
        };
        const { scale, cost } = matchScale(pre, low, { rounds: 1 });
        expect(cost).toBeCloseTo(costAt(scale), 10);
        for (let n = 0; n < 30; n++) expect(costAt(0.5 + n / 29)).toBeGreaterThanOrEqual(cost - 1e-12);
        expect(matchScale(pre, low).cost).toBeLessThanOrEqual(cost);
      }),
      { numRuns: 30 },
    ));
});
