import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { enhancementMask } from "../../src/enhancement/enhancementMask.js";
import { enhancementSignal } from "../../src/enhancement/enhancementSignal.js";
import { normalizeNoise } from "../../src/enhancement/normalizeNoise.js";
import { revertSignal, signalGain } from "../../src/enhancement/revertSignal.js";
import { subtract } from "../../src/enhancement/subtract.js";
import { synthesize } from "../../src/enhancement/synthesize.js";
import type { Volume } from "../../src/index.js";
import { maskOf, volumeOf } from "../support/arbitraries.js";
import { maxAbsDifference } from "../support/oracles.js";
import { everywhere, mapVoxels, noise } from "./oracles.js";

describe("revertSignal", () => {
  const y = volumeOf([2, 1, 1], [1, 2]);
  const sd = volumeOf([2, 1, 1], [0.5, 0.25]);

  test("exactly, and as printed", () => {
    expect([...revertSignal(y, { sd, sigma: 0.125, gain: 2 }).data]).toEqual([8, 8]);
    expect([...revertSignal(y, { sd, sigma: 0.125, gain: 2, convention: "as-printed" }).data]).toEqual([1, 1]);
    expect([...revertSignal(y, { sd, sigma: 1 }).data]).toEqual([
      ...revertSignal(y, { sd, sigma: 1, convention: "as-printed" }).data,
    ]);
  });

  test("refuses", () => {
    expect(() => revertSignal(y, { sd: volumeOf([1, 1, 1], [1]), sigma: 1 })).toThrowError(
      expect.objectContaining({ code: "grid-mismatch" }),
    );
    for (const wrong of [{ sigma: 0 }, { sigma: 1, gain: Number.NaN }, { sigma: 1, convention: "code" as never }])
      expect(() => revertSignal(y, { sd, ...wrong })).toThrowError(expect.objectContaining({ code: "out-of-range" }));
  });

  // A perfect network and γ·s_LD = s_SD: x_PC + ỹ = x_PC + p ⊙ (z̃_SD − m_SD).
  test("the round trip of a perfect network", () =>
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.double({ min: 0.5, max: 2, noNaN: true }), (seedOfPre, seedOfPost, gain) => {
        const pre = noise([9, 9, 9], { seed: 2 * seedOfPre, sd: 0.05, mean: 0.7 });
        const post = mapVoxels(
          noise([9, 9, 9], { seed: 2 * seedOfPost + 1, sd: 0.05, mean: 0.7 }),
          (v, i) => v + (i % 9 === 4 ? 0.6 : 0),
        );
        const brain = everywhere(pre);
        const difference = subtract(pre, post);
        const sigma = 0.06;
        const standard = normalizeNoise(difference, { brain, sigma, sigmaVoxels: 3 });
        const p = enhancementMask(standard.normalized, { sigma });
        const lowSd = mapVoxels(standard.sd, (s) => s / gain);
        expect(signalGain([{ brain, standardSd: standard.sd, lowSd }])).toBeCloseTo(gain, 6);

        const predicted = enhancementSignal(standard.normalized, p);
        const reverted = revertSignal(predicted, { sd: lowSd, sigma, gain });
        const expected = mapVoxels(pre, (x, i) => x + p.data[i]! * (difference.data[i]! - standard.mean.data[i]!));
        // Half a dozen roundings to float32 of numbers of about 1.
        expect(maxAbsDifference(synthesize(pre, reverted), expected)).toBeLessThan(1e-6);
        // As printed it would be σ times as much.
        const printed = revertSignal(predicted, { sd: lowSd, sigma, gain, convention: "as-printed" });
        expect(
          maxAbsDifference(
            printed,
            mapVoxels(reverted, (v) => v * sigma),
          ),
        ).toBeLessThan(1e-7);
      }),
      { numRuns: 30 },
    ));
});

describe("signalGain", () => {
  const volume = (...v: readonly number[]): Volume => volumeOf([v.length, 1, 1], v);

  test("is the mean of ratios of sums within the brain", () => {
    const cases = [
      { brain: maskOf("##."), standardSd: volume(3, 5, 100), lowSd: volume(1, 3, 7) },
      { brain: maskOf("#"), standardSd: volume(4), lowSd: volume(1) },
    ];
    expect(signalGain(cases)).toBe(3);
    expect(signalGain(cases.slice(1))).toBe(4);
    expect(signalGain([])).toBeNaN();
  });

  test("refuses", () => {
    const refusal = (code: string) => expect.objectContaining({ code });
    const one = { brain: maskOf("#"), standardSd: volume(4), lowSd: volume(1) };
    expect(() => signalGain([one, { ...one, lowSd: volume(0) }])).toThrowError(/must be positive/);
    expect(() => signalGain([{ ...one, lowSd: volume(1, 2) }])).toThrowError(refusal("grid-mismatch"));
    expect(() => signalGain([{ ...one, brain: maskOf(".") }])).toThrowError(refusal("empty-mask"));
  });
});
