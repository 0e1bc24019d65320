import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createVolume, type Mask, type Volume } from "../../src/index.js";
import { cep, cnr, lbr } from "../../src/metrics/index.js";
import { maskOf, maskOn, pairOnOneGrid, volumeOf } from "../support/arbitraries.js";
import { codeOf, meanOf, voxelsIn } from "./oracles.js";

describe("cnr, lbr and cep", () => {
  const volume = volumeOf([6, 1, 1], [1, 3, 10, 12, 0, 99]);
  const brain = maskOf("##....");
  const lesion = maskOf("..##..");

  test("examples", () => {
    // Brain 2 ± 1 (divisor n), lesion 11.
    expect(cnr(volume, lesion, brain)).toBe(9);
    expect(lbr(volume, lesion, brain)).toBe(5.5);
    expect(cep(volumeOf([6, 1, 1], [0, 0, 4, 6, 0, 0]), volume, lesion)).toBe(6 / 5);
  });

  test("what is undefined", () => {
    const flat = volumeOf([6, 1, 1], [2, 2, 5, 5, 0, 0]);
    expect(cnr(flat, lesion, brain)).toBe(Infinity);
    expect(cnr(volumeOf([6, 1, 1], [2, 2, 1, 1, 0, 0]), lesion, brain)).toBe(-Infinity);
    expect(cnr(volumeOf([6, 1, 1], [2, 2, 2, 2, 0, 0]), lesion, brain)).toBeNaN();
    const zero = volumeOf([6, 1, 1], [0, 0, 0, 0, 0, 0]);
    expect(lbr(zero, lesion, brain)).toBeNaN();
    expect(lbr(volumeOf([6, 1, 1], [0, 0, 1, 1, 0, 0]), lesion, brain)).toBe(Infinity);
    expect(cep(zero, volume, lesion)).toBe(Infinity);
    expect(cep(zero, zero, lesion)).toBeNaN();
  });

  test("refuses", () => {
    const none = maskOf("......");
    const elsewhere = maskOf("##");
    for (const call of [cnr, lbr]) {
      expect(() => call(volume, none, brain)).toThrowError(/lesion has no voxel/);
      expect(() => call(volume, lesion, none)).toThrowError(/brain has no voxel/);
      expect(codeOf(() => call(volume, elsewhere, brain))).toBe("grid-mismatch");
      expect(codeOf(() => call(volume, lesion, elsewhere))).toBe("grid-mismatch");
      expect(codeOf(() => call(volumeOf([6, 1, 1], [1, 2, Number.NaN, 1, 1, 1]), lesion, brain))).toBe("out-of-range");
      expect(call(volumeOf([6, 1, 1], [1, 3, 10, 12, Number.NaN, 1]), lesion, brain)).toBe(call(volume, lesion, brain));
    }
    expect(codeOf(() => cep(volume, volume, none))).toBe("empty-mask");
    expect(codeOf(() => cep(volume, volumeOf([2, 3, 1], [1, 2, 3, 4, 5, 6]), lesion))).toBe("grid-mismatch");
    expect(() => cep(volumeOf([6, 1, 1], [1, 2, Infinity, 1, 1, 1]), volume, lesion)).toThrowError(/pre-contrast/);
    expect(() => cep(volume, volumeOf([6, 1, 1], [1, 2, Infinity, 1, 1, 1]), lesion)).toThrowError(/post-contrast/);
  });

  describe("laws", () => {
    const cases = () =>
      pairOnOneGrid()
        .chain(([pre, post]) => fc.tuple(fc.constant(pre), fc.constant(post), maskOn(pre.grid), maskOn(pre.grid)))
        .filter(([, , a, b]) => a.data.includes(1) && b.data.includes(1));

    test("from their definitions", () => {
      fc.assert(
        fc.property(cases(), ([pre, post, lesion, brain]) => {
          const inLesion = meanOf(voxelsIn(post, lesion));
          const inBrain = meanOf(voxelsIn(post, brain));
          const sd = Math.sqrt(meanOf(voxelsIn(post, brain).map((v) => (v - inBrain) ** 2)));
          const before = meanOf(voxelsIn(pre, lesion));
          close(cnr(post, lesion, brain), (inLesion - inBrain) / sd);
          close(lbr(post, lesion, brain), inLesion / inBrain);
          close(cep(pre, post, lesion), (inLesion - before) / before);
        }),
      );
    });

    test("CNR = (LBR − 1) · SI_brain / SD_brain", () => {
      fc.assert(
        fc.property(cases(), ([, post, lesion, brain]) => {
          const { mean, sd } = moments(post, brain);
          fc.pre(sd > 0 && Math.abs(mean) > 1e-3);
          expect(Math.abs(((lbr(post, lesion, brain) - 1) * mean) / sd - cnr(post, lesion, brain))).toBeLessThan(
            1e-6 * (1 + 4000 / sd),
          );
        }),
      );
    });

    test("CNR is unchanged by a gain, LBR and CEP too", () => {
      fc.assert(
        fc.property(cases(), fc.integer({ min: -10, max: 10 }), ([pre, post, lesion, brain], exponent) => {
          const gained = ({ data, grid }: Volume) =>
            createVolume(
              data.map((v) => v * 2 ** exponent),
              grid,
            );
          expect(cnr(gained(post), lesion, brain)).toBe(cnr(post, lesion, brain));
          expect(lbr(gained(post), lesion, brain)).toBe(lbr(post, lesion, brain));
          expect(cep(gained(pre), gained(post), lesion)).toBe(cep(pre, post, lesion));
        }),
      );
    });
  });
});

const moments = (volume: Volume, mask: Mask) => {
  const mean = meanOf(voxelsIn(volume, mask));
  return { mean, sd: Math.sqrt(meanOf(voxelsIn(volume, mask).map((v) => (v - mean) ** 2))) };
};

/** Equal to rounding in float64, or both undefined; nothing is compared where the denominator is itself rounding. */
function close(actual: number, expected: number) {
  if (!Number.isFinite(expected) || Math.abs(expected) > 1e6) return;
  expect(Math.abs(actual - expected)).toBeLessThan(1e-7 * (1 + Math.abs(expected)));
}
