import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crop, intersectionGrid, pad, resample, unionGrid, voxelToWorld, worldToVoxel } from "../../src/geometry/index.js";
import { createGrid, type Grid, sameGrid, type Vec3 } from "../../src/index.js";
import { grid, volume } from "../support/arbitraries.js";
import { gridAndAnother } from "./oracles.js";

const corners = (g: Grid): Vec3[] =>
  [0, 1, 2, 3, 4, 5, 6, 7].map((c) => voxelToWorld(g, g.shape.map((n, axis) => ((c >> axis) & 1) * (n - 1)) as unknown as Vec3));

// A thousandth of a millimetre counts as the same place, for each of the three axes: up to 0.004 voxel of 0.3 mm.
const reaches = (g: Grid, p: Vec3) => worldToVoxel(g, p).every((at, axis) => at >= -4e-3 && at <= g.shape[axis]! - 1 + 4e-3);

describe("unionGrid and intersectionGrid", () => {
  test("examples", () => {
    const a = createGrid({ shape: [4, 4, 4], affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] });
    const b = createGrid({ shape: [4, 2, 3], affine: [2, 0, 0, 1.5, 0, 1, 0, -3, 0, 0, 1, 2] });
    expect(unionGrid(a, b).shape).toEqual([9, 7, 5]);
    expect(voxelToWorld(unionGrid(a, b), [0, 0, 0])).toEqual([0, -3, 0]);
    expect(() => intersectionGrid(a, b)).toThrowError(expect.objectContaining({ code: "out-of-range" }));
    const c = createGrid({ shape: [2, 3, 9], affine: [1.5, 0, 0, 0.5, 0, 1, 0, 1, 0, 0, 1, 2] });
    expect(intersectionGrid(a, c).shape).toEqual([2, 3, 2]);
    expect(voxelToWorld(intersectionGrid(a, c), [0, 0, 0])).toEqual([1, 1, 2]);
  });

  test("with itself is itself", () =>
    fc.assert(
      fc.property(grid(), (g) => {
        expect(sameGrid(unionGrid(g, g), g)).toBe(true);
        expect(sameGrid(intersectionGrid(g, g), g)).toBe(true);
      }),
    ));

  test("the union reaches every corner of both, on the first one's lattice", () =>
    fc.assert(
      fc.property(gridAndAnother(), ([a, b]) => {
        const union = unionGrid(a, b);
        for (const corner of [...corners(a), ...corners(b)]) expect(reaches(union, corner)).toBe(true);
        worldToVoxel(union, voxelToWorld(a, [0, 0, 0])).forEach((v) => expect(Math.abs(v - Math.round(v))).toBeLessThan(1e-9));
      }),
    ));

  test("of a part and the whole they are the whole and the part", () =>
    fc.assert(
      fc.property(volume(), fc.nat(2), (v, n) => {
        const larger = pad(v, { before: [n, 0, 1], after: [0, 2, n] });
        expect(sameGrid(unionGrid(v.grid, larger.grid), larger.grid)).toBe(true);
        expect(sameGrid(intersectionGrid(larger.grid, v.grid), v.grid)).toBe(true);
        const part = crop(larger, { start: [n, 0, 1], shape: v.grid.shape });
        expect(resample(larger, intersectionGrid(larger.grid, v.grid), { interpolation: "linear" }).data).toEqual(part.data);
      }),
    ));
});
