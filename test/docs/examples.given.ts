import { scaleToPercentile } from "../../src/calibration/index.js";
import { simulateDose } from "../../src/dose/index.js";
import { normalizeNoise, subtract } from "../../src/enhancement/index.js";
import { connectedComponents, dilate, erode } from "../../src/filters/index.js";
import { boundingBox, createGrid, createVolume } from "../../src/index.js";
import { lesionAxes, lesionFromAxes, lesionsOf, surfaceDistances } from "../../src/metrics/index.js";
import { createPhantom } from "../../src/phantom/index.js";
import { answerSheet, comparisonTable, type Question, readAnswers, readingOrder } from "../../src/report/index.js";
import { clopperPearson, mcnemarMidP, studentInterval, wilcoxonSignedRank } from "../../src/statistics/index.js";

// What examples take for granted: the scans of one small head, and the results of a small study.

const study = await createPhantom({ seed: 1, shape: [40, 46, 40], noise: 0.02 });
const [pre, post, brain, lesions] = [study.preContrast, study.postContrast.at(-1)!.volume, study.brain!, study.lesions!];
const low = simulateDose(pre, post, { dose: 0.1 });
const restored = simulateDose(pre, post, { dose: 0.9 });
const segmented = dilate(lesions, { connectivity: 6 });
const difference = subtract(pre, low);
const { normalized, sigma, sd } = normalizeNoise(difference, { brain });

/** Names of any example. */
export const given = () => ({
  ...{ pre, post, low, restored, lowDose: low, volume: post, t1: pre, t1ce: post, scan: post, error: subtract(post, restored) },
  ...{
    brain,
    lesions,
    lesion: lesions,
    tumour: lesions,
    metastasis: lesions,
    truth: lesions,
    mask: lesions,
    segmented,
    head: brain,
  },
  ...{ whiteMatter: erode(brain, { connectivity: 6 }), healthyBrain: brain, bright: brain, candidates: segmented },
  ...{ difference, normalized, sigma, grid: post.grid, box: boundingBox(lesions), axes: lesionAxes(lesions) },
  distances: surfaceDistances(lesions, segmented, { convention: "medpy" }),
  components: connectedComponents(lesions),
  ...{ embeddings, questions, readings, answers, results, table },
});

const embeddings = Array.from({ length: 100 }, (_, n) => [Math.sin(n), Math.cos(3 * n), (n % 7) / 7]);
const questions: readonly Question[] = [{ key: "quality", text: "Overall image quality", kind: "scale", low: 1, high: 5 }];
const readings = readingOrder({ cases: ["1", "2", "3"], readers: ["A", "B"], arms: ["T1c", "T1c-pro"], seed: 1 });
const sheets = ["A", "B"].map((reader) => answerSheet(readings, { reader, questions }).replaceAll(/,\r/g, ",4\r"));
const answers = sheets.flatMap((csv) => readAnswers(csv, { readings, questions }));
const results = ["low dose", "restored"].flatMap((restorer, r) =>
  ["1", "2", "3"].map((name, n) => ({
    case: name,
    restorer,
    dose: 0.1,
    region: "tumour box",
    metric: "psnr",
    value: 20 + 5 * r + n,
  })),
);
const table = comparisonTable([{ label: "CNR", better: "higher", samples: { low: [1, 2, 3], high: [2, 3, 5] } }], {
  pValue: (a, b) => wilcoxonSignedRank(a, b).pValue,
  test: "Wilcoxon signed rank",
});

const lesionList = lesionsOf(lesions).map(lesionFromAxes);
const numbers = (n: number, offset = 0) => Array.from({ length: n }, (_, i) => offset + Math.sin(i + offset));
const sequence = { kind: "spoiled-gradient-echo", repetitionTimeMs: 8, flipAngleDeg: 15 } as const;
// Large enough for five scales of an 11-voxel window.
const slice = createVolume(new Float32Array(176 * 176).fill(0.5), createGrid({ shape: [176, 176, 1] }));

/** Names that mean something else in one example. */
const OWN: Readonly<Record<string, object>> = {
  aggregateDice: { cases: [{ reference: lesions, test: segmented }] },
  aggregateDistances: { cases: [{ distanceMm: 2, referenceEmpty: false, testEmpty: false }] },
  detection: { cases: [{ patient: "1", reference: lesionList, detections: lesionList }] },
  matchLesions: { reference: lesionList, found: lesionList },
  msSsim: { post: slice, restored: slice },
  bootstrap: {
    cases: [
      { found: 1, lesions: 2, patient: "1" },
      { found: 3, lesions: 3, patient: "2" },
    ],
  },
  describe: { decibels: numbers(9, 30) },
  mannWhitneyU: { ageTraining: numbers(9, 50), ageTest: numbers(7, 55) },
  studentInterval: { falseDetectionsPerCase: numbers(9) },
  tTest: { ratings: { restored: numbers(9, 4), lowDose: numbers(9, 3) } },
  wilcoxonSignedRank: { psnrRestored: numbers(9, 40), psnrLowDose: numbers(9, 30) },
  blandAltmanChart: { standardDose: numbers(9, 10), restored: numbers(9, 11) },
  readingOrder: { cases: ["1", "2", "3", "4"] },
  readAnswers: { sheets },
  detectionTable: {
    tests: {
      sensitivityPValue: mcnemarMidP,
      falseDetectionPValue: (a: readonly number[], b: readonly number[]) => wilcoxonSignedRank(a, b).pValue,
      sensitivityInterval: clopperPearson,
      falseDetectionInterval: (perCase: readonly number[]) => (perCase.length > 1 ? studentInterval(perCase) : [0, 0]),
    },
  },
  htmlReport: {
    options: {
      title: "",
      x: { label: "x" },
      y: { label: "y" },
      series: [
        {
          name: "a",
          points: [
            { x: 0, y: 1 },
            { x: 1, y: 2 },
          ],
        },
      ],
    },
  },
  provenance: { bytes: new Uint8Array(3) },
  localMoments: { mask: brain },
  labelMask: {
    segmentation: createVolume(
      Uint8Array.from(brain.data, (v, i) => v * (i % 5)),
      brain.grid,
    ),
  },
  matchRadiometric: {
    pre: scaleToPercentile(pre, { mask: brain }).volume,
    post: scaleToPercentile(post, { mask: brain }).volume,
  },
  apparentDiffusion: { b0: pre, b1000: restored },
  relaxationRateChange: { sequence },
  synthesize: { signal: difference },
  revertSignal: { predicted: normalized, low: { sd, sigma }, gain: 1 },
  signalGain: { standard: { sd }, low: { sd } },
  applyAffine: { registration: { transform: post.grid.affine } },
  composeAffine: { postToAtlas: post.grid.affine, preToPost: post.grid.affine },
  uncrop: { restore: (v: unknown) => v },
  resample: { transform: undefined },
  resampleLabels: { transform: undefined },
};

export const givenTo = (name: string): object => OWN[name] ?? {};
