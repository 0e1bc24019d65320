import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { flip } from "../../src/geometry/index.js";
import type { Mask } from "../../src/index.js";
import { mask, volumeOf } from "../support/arbitraries.js";
import { anyVolume, cornerDistanceMm, placedVoxels } from "./oracles.js";

describe("flip", () => {
  test("examples", () => {
    const v = volumeOf([3, 2, 1], [1, 2, 3, 4, 5, 6]);
    expect([...flip(v, 0).data]).toEqual([3, 2, 1, 6, 5, 4]);
    expect([...flip(v, 1).data]).toEqual([4, 5, 6, 1, 2, 3]);
    expect([...flip(v, 2).data]).toEqual([...v.data]);
    for (const axis of [3, -1, 0.5, "0"])
      expect(() => flip(v, axis as never)).toThrowError(expect.objectContaining({ code: "out-of-range" }));
  });

  test("twice is the same, and every voxel stays where it is in the world", () =>
    fc.assert(
      fc.property(anyVolume(5), fc.constantFrom(0, 1, 2), (v, axis) => {
        const flipped = flip(v, axis as 0 | 1 | 2);
        expect(placedVoxels(flipped)).toEqual(placedVoxels(v));
        const back = flip(flipped, axis as 0 | 1 | 2);
        expect(back.data).toEqual(v.data);
        expect(cornerDistanceMm(back.grid, v.grid)).toBeLessThan(1e-9);
      }),
    ));

  test("of a mask is a mask", () =>
    fc.assert(
      fc.property(mask(), (m) => {
        const flipped: Mask = flip(m, 2);
        expect(flipped.data.reduce((sum, v) => sum + v, 0)).toBe(m.data.reduce((sum, v) => sum + v, 0));
      }),
    ));
});
