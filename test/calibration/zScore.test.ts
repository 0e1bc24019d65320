import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { zScore } from "../../src/calibration/zScore.js";
import { createGrid, createMask, createVolume, type Vec3 } from "../../src/index.js";
import { maskOf, volume, volumeOf } from "../support/arbitraries.js";
import { golden } from "../support/golden.js";
import { scaleOf } from "../support/oracles.js";
import { mapVoxels } from "./oracles.js";

describe("zScore", () => {
  test("example", () => {
    const { volume: z, mean, sd } = zScore(volumeOf([4, 1, 1], [1, 1, 5, 5]));
    expect([mean, sd]).toEqual([3, 2]);
    expect([...z.data]).toEqual([-1, -1, 1, 1]);
  });

  test("the mask gives the moments; every voxel is mapped", () => {
    const { volume: z, mean, sd } = zScore(volumeOf([4, 1, 1], [1, 5, 100, 3]), { mask: maskOf("##..") });
    expect([mean, sd]).toEqual([3, 2]);
    expect([...z.data]).toEqual([-1, 1, 48.5, 0]);
  });

  test("a large offset costs no accuracy", () => {
    const { sd } = zScore(volumeOf([2, 1, 1], [2 ** 23, 2 ** 23 + 1]));
    expect(sd).toBe(0.5);
  });

  test("refuses", () => {
    const refusal = (code: string) => expect.objectContaining({ code });
    const v = volumeOf([2, 1, 1], [1, 2]);
    expect(() => zScore(volumeOf([3, 1, 1], [0.1, 0.1, 0.1]))).toThrowError(/constant/);
    expect(() => zScore(v, { mask: maskOf("#.") })).toThrowError(/All 1 voxels/);
    expect(() => zScore(v, { mask: maskOf("..") })).toThrowError(refusal("empty-mask"));
    expect(() => zScore(v, { mask: maskOf("#") })).toThrowError(refusal("grid-mismatch"));
    expect(() => zScore(volumeOf([2, 1, 1], [1, Number.NaN]))).toThrowError(refusal("out-of-range"));
  });

  describe("laws", () => {
    const varied = () => volume().filter(({ data }) => Math.max(...data) - Math.min(...data) >= 1);

    test("mean 0 and standard deviation 1; twice is once; a gain and an offset play no part", () =>
      fc.assert(
        fc.property(varied(), fc.integer({ min: 1, max: 50 }), fc.integer({ min: -500, max: 500 }), (v, gain, offset) => {
          const { volume: z, sd } = zScore(v);
          const again = zScore(z);
          // Rounding of voxels to float32, relative to their spread.
          const slack = (1e-6 * (scaleOf(v) + 500)) / sd;
          expect(Math.abs(again.mean)).toBeLessThan(slack);
          expect(Math.abs(again.sd - 1)).toBeLessThan(slack);
          const other = zScore(mapVoxels(v, (x) => gain * x + offset)).volume;
          z.data.forEach((value, i) => expect(Math.abs(other.data[i]! - value)).toBeLessThan(slack * (1 + Math.abs(value))));
        }),
      ));
  });

  test("equals NumPy", () => {
    const g = golden<{ volume: Float32Array; mask: Uint8Array; shape: Vec3; mean: number; sd: number }>("calibration/peaks");
    const grid = createGrid({ shape: g.shape });
    const { mean, sd } = zScore(createVolume(g.volume, grid), { mask: createMask(g.mask, grid) });
    expect(mean).toBeCloseTo(g.mean, 10);
    expect(sd).toBeCloseTo(g.sd, 10);
  });
});
