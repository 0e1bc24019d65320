import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addNoise } from "../../src/dose/addNoise.js";
import { createGrid, createMask, createVolume, type Volume } from "../../src/index.js";
import { fillNormal } from "../../src/internal/random.js";
import { maskOf, seed, volume, volumeOf } from "../support/arbitraries.js";

const grid = createGrid({ shape: [40, 40, 40] });
const flat = (value: number): Volume => createVolume(new Float32Array(64000).fill(value), grid);
const moments = ({ data }: Volume) => {
  const mean = data.reduce((sum, v) => sum + v, 0) / data.length;
  const sd = Math.sqrt(data.reduce((sum, v) => sum + (v - mean) ** 2, 0) / data.length);
  return { mean, sd };
};
const N = 64000;

/** Modified Bessel functions I0 and I1 by their series. */
const bessel = (order: number, x: number) => {
  let term = (x / 2) ** order;
  let sum = term;
  for (let k = 1; k < 60; k++) {
    term *= (x / 2) ** 2 / (k * (k + order));
    sum += term;
  }
  return sum;
};

/** Mean of the Rician distribution: σ√(π/2)·L(−A²/2σ²), with Laguerre's L½(x) = e^(x/2)[(1 − x)I0(−x/2) − x·I1(−x/2)]. */
const ricianMean = (a: number, sigma: number) => {
  const x = -(a * a) / (2 * sigma * sigma);
  return sigma * Math.sqrt(Math.PI / 2) * Math.exp(x / 2) * ((1 - x) * bessel(0, -x / 2) - x * bessel(1, -x / 2));
};

describe("addNoise", () => {
  test("Gaussian noise has mean 0 and standard deviation σ", () => {
    const { mean, sd } = moments(addNoise(flat(100), { sigma: 5, seed: 1 }));
    // Four standard errors of each.
    expect(Math.abs(mean - 100)).toBeLessThan((4 * 5) / Math.sqrt(N));
    expect(Math.abs(sd - 5)).toBeLessThan((4 * 5) / Math.sqrt(2 * N));
  });

  test.each([0, 1, 2, 10])("Rician noise of a signal A = %d·σ has the mean and second moment of theory", (ratio) => {
    const sigma = 3;
    const a = ratio * sigma;
    const noisy = addNoise(flat(a), { sigma, seed: 7, distribution: "rician" });
    expect(Math.abs(moments(noisy).mean - ricianMean(a, sigma))).toBeLessThan((4 * sigma) / Math.sqrt(N));
    const second = noisy.data.reduce((sum, v) => sum + v * v, 0) / N;
    // The variance of the squared magnitude is 4σ⁴ + 4A²σ².
    expect(Math.abs(second - (a * a + 2 * sigma * sigma))).toBeLessThan(
      4 * Math.sqrt((4 * sigma ** 4 + 4 * a * a * sigma ** 2) / N),
    );
  });

  test("in air Rician noise is Rayleigh's: mean σ√(π/2)", () => expect(ricianMean(0, 1)).toBeCloseTo(Math.sqrt(Math.PI / 2), 12));

  test("the numbers are those of the seed's streams, and Rician noise shares its first channel with Gaussian noise", () => {
    const [real, imaginary] = [new Float32Array(27), new Float32Array(27)];
    fillNormal(real, 5, 6);
    fillNormal(imaginary, 5, 7);
    const a = createVolume(new Float32Array(27).fill(2), createGrid({ shape: [3, 3, 3] }));
    expect(addNoise(a, { sigma: 0.5, seed: 5, stream: 3 }).data).toEqual(real.map((n) => 2 + 0.5 * n));
    expect(addNoise(a, { sigma: 0.5, seed: 5, stream: 3, distribution: "rician" }).data).toEqual(
      real.map((n, i) => Math.hypot(2 + 0.5 * n, 0.5 * imaginary[i]!)),
    );
  });

  test("a part of a long volume has the same noise as the whole: blocks leave no seam", () => {
    const noise = addNoise(flat(0), { sigma: 1, seed: 3 }).data;
    const expected = new Float32Array(N);
    fillNormal(expected, 3);
    expect(noise).toEqual(expected);
  });

  test("a volume of σ gives each voxel its own; where it is 0 nothing changes", () => {
    const a = volumeOf([4, 1, 1], [1, 1, -1, 1]);
    const sigma = volumeOf([4, 1, 1], [0, 2, 0, 4]);
    const one = addNoise(a, { sigma: 1, seed: 9 }).data;
    const noisy = addNoise(a, { sigma, seed: 9 }).data;
    expect([noisy[0], noisy[2]]).toEqual([1, -1]);
    expect(noisy[1]! - 1).toBeCloseTo(2 * (one[1]! - 1), 5);
    expect(noisy[3]! - 1).toBeCloseTo(4 * (one[3]! - 1), 5);
    expect([...addNoise(a, { sigma, seed: 9, distribution: "rician" }).data.filter((_, i) => i % 2 === 0)]).toEqual([1, -1]);
  });

  test("outside the mask voxels are copied, inside they are as without it", () => {
    const a = volumeOf([4, 1, 1], [1, 2, 3, 4]);
    const mask = maskOf("#..#");
    const all = addNoise(a, { sigma: 1, seed: 2 }).data;
    expect([...addNoise(a, { sigma: 1, seed: 2, mask }).data]).toEqual([all[0], 2, 3, all[3]]);
  });

  test("a NaN voxel stays NaN", () => {
    const noisy = addNoise(volumeOf([2, 1, 1], [Number.NaN, 1]), { sigma: 1, seed: 1, distribution: "rician" }).data;
    expect(noisy[0]).toBeNaN();
    expect(noisy[1]).toBeGreaterThan(0);
  });

  const a = volumeOf([2, 1, 1], [1, 2]);
  const elsewhere = volumeOf([1, 2, 1], [1, 2]);
  test.each([
    [{ sigma: -1, seed: 1 }, "out-of-range", /sigma/],
    [{ sigma: Number.NaN, seed: 1 }, "out-of-range", /sigma/],
    [{ sigma: volumeOf([2, 1, 1], [1, -2]), seed: 1 }, "out-of-range", /-2 at index 1/],
    [{ sigma: elsewhere, seed: 1 }, "grid-mismatch", /grids/],
    [{ sigma: 1, seed: -1 }, "out-of-range", /seed/],
    [{ sigma: 0, seed: 0.5 }, "out-of-range", /seed/],
    [{ sigma: 1, seed: 1, stream: -1 }, "out-of-range", /stream/],
    [{ sigma: 1, seed: 1, stream: 2 ** 31 }, "out-of-range", /stream/],
    [{ sigma: 1, seed: 1, distribution: "poisson" }, "out-of-range", /"gaussian", "rician"/],
    [{ sigma: 1, seed: 1, mask: createMask([0, 0], a.grid) }, "empty-mask", /mask/],
    [{ sigma: 1, seed: 1, mask: createMask([1, 0], elsewhere.grid) }, "grid-mismatch", /grids/],
  ] as const)("refuses %j", (options, code, message) => {
    expect(() => addNoise(a, options as never)).toThrowError(message);
    expect(() => addNoise(a, options as never)).toThrowError(expect.objectContaining({ code }));
  });

  describe("laws", () => {
    test("no noise changes nothing; the same seed gives the same; inputs are left alone", () =>
      fc.assert(
        fc.property(volume(), seed(), fc.constantFrom("gaussian" as const, "rician" as const), (v, s, distribution) => {
          const before = v.data.slice();
          expect(addNoise(v, { sigma: 0, seed: s, distribution }).data).toEqual(before);
          const once = addNoise(v, { sigma: 10, seed: s, distribution });
          expect(addNoise(v, { sigma: 10, seed: s, distribution }).data).toEqual(once.data);
          expect(v.data).toEqual(before);
          if (distribution === "rician") expect(once.data.every((x) => x >= 0)).toBe(true);
        }),
      ));

    test("other seeds and other streams give other noise", () =>
      fc.assert(
        fc.property(fc.nat(), fc.nat(), (s, t) => {
          const v = flat(0);
          const small = createVolume(v.data.subarray(0, 64), createGrid({ shape: [4, 4, 4] }));
          const one = addNoise(small, { sigma: 1, seed: s, stream: t }).data;
          expect(addNoise(small, { sigma: 1, seed: s + 1, stream: t }).data).not.toEqual(one);
          expect(addNoise(small, { sigma: 1, seed: s, stream: t === 0 ? 1 : t - 1 }).data).not.toEqual(one);
        }),
      ));
  });
});
