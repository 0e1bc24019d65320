import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyAffine } from "../../src/geometry/index.js";
import { voxelToWorld } from "../../src/geometry/voxelToWorld.js";
import { createGrid } from "../../src/index.js";
import { affineOfElastix, toItkImage } from "../../src/registration/itkImage.js";
import { volume, volumeOf } from "../support/arbitraries.js";

describe("volumes for ITK", () => {
  test("a voxel's place in ITK's world is the volume's, with x and y turned round", () => {
    fc.assert(
      fc.property(volume(), (v) => {
        const { origin, spacing, direction, size } = toItkImage(v);
        const last = v.grid.shape.map((n) => n - 1) as [number, number, number];
        const place = origin.map((o, row) =>
          last.reduce((sum, i, axis) => sum + direction[3 * row + axis]! * spacing[axis]! * i, o),
        );
        const [x, y, z] = voxelToWorld(v.grid, last);
        expect(size).toEqual([...v.grid.shape]);
        // float64 throughout; world coordinates are of the order of 100.
        expect(Math.hypot(place[0]! + x, place[1]! + y, place[2]! - z)).toBeLessThan(1e-9);
      }),
    );
  });

  test("another affine puts it elsewhere; its voxels are copied", () => {
    const v = volumeOf([2, 1, 1], [5, 6]);
    const image = toItkImage(v, createGrid({ shape: [2, 1, 1], affine: [2, 0, 0, 10, 0, 1, 0, 20, 0, 0, 1, 30] }).affine);
    expect([image.origin, image.spacing]).toEqual([
      [-10, -20, 30],
      [2, 1, 1],
    ]);
    image.data[0] = 0;
    expect(v.data[0]).toBe(5);
  });
});

describe("transforms of elastix", () => {
  const parameters = (transform: string, values: readonly number[], centre: readonly number[]) => [
    { Transform: [transform], TransformParameters: values.map(String), CenterOfRotationPoint: centre.map(String) },
  ];

  test("an Euler transform turns about z, then x, then y from the outside in, about its centre, and shifts; LPS becomes RAS+", () => {
    const quarter = Math.PI / 2;
    // About z in LPS: x → y, as in RAS+, since both axes are turned round.
    const z = affineOfElastix(parameters("EulerTransform", [0, 0, quarter, 0, 0, 0], [0, 0, 0]));
    expect(applyAffine(z, [1, 0, 0]).map(Math.round)).toEqual([0, 1, 0]);
    // About x in LPS: y → z, so that in RAS+ it is −y → z.
    const x = affineOfElastix(parameters("EulerTransform", [quarter, 0, 0, 1, 2, 3], [0, 0, 0]));
    expect(applyAffine(x, [0, -1, 0]).map(Math.round)).toEqual([-1, -2, 4]);
    // The centre (−10, −20, 30) in LPS is (10, 20, 30) here, and stays.
    const both = affineOfElastix(parameters("EulerTransform", [0.1, 0.2, 0.3, 0, 0, 0], [-10, -20, 30]));
    applyAffine(both, [10, 20, 30]).forEach((v, n) => {
      expect(v).toBeCloseTo([10, 20, 30][n]!, 12);
    });
    // Rz·Rx·Ry of ITK, written out for the angles 0.1, 0.2, 0.3.
    expect(both[0]).toBeCloseTo(Math.cos(0.3) * Math.cos(0.2) - Math.sin(0.3) * Math.sin(0.1) * Math.sin(0.2), 12);
    expect(both[9]).toBeCloseTo(-Math.sin(0.1), 12);
  });

  test("an affine transform has its matrix row by row", () => {
    const affine = affineOfElastix(parameters("AffineTransform", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [0, 0, 0]));
    expect([...affine]).toEqual([1, 2, -3, -10, 4, 5, -6, -11, -7, -8, 9, 12, 0, 0, 0, 1]);
  });

  test("numbers that are not finite are no transform", () => {
    expect(() => affineOfElastix(parameters("EulerTransform", [Number.NaN, 0, 0, 0, 0, 0], [0, 0, 0]))).toThrow(/not finite/);
  });
});
