import { describe, expect, test } from "vitest";
import { foregroundMask } from "../../src/filters/foregroundMask.js";
import { createGrid, createVolume, isGadoliniteError, type Vec3 } from "../../src/index.js";
import { fillNormal } from "../../src/internal/random.js";
import { loadVolume } from "../../src/node/loadVolume.js";
import { volumeOf } from "../support/arbitraries.js";
import { dataPath, hasData } from "../support/data.js";
import { eachVoxel } from "../support/oracles.js";

const shape: Vec3 = [40, 44, 36];

/** A head: bright scalp, dark bone, grey brain with darker fluid within, noise all over, and a bright spot away from it. */
function head(noise: number) {
  const data = new Float32Array(40 * 44 * 36);
  fillNormal(data, 5);
  const truth = new Uint8Array(data.length);
  eachVoxel(shape, (i, j, k, v) => {
    const r = Math.hypot((i - 20) / 15, (j - 22) / 18, (k - 18) / 14);
    const tissue = r > 1 ? 0 : r > 0.9 ? 900 : r > 0.8 ? 90 : r < 0.25 ? 200 : 600;
    truth[v] = r <= 1 ? 1 : 0;
    data[v] = tissue + noise * data[v]!;
  });
  data[0] = 5000;
  return { volume: createVolume(data, createGrid({ shape })), truth };
}

describe("foregroundMask", () => {
  test.each([0, 10, 25])("finds a head and no spot beside it, noise %d", (noise) => {
    const { volume, truth } = head(noise);
    const { data } = foregroundMask(volume);
    let wrong = 0;
    data.forEach((v, i) => {
      wrong += v === truth[i] ? 0 : 1;
    });
    expect(wrong).toBeLessThan(0.02 * truth.reduce((a, b) => a + b, 0));
    expect(data[0]).toBe(0);
  });

  test("a gain and an offset change nothing", () => {
    const { volume } = head(10);
    const other = createVolume(
      volume.data.map((x) => 2 * x - 512),
      volume.grid,
    );
    expect(foregroundMask(other).data).toEqual(foregroundMask(volume).data);
  });

  test("a two-valued image is its own mask; a small object too", () => {
    const data = new Float32Array(20 ** 3);
    for (let v = 0; v < 30; v++) data[4000 + (v % 3) + 20 * Math.floor(v / 3)] = 1;
    const v = volumeOf([20, 20, 20], data);
    expect([...foregroundMask(v, { closeMm: 0 }).data]).toEqual([...data]);
  });

  test("refuses", () => {
    for (const value of [0, -3, 1000]) {
      try {
        foregroundMask(volumeOf([2, 2, 2], new Float32Array(8).fill(value)));
        expect.unreachable();
      } catch (error) {
        expect(isGadoliniteError(error, "empty-mask")).toBe(true);
      }
    }
    expect(() => foregroundMask(volumeOf([2, 1, 1], [1, Number.NaN]))).toThrowError(/NaN/);
    expect(() => foregroundMask(volumeOf([2, 1, 1], [1, 2]), { closeMm: -1 })).toThrowError(/closeMm/);
  });

  test.skipIf(!hasData)("real head, before and after contrast: about half the field of view", async () => {
    for (const scan of ["t1", "t1ce"]) {
      const { data } = foregroundMask(await loadVolume(dataPath("pairs", "TCGA-FG-6692_raw", `${scan}.nii.gz`)));
      const fraction = data.reduce((a, b) => a + b, 0) / data.length;
      expect(fraction).toBeGreaterThan(0.46);
      expect(fraction).toBeLessThan(0.51);
    }
  });
});
