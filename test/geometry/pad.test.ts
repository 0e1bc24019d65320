import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crop, pad } from "../../src/geometry/index.js";
import { createGrid, createVolume } from "../../src/index.js";
import { volumeOf } from "../support/arbitraries.js";
import { anyVolume, cornerDistanceMm } from "./oracles.js";

const widths = () => fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3));

describe("pad", () => {
  test("example", () => {
    const v = volumeOf([2, 1, 1], [1, 2]);
    const padded = pad(v, { before: [1, 0, 0], after: [0, 1, 0], value: 9 });
    expect(padded.grid.shape).toEqual([3, 2, 1]);
    expect([...padded.data]).toEqual([9, 1, 2, 9, 9, 9]);
    expect(padded.grid.affine[3]).toBe(v.grid.affine[3]! - 1);
    expect([...pad(v, {}).data]).toEqual([1, 2]);
  });

  test("refuses", () => {
    const v = createVolume(Int16Array.of(1), createGrid({ shape: [1, 1, 1] }));
    expect(() => pad(v, { before: [0, -1, 0] })).toThrowError(/before must be three integers/);
    expect(() => pad(v, { after: [0, 0.5, 0] })).toThrowError(/after must be three integers/);
    expect(() => pad(v, { after: [1, 1] as never })).toThrowError(expect.objectContaining({ code: "out-of-range" }));
    expect(() => pad(v, { value: 1e6 })).toThrowError(/Int16Array can't hold the value 1000000/);
  });

  test("padded and cropped is the same, and every voxel stays where it is in the world", () =>
    fc.assert(
      fc.property(anyVolume(5), widths(), widths(), (v, before, after) => {
        const padded = pad(v, { before, after, value: 3 });
        const back = crop(padded, { start: before, shape: v.grid.shape });
        expect(back.data).toEqual(v.data);
        expect(cornerDistanceMm(back.grid, v.grid)).toBeLessThan(1e-9);
        expect(padded.data.constructor).toBe(v.data.constructor);
        const added = padded.data.length - v.data.length;
        expect(padded.data.filter((value) => value === 3).length).toBe(added + v.data.filter((value) => value === 3).length);
      }),
    ));
});
