import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createGrid, createVolume } from "../../src/index.js";
import { falseSignal } from "../../src/metrics/index.js";
import { maskOf, pairOnOneGrid, volumeOf } from "../support/arbitraries.js";
import { codeOf } from "./oracles.js";

describe("falseSignal", () => {
  const pre = volumeOf([8, 1, 1], [1, 1, 1, 1, 1, 1, 1, 1]);
  const post = volumeOf([8, 1, 1], [1, 1, 1, 1, 1, 1, 1, 2]);
  const brain = maskOf("########");

  test("examples: three false voxels in two groups; enhancement that is there is not false", () => {
    const test = volumeOf([8, 1, 1], [1.3, 1, 1.25, 1.21, 1.1, 1, 1, 2]);
    const { share, largest } = falseSignal(pre, post, test, { brain, sigmaVoxels: 0 });
    expect(share).toBe(3 / 8);
    expect(largest).toBe(2);
    expect(falseSignal(pre, post, test, { brain, sigmaVoxels: 0, above: 0.22 })).toEqual({ share: 2 / 8, largest: 1 });
    expect(falseSignal(pre, post, post, { brain })).toEqual({ share: 0, largest: 0 });
  });

  test("the blur takes off the truth's noise: a dip beside enhancement is no place without agent", () => {
    const dip = volumeOf([8, 1, 1], [1, 1, 1, 1, 2, 1, 2, 2]);
    const restored = volumeOf([8, 1, 1], [1, 1, 1, 1, 2, 2, 2, 2]);
    expect(falseSignal(pre, dip, restored, { brain, sigmaVoxels: 0 }).share).toBe(1 / 8);
    expect(falseSignal(pre, dip, restored, { brain }).share).toBe(0);
  });

  test("voxels that touch by an edge are two groups", () => {
    const grid = createGrid({ shape: [2, 2, 1] });
    const flat = createVolume(Float32Array.of(0, 0, 0, 0), grid);
    const seen = createVolume(Float32Array.of(1, 0, 0, 1), grid);
    const everywhere = { grid, data: Uint8Array.of(1, 1, 1, 1) };
    expect(falseSignal(flat, flat, seen, { brain: everywhere })).toEqual({ share: 0.5, largest: 1 });
  });

  test("law: a higher threshold finds no more, and only the brain counts", () => {
    fc.assert(
      fc.property(pairOnOneGrid(), fc.double({ min: -100, max: 100, noNaN: true }), ([a, b], above) => {
        const all = { grid: a.grid, data: new Uint8Array(a.data.length).fill(1) };
        const options = { brain: all, below: 1e9, above };
        const low = falseSignal(a, a, b, options);
        const high = falseSignal(a, a, b, { ...options, above: above + 1 });
        expect(high.share).toBeLessThanOrEqual(low.share);
        expect(low.largest).toBeLessThanOrEqual(low.share * a.data.length + 1e-9);
        const share = b.data.reduce((n, v, i) => n + (v - a.data[i]! > above ? 1 : 0), 0) / b.data.length;
        expect(low.share).toBe(share);
      }),
    );
  });

  test("refuses", () => {
    expect(codeOf(() => falseSignal(pre, post, volumeOf([7, 1, 1], [1, 1, 1, 1, 1, 1, 1]), { brain }))).toBe("grid-mismatch");
    expect(codeOf(() => falseSignal(pre, post, post, { brain: maskOf("........") }))).toBe("empty-mask");
    expect(codeOf(() => falseSignal(pre, post, post, { brain, above: Number.NaN }))).toBe("out-of-range");
    expect(codeOf(() => falseSignal(pre, post, volumeOf([8, 1, 1], [1, 1, 1, Number.NaN, 1, 1, 1, 1]), { brain }))).toBe(
      "out-of-range",
    );
  });
});
