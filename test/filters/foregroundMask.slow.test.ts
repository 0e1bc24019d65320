import { describe, expect, test } from "vitest";
import { foregroundMask } from "../../src/filters/foregroundMask.js";
import { loadVolume } from "../../src/node/loadVolume.js";
import { dataPath, hasData } from "../support/data.js";

// Stripped brains: what is not zero, by and large, though zeros may be spline ringing and the brain have zeros within.
const CASES: [string, string, number, number][] = [
  ["TCGA-FG-6692_atlas", "t1", 0.175, 0.185],
  ["TCGA-FG-6692_atlas", "t1ce", 0.175, 0.185],
  ["BraTS-GLI-00000", "t1", 0.16, 0.17],
  ["BraTS-GLI-00000", "t1_rigidly_moved", 0.16, 0.17],
  ["BraTS-GLI-00000", "t1ce", 0.16, 0.17],
  ["BraTS-MET-00110", "t1", 0.165, 0.18],
  ["BraTS-MET-00110", "t1ce", 0.155, 0.17],
  ["openMS_p19", "t1", 0.145, 0.16],
  ["openMS_p19", "t1ce", 0.145, 0.16],
];

describe("foregroundMask of real scans", () => {
  test.skipIf(!hasData).each(CASES)("%s %s", async (name, scan, low, high) => {
    const { data } = foregroundMask(await loadVolume(dataPath("pairs", name, `${scan}.nii.gz`)));
    const fraction = data.reduce((a, b) => a + b, 0) / data.length;
    expect(fraction).toBeGreaterThan(low);
    expect(fraction).toBeLessThan(high);
  });
});
