import { describe, expect, test } from "vitest";
import { createGrid, createMask, createVolume } from "../../src/index.js";
import { mutualInformation } from "../../src/registration/index.js";
import { rigidMotion } from "./phantom.js";

const grid = createGrid({ shape: [16, 16, 16] });
const volumeFrom = (value: (i: number) => number) =>
  createVolume(
    Float32Array.from({ length: 4096 }, (_, i) => value(i)),
    grid,
  );
const IDENTITY = rigidMotion(0, [1, 0, 0], [0, 0, 0], [0, 0, 0]);

// Each of 32 values equally often, so that each has a bin of its own.
const slices = volumeFrom((i) => i % 32);

describe("mutualInformation", () => {
  test("of a volume with itself it is its entropy, ln 32; a one-to-one map changes nothing", () => {
    expect(mutualInformation(slices, slices)).toBeCloseTo(Math.log(32), 10);
    expect(
      mutualInformation(
        slices,
        volumeFrom((i) => 7 - 3 * (i % 32)),
      ),
    ).toBeCloseTo(Math.log(32), 10);
  });

  test("of volumes that have nothing to do with each other it is 0; of one that tells half, ln 2 less for each bit", () => {
    expect(
      mutualInformation(
        slices,
        volumeFrom((i) => Math.floor(i / 32) % 32),
      ),
    ).toBeCloseTo(0, 10);
    expect(
      mutualInformation(
        slices,
        volumeFrom((i) => Math.floor((i % 32) / 2)),
      ),
    ).toBeCloseTo(Math.log(16), 10);
    expect(
      mutualInformation(
        slices,
        volumeFrom(() => 5),
      ),
    ).toBe(0);
  });

  test("only the mask counts, and only places that the moving volume reaches", () => {
    const half = createMask(
      Array.from({ length: 4096 }, (_, i) => i % 32 < 16),
      grid,
    );
    const other = volumeFrom((i) => (i % 32 < 16 ? i % 32 : 16 + ((i * 7) % 3)));
    expect(mutualInformation(slices, other, { mask: half })).toBeCloseTo(Math.log(16), 10);
    const away = rigidMotion(0, [1, 0, 0], [100, 0, 0], [0, 0, 0]);
    expect(mutualInformation(slices, slices, { transform: away })).toBeNaN();
  });

  test("a motion makes it less, and its inverse makes it good again", () => {
    const smooth = volumeFrom((i) => Math.sin((i % 16) / 2) + Math.cos((Math.floor(i / 16) % 16) / 3) + Math.floor(i / 256) / 5);
    const shift = rigidMotion(0, [1, 0, 0], [3, 0, 0], [0, 0, 0]);
    const moved = createVolume(smooth.data, createGrid({ shape: grid.shape, affine: shiftedBy(3) }));
    expect(mutualInformation(smooth, moved, { transform: IDENTITY })).toBeLessThan(mutualInformation(smooth, smooth) - 0.5);
    expect(mutualInformation(smooth, moved, { transform: shift })).toBe(mutualInformation(smooth, smooth));
  });

  test("refuses voxels that are not finite, and a mask of another grid", () => {
    const broken = volumeFrom((i) => (i === 7 ? Number.NaN : i));
    expect(() => mutualInformation(broken, slices)).toThrow(/fixed volume has voxels that are NaN/);
    expect(() => mutualInformation(slices, broken)).toThrow(/moving volume has voxels that are NaN/);
    const mask = createMask([true], createGrid({ shape: [1, 1, 1] }));
    expect(() => mutualInformation(slices, slices, { mask })).toThrow(/grids differ/);
  });
});

const shiftedBy = (mm: number) => Float64Array.from(grid.affine, (v, at) => (at === 3 ? v + mm : v));
