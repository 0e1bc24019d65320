import { describe, expect, test } from "vitest";
import { headMask } from "../../src/filters/index.js";
import { boundingBox, isGadoliniteError } from "../../src/index.js";
import { createPhantom } from "../../src/phantom/index.js";
import { maskOf, volumeOf } from "../support/arbitraries.js";

describe("headMask", () => {
  test("keeps the largest part above the threshold and fills it", () => {
    const slices = [
      `.......
       .###..#
       .###...
       .###...
       .......`,
      `.......
       .###...
       .#.#..#
       .###...
       .......`,
      `.......
       .###...
       .###...
       .###...
       .......`,
    ];
    const drawn = maskOf(...slices);
    const noisy = volumeOf(
      drawn.grid.shape,
      drawn.data.map((v, i) => 200 * v + (i % 7)),
    );
    const filled = slices.map((slice) => slice.replace("#.#", "###").replaceAll("..#", "..."));
    expect([...headMask(noisy).data]).toEqual([...maskOf(...filled).data]);
  });

  test("its box holds the brain of a phantom, and less than the field of view", async () => {
    const { preContrast, brain } = await createPhantom({ seed: 2, shape: [40, 48, 40] });
    const [head, inner] = [boundingBox(headMask(preContrast)), boundingBox(brain!)];
    for (const axis of [0, 1, 2]) {
      expect(head.start[axis]).toBeLessThanOrEqual(inner.start[axis]!);
      expect(head.start[axis]! + head.shape[axis]!).toBeGreaterThanOrEqual(inner.start[axis]! + inner.shape[axis]!);
    }
    expect(head.shape[0] * head.shape[1] * head.shape[2]).toBeLessThan(0.95 * preContrast.data.length);
  });

  test("refuses a constant image and voxels that are not finite", () => {
    const constant = volumeOf([2, 2, 2], new Array(8).fill(3));
    expect(() => headMask(constant)).toThrow(/No voxel lies above the threshold of 3/);
    try {
      headMask(constant);
    } catch (error) {
      expect(isGadoliniteError(error, "empty-mask")).toBe(true);
    }
    expect(() => headMask(volumeOf([2, 1, 1], [1, Number.NaN]))).toThrow(/NaN or infinite/);
  });
});
