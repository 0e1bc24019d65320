import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { enhancementMask } from "../../src/enhancement/enhancementMask.js";
import { enhancementSignal } from "../../src/enhancement/enhancementSignal.js";
import { pairOnOneGrid, volume, volumeOf } from "../support/arbitraries.js";

describe("enhancementSignal", () => {
  test("is the product", () => {
    expect([...enhancementSignal(volumeOf([3, 1, 1], [2, -1, 8]), volumeOf([3, 1, 1], [0, 0.5, 1])).data]).toEqual([0, -0.5, 8]);
  });

  test("refuses another grid", () => {
    expect(() => enhancementSignal(volumeOf([2, 1, 1], [1, 2]), volumeOf([1, 1, 1], [1]))).toThrowError(
      expect.objectContaining({ code: "grid-mismatch" }),
    );
  });

  test("under a mask of its own noise is suppressed and enhancement kept", () =>
    fc.assert(
      fc.property(volume(), (z) => {
        const y = enhancementSignal(z, enhancementMask(z, { sigma: 1 })).data;
        y.forEach((v, i) => {
          expect(Math.abs(v)).toBeLessThanOrEqual(Math.abs(z.data[i]!));
          if (z.data[i]! <= 1) expect(Math.abs(v)).toBeLessThan(0.0101);
          if (z.data[i]! >= 4) expect(v / z.data[i]!).toBeGreaterThan(0.9899);
        });
      }),
    ));

  test("doesn't matter which factor is which", () =>
    fc.assert(
      fc.property(pairOnOneGrid(), ([a, b]) => {
        expect(enhancementSignal(a, b).data).toEqual(enhancementSignal(b, a).data);
      }),
    ));
});
