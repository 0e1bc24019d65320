import { describe, expect, test } from "vitest";
import { createGrid, createMask, createVolume, type Vec3 } from "../../src/index.js";
import { checkPrepared } from "../../src/inference/checkPrepared.js";
import type { CardPreprocessing } from "../../src/model/index.js";
import { fullCard } from "../model/cards.js";

const shape: Vec3 = [10, 10, 2];
const scan = ({
  spacingMm = [1, 1, 1],
  gain = 1,
  lowGain = gain,
}: {
  spacingMm?: Vec3;
  gain?: number;
  lowGain?: number;
} = {}) => {
  const grid = createGrid({ shape, spacingMm });
  // 0 … 200 in steps of 1/100: the 50th percentile of all is near 1, and the brain's, the upper half, 1.5.
  const values = Float32Array.from({ length: 200 }, (_, v) => v / 100);
  return {
    pre: createVolume(
      values.map((v) => gain * v),
      grid,
    ),
    low: createVolume(
      values.map((v) => lowGain * v),
      grid,
    ),
    dose: 0.1,
    brain: createMask(
      Array.from(values, (v) => (v > 0.5 && v <= 1.5 ? 1 : 0)),
      grid,
    ),
  };
};
const card = (preprocessing: Partial<CardPreprocessing>) => ({
  ...fullCard,
  preprocessing: { percentile: 50, within: "brain" as const, ...preprocessing },
});
const refusal = (message: RegExp) => expect.objectContaining({ code: "not-prepared", message: expect.stringMatching(message) });

describe("checkPrepared", () => {
  test("takes what is prepared, to a few hundredths", () => {
    for (const gain of [1, 0.97, 1.04]) expect(() => checkPrepared(card({}), scan({ gain }))).not.toThrow();
    expect(() => checkPrepared(card({ spacingMm: [1, 1, 1] }), scan({ spacingMm: [1.001, 1, 0.995] }))).not.toThrow();
    expect(() => checkPrepared(card({}), scan({ lowGain: 1.4 }))).not.toThrow();
  });

  test("names the percentile, and where it is taken", () => {
    for (const gain of [0.9, 1.1, 700, 0])
      expect(() => checkPrepared(card({}), scan({ gain }))).toThrow(
        refusal(/"copycat" wants scans whose 50th percentile in the brain is 1, but the pre-contrast scan's is/),
      );
    expect(() => checkPrepared(card({ percentile: 95 }), scan())).toThrow(refusal(/95th percentile.*is 1\.4.*percentile: 95/));
    // Of a head only the order is known.
    expect(() => checkPrepared(card({ within: "head" }), scan({ gain: 1.1 }))).not.toThrow();
    expect(() => checkPrepared(card({ within: "head" }), scan({ gain: 700 }))).toThrow(refusal(/in the head is 1/));
  });

  test("a low-dose scan on another scale isn't calibrated", () => {
    for (const lowGain of [0.3, 900])
      expect(() => checkPrepared(card({}), scan({ lowGain }))).toThrow(refusal(/low-dose.*aren't calibrated.*matchRadiometric/));
  });

  test("names the spacing, and how to get there", () => {
    expect(() => checkPrepared(card({ spacingMm: [0.5, 0.5, 0.5] }), scan())).toThrow(
      refusal(/voxels of 0\.5×0\.5×0\.5 mm, but the scan's are 1×1×1 mm.*isotropic\(scan, \{ spacingMm: 0\.5 \}\)/),
    );
    expect(() => checkPrepared(card({ spacingMm: [1, 1, 3] }), scan({ spacingMm: [1, 1, 5] }))).toThrow(
      refusal(/1×1×3 mm, but the scan's are 1×1×5 mm.*\(resample\)/),
    );
  });
});
