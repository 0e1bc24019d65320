import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createGrid, createMask, createVolume, type Volume } from "../../src/index.js";
import { type VolumeSample, volumeSamples } from "../../src/training/index.js";

const grid = createGrid({ shape: [12, 11, 10] });
const n = 12 * 11 * 10;
/** Each voxel holds its own number, so that a patch tells where it came from. */
const numbered: Volume = createVolume(
  Float32Array.from({ length: n }, (_, v) => v),
  grid,
);
const negative: Volume = createVolume(
  numbered.data.map((v) => 0 - v),
  grid,
);
const brain = createMask(new Uint8Array(n).fill(1), grid);
const scan: VolumeSample = {
  channels: [numbered, negative],
  truths: { target: numbered, weight: negative },
  conditions: [0.1, 3],
  brain,
};

describe("volumeSamples", () => {
  test("channels and truths are of one place, whatever the symmetry", () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom("all", "flips", "none" as const), fc.nat(99), (seed, symmetries, step) => {
        const { x, target, weight, conditions } = volumeSamples([scan], { seed, patch: [4, 3, 5], batch: 2, symmetries })(step);
        expect(x!.dims).toEqual([2, 2, 5, 3, 4]);
        expect(target!.dims).toEqual([2, 1, 5, 3, 4]);
        expect([...conditions!.data]).toEqual([0.1, 3, 0.1, 3].map(Math.fround));
        for (let m = 0; m < 2; m++)
          for (let v = 0; v < 60; v++) {
            const value = target!.data[m * 60 + v]!;
            expect(x!.data[m * 120 + v]).toBe(value);
            expect(x!.data[m * 120 + 60 + v]).toBe(0 - value);
            expect(weight!.data[m * 60 + v]).toBe(0 - value);
          }
      }),
    );
  });

  test("a step's samples depend on the seed and its number alone", () => {
    const options = { seed: 5, patch: [4, 4, 4], batch: 2 } as const;
    const [first, second] = [volumeSamples([scan], options), volumeSamples([scan], options)];
    second(1);
    expect(first(7)).toEqual(second(7));
    expect(first(7)["x"]!.data).not.toEqual(first(8)["x"]!.data);
  });

  test("slices: neighbours of each volume one after another, the truth is the middle one", () => {
    const options = { seed: 2, patch: [4, 4, 1], batch: 1, flat: true, slices: 3, symmetries: "none" } as const;
    const { x, target } = volumeSamples([scan], options)(1);
    expect(x!.dims).toEqual([1, 6, 4, 4]);
    expect(target!.dims).toEqual([1, 1, 4, 4]);
    const slice = 12 * 11;
    for (let v = 0; v < 16; v++) {
      expect(x!.data[16 + v]).toBe(target!.data[v]);
      expect(x!.data[v]).toBe(target!.data[v]! - slice);
      expect(x!.data[32 + v]).toBe(target!.data[v]! + slice);
      expect(x!.data[48 + 16 + v]).toBe(0 - target!.data[v]!);
    }
  });

  test("beyond the volume is the padding", () => {
    const { x } = volumeSamples([scan], { seed: 1, patch: [14, 11, 10], batch: 1, symmetries: "none", padValue: -7 })(1);
    expect([x!.data[0], x!.data[1], x!.data[12], x!.data[13]]).toEqual([-7, 0, 11, -7]);
  });

  test("with lesionShare 1 every patch holds a voxel of a lesion", () => {
    const lesions = createMask(
      new Uint8Array(n).map((_, v) => (v === 5 + 12 * (5 + 11 * 5) ? 1 : 0)),
      grid,
    );
    const asVolume = createVolume(Float32Array.from(lesions.data), grid);
    const one = { channels: [numbered], truths: { target: asVolume }, brain, lesions };
    const samples = volumeSamples([one], { seed: 3, patch: [5, 5, 5], batch: 8, lesionShare: 1 });
    const { target } = samples(4);
    for (let m = 0; m < 8; m++) expect(target!.data.subarray(m * 125, (m + 1) * 125)).toContain(1);
  });

  test("refuses", () => {
    const make = (options: object, scans: readonly VolumeSample[] = [scan]) => volumeSamples(scans, { seed: 1, ...options });
    expect(() => make({}, [])).toThrowError(/at least one scan/);
    expect(() => make({}, [scan, { ...scan, conditions: [1] }])).toThrowError(/must be alike/);
    expect(() => make({ slices: 2, flat: true, patch: [4, 4, 1] })).toThrowError(/odd/);
    expect(() => make({ slices: 3, patch: [4, 4, 4] })).toThrowError(/flat/);
    expect(() => make({ flat: true, patch: [4, 4, 2] })).toThrowError(/one voxel along k/);
    const elsewhere = createVolume(new Float32Array(8), createGrid({ shape: [2, 2, 2] }));
    expect(() => make({}, [{ ...scan, truths: { target: elsewhere, weight: numbered } }])).toThrowError(/grids differ/);
  });
});
