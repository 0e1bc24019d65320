import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyAffine, composeAffine, invertAffine, voxelToWorld, worldToVoxel } from "../../src/geometry/index.js";
import { createGrid, type Vec3 } from "../../src/index.js";
import { affine, grid } from "../support/arbitraries.js";

const point = (): fc.Arbitrary<Vec3> => {
  const mm = fc.double({ min: -300, max: 300, noNaN: true });
  return fc.tuple(mm, mm, mm);
};

const distance = (a: Vec3, b: Vec3) => Math.hypot(...a.map((v, axis) => v - b[axis]!));

describe("affine", () => {
  test("examples", () => {
    const a = Float64Array.of(2, 0, 0, 1, 0, 0, -4, 2, 0, 1, 0, 3, 0, 0, 0, 1);
    expect(applyAffine(a, [1, 10, 100])).toEqual([3, -398, 13]);
    expect([...invertAffine(a)].map((v) => v + 0)).toEqual([0.5, 0, 0, -0.5, 0, 0, 1, -3, 0, -0.25, 0, 0.5, 0, 0, 0, 1]);
    expect(voxelToWorld(createGrid({ shape: [3, 3, 3] }), [0, 1, 2])).toEqual([-1, 0, 1]);
    expect(worldToVoxel(createGrid({ shape: [3, 3, 3] }), [-1, 0, 1])).toEqual([0, 1, 2]);
  });

  test("refuses", () => {
    const flat = Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1);
    expect(() => invertAffine(flat)).toThrowError(expect.objectContaining({ code: "out-of-range" }));
    expect(() => invertAffine(flat)).toThrowError(/axes span no volume/);
    expect(() => invertAffine(flat.slice(0, 12))).toThrowError(/16 finite numbers/);
    expect(() => composeAffine(flat, new Float64Array(16))).toThrowError(/last row of b/);
    expect(() =>
      composeAffine(
        flat.map(() => Number.NaN),
        flat,
      ),
    ).toThrowError(/a must be 16 finite/);
  });

  test("the inverse undoes, on either side", () =>
    fc.assert(
      fc.property(affine(), point(), (a, p) => {
        const inverse = invertAffine(a);
        // Spacings reach from 0.3 to 6 mm: a relative 1e-13 of 1000 mm.
        expect(distance(applyAffine(inverse, applyAffine(a, p)), p)).toBeLessThan(1e-9);
        expect(distance(applyAffine(a, applyAffine(inverse, p)), p)).toBeLessThan(1e-9);
      }),
    ));

  test("a composition applies the second, then the first", () =>
    fc.assert(
      fc.property(affine(), affine(), point(), (a, b, p) => {
        expect(distance(applyAffine(composeAffine(a, b), p), applyAffine(a, applyAffine(b, p)))).toBeLessThan(1e-9);
      }),
    ));

  test("voxel to world and back", () =>
    fc.assert(
      fc.property(grid(), point(), (g, p) => {
        expect(distance(worldToVoxel(g, voxelToWorld(g, p)), p)).toBeLessThan(1e-9);
      }),
    ));
});
