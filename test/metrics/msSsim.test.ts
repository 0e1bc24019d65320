import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createGrid, createVolume, type Vec3 } from "../../src/index.js";
import { msSsim, ssim } from "../../src/metrics/index.js";
import { volumeOf, volumeOn } from "../support/arbitraries.js";
import { golden } from "../support/golden.js";
import { codeOf } from "./oracles.js";

describe("msSsim", () => {
  const options = { dataRange: 10, window: { kind: "uniform", size: 3 }, weights: [0.4, 0.6] } as const;
  const pair = () => {
    const grid = createGrid({ shape: [7, 8, 6] });
    const value = fc.double({ min: 0, max: 10, noNaN: true }).map(Math.fround);
    return fc.tuple(volumeOn(grid, value), volumeOn(grid, value));
  };

  test("refuses", () => {
    const volume = volumeOf([4, 4, 4], new Float32Array(64));
    expect(() => msSsim(volume, volume, options)).toThrowError(/window of 3×3×3 voxels doesn't fit into 2×2×2/);
    expect(() => msSsim(volume, volume, { ...options, weights: [] })).toThrowError(/weights must hold/);
    expect(() => msSsim(volume, volume, { ...options, weights: [Number.NaN] })).toThrowError(/weight must be a finite/);
    expect(codeOf(() => msSsim(volume, volumeOf([2, 4, 8], new Float32Array(64)), options))).toBe("grid-mismatch");
    const flat = volumeOf([4, 4, 1], new Float32Array(16));
    expect(() => msSsim(flat, flat, { ...options, window: { kind: "uniform", size: 3, perSlice: true } })).toThrowError(/2×2×1/);
  });

  describe("laws", () => {
    test("one scale is SSIM, as far as that is positive", () => {
      fc.assert(
        fc.property(pair(), ([a, b]) => {
          expect(msSsim(a, b, { ...options, weights: [1] })).toBeCloseTo(Math.max(0, ssim(a, b, options)), 12);
        }),
      );
    });

    test("a volume is like itself; symmetric; unchanged by a common gain", () => {
      fc.assert(
        fc.property(pair(), fc.integer({ min: -5, max: 5 }), ([a, b], exponent) => {
          expect(msSsim(a, a, options)).toBe(1);
          expect(msSsim(a, b, options)).toBe(msSsim(b, a, options));
          const gained = ({ data, grid }: typeof a) =>
            createVolume(
              data.map((v) => v * 2 ** exponent),
              grid,
            );
          expect(msSsim(gained(a), gained(b), { ...options, dataRange: 10 * 2 ** exponent })).toBeCloseTo(
            msSsim(a, b, options),
            12,
          );
        }),
      );
    });
  });

  test("equals scikit-image's SSIM at each scale with MONAI's rules", () => {
    interface Case {
      readonly shape: Vec3;
      readonly reference: Float32Array;
      readonly test: Float32Array;
      readonly dataRange: number;
      readonly weights: number[];
      readonly value: number;
    }
    const { volume, slice } = golden<{ volume: Case; slice: Case }>("metrics/msssim");
    for (const { shape, reference, test: judged, dataRange, weights, value } of [volume, slice]) {
      const window = { kind: "gaussian", perSlice: shape[2] === 1 } as const;
      const actual = msSsim(volumeOf(shape, reference), volumeOf(shape, judged), { dataRange, window, weights });
      // Means of voxels are float32 between the scales.
      expect(Math.abs(actual - value)).toBeLessThan(1e-6);
    }
  });
});
