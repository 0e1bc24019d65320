import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { doseStudy, type SimulatedDose } from "../../src/recipes/doseStudy.js";
import { prepareStudy } from "../../src/recipes/prepareStudy.js";
import { maxAbsDifference } from "../support/oracles.js";
import { smallStudy } from "./pair.js";

const all = async (generator: AsyncIterable<SimulatedDose>) => {
  const results: SimulatedDose[] = [];
  for await (const result of generator) results.push(result);
  return results;
};

const prepared = prepareStudy(smallStudy(1));
const row = (results: readonly SimulatedDose[], dose: number, restorer: string, region: string) =>
  results.flatMap((result) => result.rows).find((r) => r.dose === dose && r.restorer === restorer && r.region === region)!;

describe("doseStudy", () => {
  test("a row for each dose, restorer and region, from the lowest dose to the highest", async () => {
    const results = await all(doseStudy(prepared, { doses: [0.5, 1, 0, 0.1], seed: 1 }));
    expect(results.map(({ dose }) => dose)).toEqual([0, 0.1, 0.5, 1]);
    expect(results.map(({ restored }) => Object.keys(restored))).toEqual([
      ["none"],
      ["none", "linear", "masked", "smoothed", "beyond"],
      ["none", "linear", "masked", "smoothed", "beyond"],
      ["none", "beyond"],
    ]);
    expect(results[1]!.rows.map(({ region }) => region).slice(0, 4)).toEqual(["image", "brain", "box", "lesion"]);
    expect(row(results, 1, "none", "lesion").psnr).toBe(Infinity);
    expect(row(results, 1, "none", "lesion").relativeMean).toBe(1);
  });

  test("without noise, PSNR follows Chen's law to 1e-4 dB in every region", async () => {
    const results = await all(doseStudy(prepared, { noise: "none", seed: 1 }));
    for (const region of ["image", "brain", "box", "lesion"])
      for (let tenth = 1; tenth < 10; tenth++) {
        const law = row(results, 0, "none", region).psnr - 20 * Math.log10(1 - tenth / 10);
        expect(Math.abs(row(results, tenth / 10, "none", region).psnr - law)).toBeLessThan(1e-4);
      }
  });

  test("without noise, the lesion's relative enhancement is the dose, and linear extrapolation restores it", async () => {
    const results = await all(doseStudy(prepared, { doses: [0.1, 0.3], noise: "none", seed: 1 }));
    for (const dose of [0.1, 0.3]) {
      expect(row(results, dose, "none", "lesion").relativeMean).toBeCloseTo(dose, 5);
      expect(row(results, dose, "none", "lesion").relativeMax).toBeCloseTo(dose, 5);
      // float32 of the low dose, multiplied by 1/d.
      expect(maxAbsDifference(results.find((r) => r.dose === dose)!.restored["linear"]!, prepared.post)).toBeLessThan(
        4e-7 / dose,
      );
    }
  });

  test("beyond the standard dose the lesion has its own enhancement and that of the low dose: c̄(SD+) = c̄(LD) + c̄(SD)", async () => {
    const results = await all(doseStudy(prepared, { doses: [0.33], seed: 2 }));
    const c = (restorer: string) => row(results, 0.33, restorer, "lesion").relativeMean;
    expect(c("beyond")).toBeCloseTo(c("none") + c("masked"), 5);
    const max = (restorer: string) => row(results, 0.33, restorer, "lesion").relativeMax;
    expect(max("beyond")).toBeLessThanOrEqual(max("none") + max("masked") + 1e-6);
  });

  test("matched noise gives every simulated subtraction image about the pair's own noise", async () => {
    const { noiseLevel } = await import("../../src/enhancement/noiseLevel.js");
    const { subtract } = await import("../../src/enhancement/subtract.js");
    const results = await all(doseStudy(prepared, { doses: [0.1, 0.5, 0.9], seed: 3 }));
    for (const { low } of results) {
      const level = noiseLevel(subtract(prepared.pre, low), { brain: prepared.brain, estimator: "highpass-mad" });
      // A median over 3600 voxels, of which neighbours share their mean: some 3 % at one standard deviation.
      expect(Math.abs(level / prepared.noise["highpass-mad"] - 1)).toBeLessThan(0.1);
    }
  });

  test("the same seed gives the same bits, another seed other noise", () =>
    fc.assert(
      fc.asyncProperty(fc.nat(1000), async (seed) => {
        const low = async (s: number) => (await all(doseStudy(prepared, { doses: [0.2], seed: s, restorers: [] })))[0]!.low;
        expect((await low(seed)).data).toEqual((await low(seed)).data);
        expect(maxAbsDifference(await low(seed), await low(seed + 1))).toBeGreaterThan(0);
      }),
      { numRuns: 3 },
    ));

  test("measures of the whole image count the empty space that is not worked on", async () => {
    const results = await all(doseStudy(prepared, { doses: [0], noise: "none", seed: 1 }));
    const { pre, post, grid } = prepared;
    const squares = post.data.reduce((sum, v, i) => sum + (v - pre.data[i]!) ** 2, 0);
    const range = Math.max(...post.data) - Math.min(...post.data);
    const expected = 10 * Math.log10((range ** 2 * grid.shape[0] * grid.shape[1] * grid.shape[2]) / squares);
    expect(row(results, 0, "none", "image").psnr).toBeCloseTo(expected, 6);
  });

  test("refuses a dose outside 0 and 1, and an unknown noise", async () => {
    await expect(all(doseStudy(prepared, { doses: [1.5], seed: 1 }))).rejects.toThrowError(/dose must lie within 0 and 1/);
    await expect(all(doseStudy(prepared, { noise: "pink" as never, seed: 1 }))).rejects.toThrowError(/noise must be one of/);
  });

  test("reports progress to the end, and stops when cancelled", async () => {
    const seen: number[] = [];
    const controller = new AbortController();
    await all(doseStudy(prepared, { doses: [0.5], seed: 1, onProgress: ({ done, total }) => seen.push(done / total) }));
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
    const cancelled = all(
      doseStudy(prepared, { seed: 1, signal: controller.signal, onProgress: ({ done }) => done === 3 && controller.abort() }),
    );
    await expect(cancelled).rejects.toThrowError(expect.objectContaining({ code: "aborted" }));
  });
});
