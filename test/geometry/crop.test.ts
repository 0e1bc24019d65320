import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crop, uncrop } from "../../src/geometry/index.js";
import {
  type Box,
  boundingBox,
  createGrid,
  createVolume,
  type Mask,
  type Vec3,
  type Volume,
  type VoxelArray,
} from "../../src/index.js";
import { maskOf, volumeOf } from "../support/arbitraries.js";
import { eachVoxel } from "../support/oracles.js";
import { anyVolume, cornerDistanceMm, placedVoxels } from "./oracles.js";

const volumeAndBox = (): fc.Arbitrary<[Volume<VoxelArray>, Box]> =>
  fc.tuple(anyVolume(), fc.tuple(fc.nat(), fc.nat(), fc.nat()), fc.tuple(fc.nat(), fc.nat(), fc.nat())).map(([v, from, to]) => {
    const start = v.grid.shape.map((n, axis) => from[axis]! % n) as unknown as Vec3;
    return [v, { start, shape: v.grid.shape.map((n, axis) => 1 + (to[axis]! % (n - start[axis]!))) as unknown as Vec3 }];
  });

describe("crop and uncrop", () => {
  test("examples", () => {
    const v = volumeOf([3, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    const box = { start: [1, 0, 1], shape: [2, 2, 1] } as const;
    const part = crop(v, box);
    expect([...part.data]).toEqual([8, 9, 11, 12]);
    expect([part.grid.affine[3], part.grid.affine[7], part.grid.affine[11]]).toEqual([0, -0.5, 0.5]);
    expect([...uncrop(part, box, v.grid, { outside: -1 }).data]).toEqual([-1, -1, -1, -1, -1, -1, -1, 8, 9, -1, 11, 12]);
  });

  test("a mask cropped to its bounding box and put back is the mask", () => {
    const m = maskOf(`.....
                      ..##.
                      ..#..`);
    const box = boundingBox(m);
    const part: Mask = crop(m, box);
    expect([...part.data]).toEqual([1, 1, 1, 0]);
    expect(uncrop(part, box, m.grid).data).toEqual(m.data);
  });

  test.each([
    [{ start: [0, 0, 0], shape: [4, 2, 2] }],
    [{ start: [-1, 0, 0], shape: [1, 1, 1] }],
    [{ start: [0, 0, 0], shape: [1, 0, 1] }],
    [{ start: [0, 0.5, 0], shape: [1, 1, 1] }],
    [{ start: [0, 0], shape: [1, 1] }],
    [{ start: [2, 1, 1], shape: [1, 1, 2] }],
    [{ start: [Number.NaN, 0, 0], shape: [1, 1, 1] }],
  ])("refuse the box %j", (box) => {
    const v = volumeOf([3, 2, 2], Array(12).fill(0));
    for (const wrong of [() => crop(v, box as never), () => uncrop(v, box as never, v.grid)])
      expect(wrong).toThrowError(
        expect.objectContaining({ code: "out-of-range", message: expect.stringContaining("does not lie") }),
      );
  });

  test("uncrop refuses a volume from elsewhere, and a value that the type can't hold", () => {
    const v = createVolume(new Uint8Array(12), createGrid({ shape: [3, 2, 2] }));
    const box = { start: [1, 0, 1], shape: [2, 2, 1] } as const;
    const other = crop(v, { ...box, start: [0, 0, 1] });
    expect(() => uncrop(other, box, v.grid)).toThrowError(expect.objectContaining({ code: "grid-mismatch" }));
    expect(() => uncrop(crop(v, box), box, v.grid, { outside: 300 })).toThrowError(/can't hold the value 300/);
  });

  describe("laws", () => {
    test("crop is a plain look-up, and every voxel stays where it is in the world", () =>
      fc.assert(
        fc.property(volumeAndBox(), ([v, box]) => {
          const part = crop(v, box);
          const [ni, nj] = v.grid.shape;
          const [i0, j0, k0] = box.start;
          eachVoxel(box.shape, (i, j, k, n) => expect(part.data[n]).toBe(v.data[i0 + i + ni * (j0 + j + nj * (k0 + k))]));
          const all = new Set(placedVoxels(v));
          for (const voxel of placedVoxels(part)) expect(all.has(voxel)).toBe(true);
          expect(part.data.constructor).toBe(v.data.constructor);
        }),
      ));

    test("uncrop undoes crop in the box, and nothing else is inside", () =>
      fc.assert(
        fc.property(volumeAndBox(), ([v, box]) => {
          const part = crop(v, box);
          const back = uncrop(part, box, v.grid, { outside: 1 });
          expect(back.grid).toBe(v.grid);
          expect(crop(back, box)).toEqual(part);
          const blank = uncrop({ ...part, data: part.data.slice().fill(0) }, box, v.grid, { outside: 1 });
          expect(blank.data.filter((value) => value === 0).length).toBe(part.data.length);
          expect(back.data.every((value, n) => value === (blank.data[n] === 1 ? 1 : v.data[n]))).toBe(true);
        }),
      ));

    test("a box within a box is the box moved", () =>
      fc.assert(
        fc.property(volumeAndBox(), fc.nat(), ([v, box], seed) => {
          const start = box.shape.map((n) => seed % n) as unknown as Vec3;
          const shape = box.shape.map((n, axis) => n - start[axis]!) as unknown as Vec3;
          const moved = box.start.map((s, axis) => s + start[axis]!) as unknown as Vec3;
          const [twice, once] = [crop(crop(v, box), { start, shape }), crop(v, { start: moved, shape })];
          expect(twice.data).toEqual(once.data);
          expect(cornerDistanceMm(twice.grid, once.grid)).toBeLessThan(1e-9);
        }),
      ));
  });
});
