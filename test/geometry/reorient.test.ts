import { readdirSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { orientation, reorient } from "../../src/geometry/index.js";
import { createGrid, createVolume, sameGrid, type Vec3 } from "../../src/index.js";
import { volumeOf } from "../support/arbitraries.js";
import { dataPath, hasData } from "../support/data.js";
import { golden } from "../support/golden.js";
import { maxAbsDifference } from "../support/oracles.js";
import { AXIS_CODES, anyVolume, cornerDistanceMm, placedVoxels } from "./oracles.js";

interface Golden {
  canonical: {
    shape: Vec3;
    affine: Float64Array;
    voxels: Float32Array;
    canonicalShape: Vec3;
    canonicalAffine: Float64Array;
    canonicalVoxels: Float32Array;
  }[];
}
const nibabel = golden<Golden>("geometry/orientation");

describe("reorient", () => {
  test("example", () => {
    const v = volumeOf([3, 2, 1], [1, 2, 3, 4, 5, 6]);
    expect(reorient(v, "ARS").grid.shape).toEqual([2, 3, 1]);
    expect([...reorient(v, "ARS").data]).toEqual([1, 4, 2, 5, 3, 6]);
    expect([...reorient(v, "LAS").data]).toEqual([3, 2, 1, 6, 5, 4]);
    expect([...reorient(v, "LAS").grid.affine]).toEqual([-1, 0, 0, 1, 0, 1, 0, -0.5, 0, 0, 1, 0, 0, 0, 0, 1]);
  });

  test.each(["", "RA", "RASL", "RRS", "RLS", "ras", "XYZ"])("refuses %j", (code) => {
    expect(() => reorient(volumeOf([1, 1, 1], [0]), code)).toThrowError(
      expect.objectContaining({ code: "out-of-range", message: expect.stringContaining(`"${code}"`) }),
    );
  });

  test("to RAS is nibabel's as_closest_canonical", () => {
    for (const { shape, affine, voxels, ...expected } of nibabel.canonical) {
      const result = reorient(createVolume(voxels, createGrid({ shape, affine })), "RAS");
      expect(result.grid.shape).toEqual(expected.canonicalShape);
      expect(result.data).toEqual(expected.canonicalVoxels);
      const grid = createGrid({ shape: expected.canonicalShape, affine: expected.canonicalAffine });
      expect(cornerDistanceMm(result.grid, grid)).toBeLessThan(1e-9);
    }
  });

  test("larger than a tile, to every code", () => {
    const shape: Vec3 = [37, 70, 33];
    const v = createVolume(
      Float32Array.from({ length: 37 * 70 * 33 }, (_, n) => n),
      createGrid({ shape }),
    );
    for (const code of AXIS_CODES) {
      const turned = reorient(v, code);
      const letters = ["LR", "PA", "IS"];
      const axes = [...code].map((letter) => letters.findIndex((pair) => pair.includes(letter)));
      const size = axes.map((axis) => shape[axis]!);
      expect(turned.grid.shape).toEqual(size);
      // A plain look-up of some voxels, corners among them.
      for (const at of [[0, 0, 0], size.map((n) => n - 1), size.map((n) => n >> 1), [size[0]! - 1, 0, 31], [1, 32, 2]]) {
        const old = [0, 0, 0];
        axes.forEach((axis, target) => {
          old[axis] = letters[axis]![1] === code[target] ? at[target]! : shape[axis]! - 1 - at[target]!;
        });
        const value = turned.data[at[0]! + size[0]! * (at[1]! + size[1]! * at[2]!)];
        expect(value).toBe(old[0]! + 37 * (old[1]! + 70 * old[2]!));
      }
    }
  });

  describe("laws", () => {
    const code = () => fc.constantFrom(...AXIS_CODES);

    test("every voxel stays where it is in the world", () =>
      fc.assert(
        fc.property(anyVolume(5), code(), (v, c) => {
          expect(placedVoxels(reorient(v, c))).toEqual(placedVoxels(v));
        }),
      ));

    test("the result has the orientation asked for, and the voxel type", () =>
      fc.assert(
        fc.property(anyVolume(), code(), (v, c) => {
          const result = reorient(v, c);
          expect(orientation(result.grid)).toBe(c);
          expect(result.data.constructor).toBe(v.data.constructor);
        }),
      ));

    test("there and back is the same, and the way there does not matter", () =>
      fc.assert(
        fc.property(anyVolume(), code(), code(), (v, a, b) => {
          const there = reorient(v, a);
          const back = reorient(there, orientation(v.grid));
          expect(back.data).toEqual(v.data);
          expect(back.data).not.toBe(v.data);
          expect(cornerDistanceMm(back.grid, v.grid)).toBeLessThan(1e-9);
          expect(reorient(there, b).data).toEqual(reorient(v, b).data);
        }),
      ));
  });

  test.skipIf(!hasData)("one scan stored in 24 orders is one scan", async () => {
    const { loadVolume } = await import("../../src/node/index.js");
    const folder = dataPath("io", "nifti", "orientations");
    const names = readdirSync(folder).filter((name) => name.endsWith(".nii.gz"));
    expect(names.length).toBe(24);
    const ras = await loadVolume(dataPath("io", "nifti", "orientations", "RAS.nii.gz"));
    for (const name of names) {
      const stored = await loadVolume(dataPath("io", "nifti", "orientations", name));
      expect(orientation(stored.grid)).toBe(name.slice(0, 3));
      const result = reorient(stored, "RAS");
      expect(sameGrid(result.grid, ras.grid)).toBe(true);
      expect(maxAbsDifference(result, ras)).toBe(0);
    }
  });
});
