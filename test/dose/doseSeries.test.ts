import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { doseSeries } from "../../src/dose/doseSeries.js";
import { simulateDose } from "../../src/dose/simulateDose.js";
import { simulateNoisyDose } from "../../src/dose/simulateNoisyDose.js";
import { createGrid, createVolume } from "../../src/index.js";
import { dose, pairOnOneGrid, seed, volumeOf } from "../support/arbitraries.js";

describe("doseSeries", () => {
  test("by default nine doses, without noise", () => {
    const pre = volumeOf([1, 1, 1], [0]);
    const series = doseSeries(pre, volumeOf([1, 1, 1], [10]));
    expect(series.map((scan) => scan.dose)).toEqual([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]);
    expect(series.map((scan) => scan.volume.data[0])).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test("no doses, no scans", () => {
    const pre = volumeOf([1, 1, 1], [0]);
    expect(doseSeries(pre, pre, { doses: [] })).toEqual([]);
  });

  test.each([{}, { noise: { sigma: 1, distribution: "rician" as const }, seed: 1 }])(
    "nine volumes and no more are allocated (%j)",
    (options) => {
      const grid = createGrid({ shape: [128, 128, 32] });
      const pre = createVolume(new Float32Array(2 ** 19).fill(1), grid);
      const post = createVolume(new Float32Array(2 ** 19).fill(2), grid);
      const before = process.memoryUsage().arrayBuffers;
      const series = doseSeries(pre, post, options);
      const volumes = (process.memoryUsage().arrayBuffers - before) / pre.data.byteLength;
      expect(series.length).toBe(9);
      // Less than half a volume beside them: the blocks of noise take 32 kB a scan. (Garbage of before may be freed meanwhile.)
      expect(volumes).toBeLessThan(9.5);
    },
  );

  test("refuses", () => {
    const pre = volumeOf([1, 1, 1], [0]);
    expect(() => doseSeries(pre, pre, { noise: { sigma: 1 } })).toThrowError(/seed/);
    expect(() => doseSeries(pre, pre, { doses: [0.5, 50] })).toThrowError(/dose.*50/);
    expect(() => doseSeries(pre, volumeOf([1, 1, 2], [0, 1]))).toThrowError(expect.objectContaining({ code: "grid-mismatch" }));
  });

  describe("laws", () => {
    test("each scan is what the single function gives, in any series and order", () =>
      fc.assert(
        fc.property(pairOnOneGrid({ max: 5 }), fc.array(dose(), { maxLength: 5 }), seed(), ([pre, post], doses, s) => {
          const noise = { sigma: 3 };
          for (const scan of doseSeries(pre, post, { doses }))
            expect(scan.volume.data).toEqual(simulateDose(pre, post, { dose: scan.dose }).data);
          for (const scan of doseSeries(pre, post, { doses, noise, seed: s }))
            expect(scan.volume.data).toEqual(simulateNoisyDose(pre, post, { dose: scan.dose, noise, seed: s }).data);
        }),
      ));
  });
});
