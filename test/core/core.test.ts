import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  boundingBox,
  createGrid,
  createMask,
  createVolume,
  GadoliniteError,
  isGadoliniteError,
  labelMask,
  sameGrid,
  spacingMm,
  voxelCount,
} from "../../src/index.js";
import { affine, grid, mask, maskOf, shape, spacing, volumeOf } from "../support/arbitraries.js";

describe("grid", () => {
  test("without an affine the middle of the volume is the origin and the axes are R, A, S", () => {
    const { affine } = createGrid({ shape: [3, 5, 2], spacingMm: [1, 2, 4] });
    expect([...affine]).toEqual([1, 0, 0, -1, 0, 2, 0, -4, 0, 0, 4, -2, 0, 0, 0, 1]);
  });

  test.each([
    [{ shape: [0, 1, 1] }, /positive integers/],
    [{ shape: [1.5, 1, 1] }, /positive integers/],
    [{ shape: [2 ** 31, 2 ** 31, 2] }, /larger than any array/],
    [{ shape: [1, 1, 1], spacingMm: [1, -1, 1] }, /spacingMm/],
    [{ shape: [1, 1, 1], affine: [1, 2, 3] }, /16/],
    [{ shape: [1, 1, 1], affine: new Float64Array(16) }, /last row/],
    [{ shape: [1, 1, 1], affine: [1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0] }, /invertible/],
    [{ shape: [1, 1, 1], spacingMm: [1, 1, 1], affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] }, /not both/],
  ] as const)("refuses %j", (options, message) => {
    expect(() => createGrid(options as never)).toThrowError(message);
    expect(() => createGrid(options as never)).toThrowError(expect.objectContaining({ code: "out-of-range" }));
  });

  test("spacing is what it was made from", () =>
    fc.assert(
      fc.property(shape(), spacing(), (s, mm) => {
        expect(spacingMm(createGrid({ shape: s, spacingMm: mm }))).toEqual(mm);
      }),
    ));

  test("the spacing of a rotated grid is the length of its steps", () =>
    fc.assert(
      fc.property(affine(), (a) => {
        const [si, sj, sk] = spacingMm(createGrid({ shape: [2, 2, 2], affine: a }));
        const determinant =
          a[0]! * (a[5]! * a[10]! - a[6]! * a[9]!) -
          a[1]! * (a[4]! * a[10]! - a[6]! * a[8]!) +
          a[2]! * (a[4]! * a[9]! - a[5]! * a[8]!);
        expect(si * sj * sk).toBeCloseTo(Math.abs(determinant), 6);
      }),
    ));

  test("a grid is itself, through float32 too, and no other", () =>
    fc.assert(
      fc.property(grid(), fc.integer({ min: 0, max: 11 }), (g, element) => {
        expect(sameGrid(g, { shape: g.shape, affine: Float64Array.from(Float32Array.from(g.affine)) })).toBe(true);
        const moved = Float64Array.from(g.affine);
        moved[element]! += 1;
        // A step along an axis of one voxel moves nothing.
        const matters = element % 4 === 3 || g.shape[element % 4]! > 1;
        expect(sameGrid(g, { shape: g.shape, affine: moved })).toBe(!matters);
        expect(sameGrid(g, createGrid({ shape: [g.shape[0] + 1, g.shape[1], g.shape[2]], affine: g.affine }))).toBe(false);
      }),
    ));

  test("a NaN in an affine is never the same", () => {
    const g = createGrid({ shape: [1, 1, 1] });
    expect(sameGrid(g, { shape: g.shape, affine: new Float64Array(16).fill(Number.NaN) })).toBe(false);
  });
});

describe("volume and mask", () => {
  const g = createGrid({ shape: [2, 1, 2] });

  test("keep the array, and refuse a wrong length", () => {
    const data = new Int16Array(4);
    expect(createVolume(data, g).data).toBe(data);
    expect(() => createVolume(new Float32Array(3), g)).toThrowError(/needs 4 values/);
    expect(() => createMask([1], g)).toThrowError(/needs 4 values/);
    expect(voxelCount(g)).toBe(4);
  });

  test("a mask is 1 where a value is neither 0, NaN nor false", () =>
    expect([...createMask([0, -2, Number.NaN, 0.5], g).data]).toEqual([0, 1, 0, 1]));

  test("labels become a mask; a label that is nowhere is an error that names those that are there", () => {
    const segmentation = volumeOf([5, 1, 1], [0, 1, 4, 4, 2]);
    expect([...labelMask(segmentation, [2, 4]).data]).toEqual([0, 0, 1, 1, 1]);
    expect([...labelMask(segmentation, []).data]).toEqual([0, 0, 0, 0, 0]);
    expect(() => labelMask(segmentation, [3, 4])).toThrowError(/label 3; the labels there are 1, 2, 4/);
    expect(() => labelMask(segmentation, [3])).toThrowError(expect.objectContaining({ code: "empty-mask" }));
  });
});

describe("boundingBox", () => {
  const drawn = maskOf(
    `.....
     .....
     .....`,
    `.....
     ..##.
     ..#..`,
  );

  test("examples", () => {
    expect(boundingBox(drawn)).toEqual({ start: [2, 1, 1], shape: [2, 2, 1] });
    expect(boundingBox(drawn, { marginVoxels: 1 })).toEqual({ start: [1, 0, 0], shape: [4, 3, 2] });
    expect(boundingBox(drawn, { marginVoxels: 99 })).toEqual({ start: [0, 0, 0], shape: [5, 3, 2] });
  });

  test("refuses an empty mask and an odd margin", () => {
    expect(() => boundingBox(createMask(new Uint8Array(1), createGrid({ shape: [1, 1, 1] })))).toThrowError(
      expect.objectContaining({ code: "empty-mask" }),
    );
    expect(() => boundingBox(drawn, { marginVoxels: -1 })).toThrowError(/marginVoxels/);
  });

  test("holds every voxel, and touches one on every side", () =>
    fc.assert(
      fc.property(
        mask().filter((m) => m.data.includes(1)),
        (m) => {
          const { start, shape: size } = boundingBox(m);
          const [ni, nj] = m.grid.shape;
          const inside: number[][] = [];
          m.data.forEach((v, n) => v && inside.push([n % ni, Math.floor(n / ni) % nj, Math.floor(n / (ni * nj))]));
          for (const axis of [0, 1, 2]) {
            expect(Math.min(...inside.map((p) => p[axis]!))).toBe(start[axis]);
            expect(Math.max(...inside.map((p) => p[axis]!))).toBe(start[axis]! + size[axis]! - 1);
          }
        },
      ),
    ));
});

describe("errors", () => {
  test("are told by their brand and code", () => {
    const error = new GadoliniteError("bad-file", "no", { cause: 1 });
    expect(isGadoliniteError(error)).toBe(true);
    expect(isGadoliniteError(error, "bad-file")).toBe(true);
    expect(isGadoliniteError(error, "aborted")).toBe(false);
    expect(error.cause).toBe(1);
    expect(error.name).toBe("GadoliniteError");
    for (const other of [new Error("no"), null, undefined, "bad-file", { code: "bad-file", gadolinite: true }])
      expect(isGadoliniteError(other)).toBe(false);
  });

  test("of another copy of the library are told too", () => {
    const foreign = Object.assign(new Error("no"), { gadolinite: true, code: "bad-file" });
    expect(isGadoliniteError(foreign, "bad-file")).toBe(true);
  });
});
