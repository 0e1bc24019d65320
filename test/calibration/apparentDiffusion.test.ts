import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { apparentDiffusion } from "../../src/calibration/index.js";
import { createVolume } from "../../src/index.js";
import { volumeOf } from "../support/arbitraries.js";

const bValues = [0, 1000] as const;

describe("apparentDiffusion", () => {
  test("example", () => {
    // ln(1000 / 450) / 1000 = 0.79851e-3
    const [adc] = apparentDiffusion(volumeOf([1, 1, 1], [1000]), volumeOf([1, 1, 1], [450]), { bValues }).data;
    expect(adc).toBeCloseTo(0.7985077e-3, 9);
  });

  test("a voxel without signal in one of the scans is 0; one that is brighter in the second is negative; NaN stays", () => {
    const low = volumeOf([6, 1, 1], [0, 5, -3, 2, 100, Number.NaN]);
    const high = volumeOf([6, 1, 1], [7, 0, 4, -1, 200, 3]);
    const { data } = apparentDiffusion(low, high, { bValues });
    expect([...data.subarray(0, 4)]).toEqual([0, 0, 0, 0]);
    expect(data[4]).toBeCloseTo(-Math.log(2) / 1000, 9);
    expect(data[5]).toBeNaN();
  });

  test("gives back the coefficient from which the scans were made, at any b-values and signal", () => {
    const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    fc.assert(
      fc.property(number(1e-4, 4e-3), number(1, 4000), number(0, 500), number(100, 1000), (adc, signal, b, step) => {
        const scan = (bValue: number) => volumeOf([1, 1, 1], [signal * Math.exp(-bValue * adc)]);
        const [found] = apparentDiffusion(scan(b), scan(b + step), { bValues: [b, b + step] }).data;
        // Each signal is rounded to float32, 2⁻²⁴ of itself; so is the result.
        expect(Math.abs(found! - adc)).toBeLessThan((2.01 * 2 ** -24) / step + adc * 2 ** -23);
      }),
    );
  });

  test("a common gain of both scans changes nothing", () => {
    const low = volumeOf([2, 1, 1], [800, 640]);
    const high = volumeOf([2, 1, 1], [300, 600]);
    const twice = (v: typeof low) =>
      createVolume(
        v.data.map((x) => 2 * x),
        v.grid,
      );
    expect(apparentDiffusion(twice(low), twice(high), { bValues }).data).toEqual(apparentDiffusion(low, high, { bValues }).data);
  });

  test("refusals", () => {
    const v = volumeOf([1, 1, 1], [1]);
    expect(() => apparentDiffusion(v, volumeOf([1, 1, 2], [1, 2]), { bValues })).toThrow(/grids differ/);
    expect(() => apparentDiffusion(v, v, { bValues: [1000, 0] })).toThrow(/bValues must rise/);
    expect(() => apparentDiffusion(v, v, { bValues: [0, 0] })).toThrow(/bValues must rise/);
    expect(() => apparentDiffusion(v, v, { bValues: [-1, 1000] })).toThrow(/smaller b-value must be finite and not negative/);
    expect(() => apparentDiffusion(v, v, { bValues: [0, Number.NaN] })).toThrow(/larger b-value must be finite/);
  });
});
