import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boxMean } from "../../src/filters/boxMean.js";
import { createGrid, createVolume, type Vec3 } from "../../src/index.js";
import { volume, volumeOf } from "../support/arbitraries.js";
import { golden } from "../support/golden.js";
import { maxAbsDifference, scaleOf } from "../support/oracles.js";
import { type Boundary, slowSeparable } from "./oracles.js";

interface GoldenUniform {
  shape: Vec3;
  volume: Float32Array;
  uniform: { boundary: Boundary; expected: Float64Array }[];
  uniformWide: Float64Array;
}
const reference = golden<GoldenUniform>("filters/gaussian");
const goldenVolume = createVolume(reference.volume, createGrid({ shape: reference.shape }));
// One float32 rounding per axis.
const ROUNDING = 3 * 2 ** -24;

describe("boxMean", () => {
  test("examples", () => {
    const v = volumeOf([4, 1, 1], [3, 0, 0, 6]);
    expect([...boxMean(v).data]).toEqual([2, 1, 2, 4]);
    expect([...boxMean(v, { boundary: "zero", radius: [1, 0, 0] }).data]).toEqual([1, 1, 2, 2]);
    expect([...boxMean(v, { radius: 0 }).data]).toEqual([3, 0, 0, 6]);
  });

  test("refuses", () => {
    const v = volumeOf([2, 1, 1], [1, 2]);
    for (const radius of [-1, 0.5, Number.NaN]) expect(() => boxMean(v, { radius })).toThrowError(/radius/);
    expect(() => boxMean(v, { radius: [1, 1] as unknown as Vec3 })).toThrowError(/three/);
    expect(() => boxMean(v, { boundary: "wrap" as "zero" })).toThrowError(/boundary/);
    expect(() => boxMean(volumeOf([2, 1, 1], [1, Number.NaN]))).toThrowError(/NaN/);
  });

  test.each(reference.uniform)("golden: scipy.ndimage.uniform_filter, $boundary", ({ boundary, expected }) => {
    const out = boxMean(goldenVolume, { boundary });
    expect(maxAbsDifference(out, { data: expected })).toBeLessThan(ROUNDING * scaleOf(goldenVolume));
  });

  test("golden: a box wider than the grid", () => {
    const out = boxMean(goldenVolume, { radius: [20, 0, 2] });
    expect(maxAbsDifference(out, { data: reference.uniformWide })).toBeLessThan(ROUNDING * scaleOf(goldenVolume));
  });

  test("equals the slow sum, and keeps integers exact", () =>
    fc.assert(
      fc.property(
        volume(5),
        fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)),
        fc.constantFrom<Boundary>("replicate", "reflect", "zero"),
        (v, r, boundary) => {
          const halves = r.map((n) => new Float64Array(n + 1).fill(1 / (2 * n + 1)));
          const out = boxMean(v, { radius: r, boundary });
          expect(maxAbsDifference(out, { data: slowSeparable(v, halves, boundary) })).toBeLessThan(ROUNDING * scaleOf(v));
        },
      ),
    ));

  test("keeps constants exactly", () =>
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }), fc.nat(4), (value, radius) => {
        const flat = volumeOf([4, 3, 2], new Float32Array(24).fill(value));
        boxMean(flat, { radius }).data.forEach((x) => {
          expect(x + 0).toBe(value + 0);
        });
      }),
    ));
});
