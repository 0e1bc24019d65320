import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { scaleToPercentile } from "../../src/calibration/scaleToPercentile.js";
import { percentile } from "../../src/filters/percentile.js";
import { createGrid, createMask, createVolume, type Vec3 } from "../../src/index.js";
import { maskOf, volume, volumeOf } from "../support/arbitraries.js";
import { golden } from "../support/golden.js";
import { maxAbsDifference, scaleOf } from "../support/oracles.js";
import { mapVoxels } from "./oracles.js";

describe("scaleToPercentile", () => {
  test("examples", () => {
    const v = volumeOf([5, 1, 1], [0, 1, 2, 3, 4]);
    expect(scaleToPercentile(v, { percentile: 50 })).toMatchObject({
      scale: 0.5,
      volume: { data: Float32Array.of(0, 0.5, 1, 1.5, 2) },
    });
    expect(scaleToPercentile(v, { percentile: 100, mask: maskOf("##...") }).scale).toBe(1);
    expect(scaleToPercentile(v).scale).toBeCloseTo(1 / 3.8, 12);
  });

  test("refuses", () => {
    const v = volumeOf([2, 1, 1], [-1, 0]);
    expect(() => scaleToPercentile(v)).toThrowError(/must be positive/);
    expect(() => scaleToPercentile(volumeOf([2, 1, 1], [1, Number.NaN]))).toThrowError(
      expect.objectContaining({ code: "out-of-range" }),
    );
    expect(() => scaleToPercentile(v, { percentile: 101 })).toThrowError(expect.objectContaining({ code: "out-of-range" }));
    expect(() => scaleToPercentile(v, { mask: maskOf("..") })).toThrowError(expect.objectContaining({ code: "empty-mask" }));
    expect(() => scaleToPercentile(v, { mask: maskOf("#") })).toThrowError(expect.objectContaining({ code: "grid-mismatch" }));
  });

  test("the percentile becomes 1, whatever the gain", () =>
    fc.assert(
      fc.property(volume(), fc.integer({ min: 1, max: 100 }), fc.integer({ min: -8, max: 8 }), (v, q, power) => {
        fc.pre(percentile(v, q) > 1);
        const { volume: scaled } = scaleToPercentile(v, { percentile: q });
        // Interpolation between two voxels that were each rounded once.
        expect(percentile(scaled, q)).toBeCloseTo(1, 3);
        const other = scaleToPercentile(
          mapVoxels(v, (x) => x * 2 ** power),
          { percentile: q },
        ).volume;
        expect(maxAbsDifference(other, scaled)).toBeLessThan(1.2e-7 * scaleOf(scaled));
      }),
    ));

  test("equals NumPy", () => {
    const g = golden<{ volume: Float32Array; mask: Uint8Array; shape: Vec3; percentile95: number }>("calibration/peaks");
    const grid = createGrid({ shape: g.shape });
    const { scale } = scaleToPercentile(createVolume(g.volume, grid), { mask: createMask(g.mask, grid) });
    expect(1 / scale).toBeCloseTo(g.percentile95, 10);
  });
});
