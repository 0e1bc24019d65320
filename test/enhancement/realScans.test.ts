import { describe, expect, test } from "vitest";
import { histogramPeaks } from "../../src/calibration/histogramPeaks.js";
import { matchHistogramPeaks } from "../../src/calibration/matchHistogramPeaks.js";
import { matchRadiometric } from "../../src/calibration/matchRadiometric.js";
import { scaleToPercentile } from "../../src/calibration/scaleToPercentile.js";
import { enhancementMask } from "../../src/enhancement/enhancementMask.js";
import { type NoiseEstimator, noiseLevel } from "../../src/enhancement/noiseLevel.js";
import { denormalizeNoise, normalizeNoise } from "../../src/enhancement/normalizeNoise.js";
import { subtract } from "../../src/enhancement/subtract.js";
import { crop } from "../../src/geometry/crop.js";
import { boundingBox, createMask, type Mask, type Volume } from "../../src/index.js";
import { loadVolume } from "../../src/node/loadVolume.js";
import { dataPath, hasData } from "../support/data.js";
import { maxAbsDifference } from "../support/oracles.js";

interface Pair {
  readonly pre: Volume;
  readonly post: Volume;
  readonly brain: Mask;
}

/** The part of a pair that isn't 0, with its brain: the mask that comes with it, or where neither scan is 0. */
async function loadPair(name: string): Promise<Pair> {
  const load = (file: string) => loadVolume(dataPath("pairs", name, `${file}.nii.gz`));
  const [t1, t1ce] = [await load("t1"), await load("t1ce")];
  const inside = name.endsWith("_raw") ? await load("brainmask_t1ce") : t1;
  const whole = createMask(
    inside.data.map((v, i) => (v !== 0 && (inside !== t1 || t1ce.data[i] !== 0) ? 1 : 0)),
    t1.grid,
  );
  const content = createMask(
    t1.data.map((v, i) => (v !== 0 || t1ce.data[i] !== 0 ? 1 : 0)),
    t1.grid,
  );
  const box = boundingBox(content, { marginVoxels: 1 });
  return { pre: crop(t1, box), post: crop(t1ce, box), brain: crop(whole, box) };
}

describe.skipIf(!hasData)("real scans", () => {
  // Tissue peaks where plots of the histograms show them; gain and scale against SciPy's minimiser over the same voxels; noise levels as they
  // were first measured (three digits). The second peak of the glioblastoma's T1 is white matter and of its T1CE grey matter, so the
  // peaks' gain is 14 % above the radiometric one.
  test.each([
    { name: "BraTS-GLI-00000", t1: 897, t1ce: 1877, scale: 1.3225, gain: 0.4201, off: 1.138, noise: [0.156, 0.139, 0.0541] },
    { name: "BraTS-MET-00110", t1: 494, t1ce: 288, scale: 1.2584, gain: 1.6371, off: 1.048, noise: [0.203, 0.2, 0.0525] },
    { name: "TCGA-FG-6692_atlas", t1: 283, t1ce: 336, scale: 0.8695, gain: 0.8282, off: 1.019, noise: [0.146, 0.143, 0.028] },
    { name: "TCGA-FG-6692_raw", t1: 279, t1ce: 336, scale: 0.8759, gain: 0.8426, off: 0.986, noise: [0.193, 0.175, 0.0977] },
    { name: "openMS_p19", t1: 223.5, t1ce: 239.4, scale: 1.0156, gain: 0.9203, off: 1.014, noise: [0.0743, 0.0576, 0.0396] },
  ])("$name", async ({ name, t1, t1ce, scale, gain, off, noise }) => {
    const { pre, post, brain } = await loadPair(name);

    const byPeaks = matchHistogramPeaks(pre, post);
    const { referencePeaks, movingPeaks } = byPeaks;
    for (const [peaks, tissue] of [
      [referencePeaks, t1],
      [movingPeaks, t1ce],
    ] as const) {
      expect(Math.abs(peaks.background)).toBeLessThan(0.02 * tissue);
      expect(Math.abs(peaks.tissue - tissue)).toBeLessThan(1.5 * peaks.binWidth);
      expect(peaks.prominence).toBeGreaterThan(0.5);
    }
    expect(byPeaks.gain / gain).toBeCloseTo(off, 1.7);
    const again = histogramPeaks(byPeaks.volume);
    expect(Math.abs(again.tissue - referencePeaks.tissue)).toBeLessThan(referencePeaks.binWidth);

    const unit = scaleToPercentile(pre, { mask: brain }).volume;
    const matched = matchRadiometric(unit, scaleToPercentile(post, { mask: brain }).volume, { mask: brain });
    expect(Math.abs(matched.scale - scale)).toBeLessThan(5e-4);

    const difference = subtract(unit, matched.volume);
    const level = (estimator: NoiseEstimator) => noiseLevel(difference, { brain, estimator });
    const [negatives, huber, highpass] = [level("negatives"), level("huber"), level("highpass-mad")];
    expect(Math.abs(negatives / noise[0]! - 1)).toBeLessThan(0.01);
    expect(Math.abs(huber / noise[1]! - 1)).toBeLessThan(0.01);
    expect(Math.abs(highpass / noise[2]! - 1)).toBeLessThan(0.01);

    // The smallest: wide blurs take their time.
    if (pre.data.length > 2e6) return;
    const found = normalizeNoise(difference, { brain });
    expect(maxAbsDifference(denormalizeNoise(found.normalized, found), difference)).toBeLessThan(1e-5);
    // What isn't brain or head is no enhancement, and of the brain only a few per cent are.
    const p = enhancementMask(found.normalized, found);
    const part = (inside: (i: number) => boolean) => {
      const values = p.data.filter((_, i) => inside(i));
      return values.reduce((sum, v) => sum + v, 0) / values.length;
    };
    expect(part((i) => pre.data[i] === 0 && post.data[i] === 0)).toBeLessThan(0.01);
    expect(part((i) => brain.data[i] === 1)).toBeLessThan(0.25);
    expect(part((i) => brain.data[i] === 1)).toBeGreaterThan(0.001);
  });

  test("a T1 moved by another program: ringing below 0, padding that isn't 0", async () => {
    const moved = await loadVolume(dataPath("pairs", "BraTS-GLI-00000", "t1_rigidly_moved.nii.gz"));
    const { background, tissue, binWidth } = histogramPeaks(moved);
    expect(Math.abs(background)).toBeLessThan(binWidth);
    expect(Math.abs(tissue - 897)).toBeLessThan(20);
  });
});
