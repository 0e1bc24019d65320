import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { centreCrop, undoCrop, voxelToWorld } from "../../src/geometry/index.js";
import { createGrid } from "../../src/index.js";
import { shape, volumeOf } from "../support/arbitraries.js";
import { anyVolume } from "./oracles.js";

describe("centreCrop and undoCrop", () => {
  test("examples", () => {
    const v = volumeOf([5, 2, 1], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect([...centreCrop(v, { shape: [3, 2, 1] }).data]).toEqual([2, 3, 4, 7, 8, 9]);
    // Of an odd number too many, the smaller half is cut off in front.
    expect([...centreCrop(v, { shape: [2, 1, 1] }).data]).toEqual([2, 3]);
    const wider = centreCrop(v, { shape: [7, 2, 1], outside: -1 });
    expect([...wider.data]).toEqual([-1, 1, 2, 3, 4, 5, -1, -1, 6, 7, 8, 9, 10, -1]);
    expect(voxelToWorld(wider.grid, [1, 0, 0])).toEqual(voxelToWorld(v.grid, [0, 0, 0]));
    expect([...undoCrop(centreCrop(v, { shape: [3, 2, 1] }), v.grid, { outside: 9 }).data]).toEqual([
      9, 2, 3, 4, 9, 9, 7, 8, 9, 9,
    ]);
  });

  test("what was within both comes back bit for bit, the rest is `outside`; type and grid too", () => {
    fc.assert(
      fc.property(anyVolume(), shape(12), (v, wanted) => {
        const cropped = centreCrop(v, { shape: wanted });
        expect(cropped.grid.shape).toEqual(wanted);
        const back = undoCrop(cropped, v.grid);
        expect(back.grid).toEqual(v.grid);
        expect(back.data.constructor).toBe(v.data.constructor);
        const [ni, nj] = v.grid.shape;
        const kept = (i: number, axis: number) => {
          const start = Math.floor((v.grid.shape[axis]! - wanted[axis]!) / 2);
          return i >= start && i < start + wanted[axis]!;
        };
        back.data.forEach((value, at) => {
          const inside = kept(at % ni, 0) && kept(Math.floor(at / ni) % nj, 1) && kept(Math.floor(at / ni / nj), 2);
          expect(value).toBe(inside ? v.data[at] : 0);
        });
      }),
    );
  });

  test("refusals", () => {
    const v = volumeOf([4, 4, 4], new Float32Array(64));
    expect(() => centreCrop(v, { shape: [4, 0, 4] })).toThrow(/shape\[1\] must be an integer of 1 or more/);
    expect(() => undoCrop(v, createGrid({ shape: [4, 4, 4], spacingMm: [1, 1, 2] }))).toThrow(/not voxels of that grid/);
    const shifted = Float64Array.from(v.grid.affine);
    shifted[3]! += 0.5;
    expect(() => undoCrop(v, createGrid({ shape: [4, 4, 4], affine: shifted }))).toThrow(/not voxels of that grid/);
  });
});
