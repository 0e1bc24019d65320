import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isotropic, isotropicGrid, resample, resampleLabels, voxelToWorld } from "../../src/geometry/index.js";
import { createGrid, createMask, type Grid, spacingMm, type Vec3 } from "../../src/index.js";
import { grid, volume } from "../support/arbitraries.js";
import { scaleOf } from "../support/oracles.js";
import { worldLinear } from "./oracles.js";

const middle = (g: Grid) => voxelToWorld(g, g.shape.map((n) => (n - 1) / 2) as unknown as Vec3);

describe("isotropicGrid", () => {
  test("of the paper: 0.5 mm, a multiple of 8", () => {
    const scan = createGrid({ shape: [240, 240, 155], spacingMm: [1, 1, 1] });
    expect(isotropicGrid(scan, { spacingMm: 0.5, divisibleBy: 8 }).shape).toEqual([480, 480, 312]);
    expect(isotropicGrid(scan, { spacingMm: 0.5 }).shape).toEqual([480, 480, 310]);
    expect(isotropicGrid(scan, { spacingMm: 300 }).shape).toEqual([1, 1, 1]);
  });

  test("the rounding of a header asks for no further voxel", () => {
    const scan = createGrid({ shape: [240, 240, 155], spacingMm: [1.0000001, 0.9999999, Math.fround(1.2)] });
    expect(isotropicGrid(scan, { spacingMm: 0.5 }).shape).toEqual([480, 480, 372]);
  });

  test("refuses", () => {
    const scan = createGrid({ shape: [2, 2, 2] });
    for (const wrong of [0, -1, Number.NaN, Infinity])
      expect(() => isotropicGrid(scan, { spacingMm: wrong })).toThrowError(/spacingMm must be positive/);
    for (const wrong of [0, 1.5])
      expect(() => isotropicGrid(scan, { spacingMm: 1, divisibleBy: wrong })).toThrowError(
        expect.objectContaining({ code: "out-of-range", message: expect.stringContaining("divisibleBy") }),
      );
  });

  test("same middle, same directions, cubic voxels, and the old box is covered but for a thousandth of a voxel", () =>
    fc.assert(
      fc.property(grid(), fc.double({ min: 0.4, max: 8, noNaN: true }), fc.integer({ min: 1, max: 9 }), (g, mm, divisibleBy) => {
        const cubic = isotropicGrid(g, { spacingMm: mm, divisibleBy });
        const old = spacingMm(g);
        spacingMm(cubic).forEach((s) => expect(s).toBeCloseTo(mm, 9));
        middle(cubic).forEach((v, axis) => expect(v).toBeCloseTo(middle(g)[axis]!, 9));
        cubic.shape.forEach((n, axis) => {
          expect(n % divisibleBy).toBe(0);
          const needed = (g.shape[axis]! * old[axis]!) / mm;
          expect(n).toBeGreaterThanOrEqual(needed - 1.001e-3);
          expect(n).toBeLessThan(Math.max(1, needed) + divisibleBy);
          for (let row = 0; row < 12; row += 4)
            expect(cubic.affine[row + axis]! / mm).toBeCloseTo(g.affine[row + axis]! / old[axis]!, 9);
        });
      }),
    ));
});

describe("isotropic", () => {
  test("is a resampling onto that grid, cubic unless told otherwise", () =>
    fc.assert(
      fc.property(volume(5), fc.boolean(), (v, clamp) => {
        const options = { spacingMm: 1.5, divisibleBy: 2 };
        const cubic = resample(v, isotropicGrid(v.grid, options), { interpolation: "cubic", clamp, outside: -1 });
        expect(isotropic(v, { ...options, clamp, outside: -1 })).toEqual(cubic);
        const linear = resample(v, isotropicGrid(v.grid, options), { interpolation: "linear" });
        expect(isotropic(v, { ...options, interpolation: "linear" })).toEqual(linear);
      }),
    ));

  test("there at half the spacing and back gives a smooth volume again", () => {
    const g = createGrid({ shape: [24, 20, 12], spacingMm: [1, 1, 2] });
    const smooth = worldLinear(g, [1, 2, -1, 50]);
    const fine = isotropic(smooth, { spacingMm: 0.5, divisibleBy: 8, clamp: true });
    expect(fine.grid.shape).toEqual([48, 40, 48]);
    const back = resample(fine, g, { interpolation: "cubic", clamp: true });
    // The mirrored border bends the ramp; five voxels from it the bend has decayed by 0.27⁵.
    back.data.forEach((v, n) => {
      const at = [n % 24, Math.floor(n / 24) % 20, Math.floor(n / 480)];
      const depth = Math.min(...at.map((a, axis) => Math.min(a, g.shape[axis]! - 1 - a)));
      if (depth >= 5) expect(Math.abs(v - smooth.data[n]!)).toBeLessThan(2e-4 * scaleOf(smooth));
    });
  });

  test("a mask goes onto the same grid", () => {
    const g = createGrid({ shape: [2, 1, 1] });
    const m = createMask([0, 1], g);
    expect([...resampleLabels(m, isotropicGrid(g, { spacingMm: 0.5 })).data]).toEqual(Array(4).fill([0, 0, 1, 1]).flat());
  });
});
