import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { reorient, resample, resampleLabels, worldToVoxel } from "../../src/geometry/index.js";
import { createGrid, createVolume, type Mask } from "../../src/index.js";
import { grid, mask, maskOf, volume } from "../support/arbitraries.js";
import { eachVoxel } from "../support/oracles.js";
import { AXIS_CODES, anyVolume, gridAndAnother } from "./oracles.js";

describe("resampleLabels", () => {
  test("a mask on a grid twice as fine", () => {
    const coarse = maskOf(`.#
                           ..`);
    const fine = createGrid({ shape: [4, 4, 1], spacingMm: [0.5, 0.5, 1] });
    const result: Mask = resampleLabels(coarse, fine);
    const drawn = maskOf(`..##
                          ..##
                          ....
                          ....`);
    expect(result.data).toEqual(drawn.data);
  });

  test("outside are the labels asked for, and only those that the type can hold", () => {
    const labels = createVolume(Uint8Array.of(1, 2), createGrid({ shape: [2, 1, 1] }));
    const elsewhere = createGrid({ shape: [6, 1, 1], spacingMm: [1, 1, 1] });
    expect(resampleLabels(labels, elsewhere, { outside: 255 }).data).toEqual(Uint8Array.of(255, 255, 1, 2, 255, 255));
    for (const outside of [256, -1, 0.5, Number.NaN])
      expect(() => resampleLabels(labels, elsewhere, { outside })).toThrowError(
        expect.objectContaining({ code: "out-of-range", message: expect.stringContaining("Uint8Array can't hold") }),
      );
    const doubles = { grid: labels.grid, data: new Float64Array(2) } as never;
    expect(() => resampleLabels(doubles, elsewhere)).toThrowError(expect.objectContaining({ code: "unsupported" }));
  });

  describe("laws", () => {
    test("no label arises that was not there, and the type stays", () =>
      fc.assert(
        fc.property(anyVolume(), grid(), (v, g) => {
          const result = resampleLabels(v, g, { outside: v.data[0] });
          const there = new Set<number>(v.data);
          for (const label of result.data) expect(there.has(label)).toBe(true);
          expect(result.data.constructor).toBe(v.data.constructor);
        }),
      ));

    test("each voxel has the label whose centre is nearest along i, j, k", () =>
      fc.assert(
        fc.property(gridAndAnother(), ([a, b]) => {
          const [ni, nj, nk] = a.shape;
          const numbered = createVolume(
            Uint16Array.from({ length: ni * nj * nk }, (_, n) => n + 1),
            a,
          );
          const result = resampleLabels(numbered, b);
          eachVoxel(b.shape, (i, j, k, n) => {
            const world = [0, 4, 8].map((r) => b.affine[r]! * i + b.affine[r + 1]! * j + b.affine[r + 2]! * k + b.affine[r + 3]!);
            const at = worldToVoxel(a, world as [number, number, number]);
            // At the middle between two voxels, and at the border, rounding decides.
            if (at.some((v) => Math.abs(v - Math.floor(v) - 0.5) < 1e-3)) return;
            const [x, y, z] = at.map(Math.round) as [number, number, number];
            const inside = x >= 0 && x < ni && y >= 0 && y < nj && z >= 0 && z < nk;
            expect(result.data[n]).toBe(inside ? 1 + x + ni * (y + nj * z) : 0);
          });
        }),
      ));

    test("is `nearest` of resample", () =>
      fc.assert(
        fc.property(volume(), grid(), (v, g) => {
          expect(resampleLabels(v, g).data).toEqual(resample(v, g, { interpolation: "nearest" }).data);
        }),
      ));

    test("on a reoriented grid it is the reoriented mask", () =>
      fc.assert(
        fc.property(mask(), fc.constantFrom(...AXIS_CODES), (m, code) => {
          const expected = reorient(m, code);
          expect(resampleLabels(m, expected.grid).data).toEqual(expected.data);
        }),
      ));
  });
});
