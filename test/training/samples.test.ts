import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Tensors } from "../../src/backend/backend.js";
import { simulateNoisyDose } from "../../src/dose/simulateNoisyDose.js";
import { noiseLevel } from "../../src/enhancement/noiseLevel.js";
import { subtract } from "../../src/enhancement/subtract.js";
import { createGrid, createMask, createVolume, type Vec3 } from "../../src/index.js";
import { writeFine } from "../../src/inference/noiseUnits.js";
import { pinetzConditions } from "../../src/model/conditions.js";
import { noiseUnitConditions } from "../../src/model/noiseUnitsCard.js";
import { loadVolume } from "../../src/node/loadVolume.js";
import { prepareStudy } from "../../src/recipes/prepareStudy.js";
import { createDraws } from "../../src/training/procedural/draws.js";
import { createBatch, type DosePatch, estimateOf, writeDosePatch } from "../../src/training/samples/doseBatch.js";
import { patchSamples, type TrainingPair } from "../../src/training/samples/patchSamples.js";
import { restorationSamples } from "../../src/training/samples/restorationSamples.js";
import { sampleSeed } from "../../src/training/samples/sampleSeed.js";
import { splitFolds } from "../../src/training/samples/splitFolds.js";
import { drawSymmetry, inverseSymmetry, sourceShape, turnVoxels } from "../../src/training/samples/symmetry.js";
import { dataPath, hasData } from "../support/data.js";
import { maxAbsDifference } from "../support/oracles.js";

const same = (a: Tensors, b: Tensors) =>
  Object.keys(a).every((name) => Buffer.compare(bytes(a[name]!.data), bytes(b[name]!.data)) === 0);
const bytes = (data: Float32Array) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);
const rms = (values: Float32Array) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
const seeds = () => fc.integer({ min: 0, max: 2 ** 48 });
const outOfRange = expect.objectContaining({ code: "out-of-range" });

describe("sampleSeed", () => {
  test("law: another run, sample or purpose is another seed, and each is a safe integer", () => {
    fc.assert(
      fc.property(seeds(), fc.integer({ min: 0, max: 2 ** 40 }), (seed, sample) => {
        const all = [
          sampleSeed(seed, sample, 0),
          sampleSeed(seed, sample, 1),
          sampleSeed(seed, sample + 1, 0),
          sampleSeed(seed + 1, sample, 0),
        ];
        expect(new Set(all).size).toBe(4);
        expect(all.every((value) => Number.isSafeInteger(value) && value >= 0)).toBe(true);
      }),
    );
  });
});

describe("writeDosePatch", () => {
  const shape: Vec3 = [6, 5, 4];
  const count = 120;
  const draws = createDraws(4);
  const sample: DosePatch = {
    pre: draws.normals(count),
    post: draws.normals(count),
    content: new Uint8Array(count).fill(1),
    uptake: Float32Array.from({ length: count }, (_, v) => v / count),
    sigma: 0.1,
    estimatedSigma: 0.11,
    dose: 0.3,
    noise: draws.normals(count),
    enhancementWeight: 2,
  };
  const written = (changes: Partial<DosePatch> = {}, n = 0) => {
    const tensors = createBatch(2, shape, 3);
    writeDosePatch(tensors, n, noiseUnitConditions, { ...sample, ...changes });
    return tensors;
  };

  test("is the low dose of simulateNoisyDose in units of noise", () => {
    const grid = createGrid({ shape });
    const [pre, post] = [createVolume(sample.pre, grid), createVolume(sample.post, grid)];
    const low = simulateNoisyDose(pre, post, { dose: 0.3, noise: { sigma: 0.1 }, seed: 1 });
    const clean = simulateNoisyDose(pre, post, { dose: 0.3, noise: { sigma: 0 }, seed: 1 });
    // The very noise that it added, of unit level.
    const noise = low.data.map((v, i) => (v - clean.data[i]!) / (0.1 * Math.sqrt(1 - 0.09)));
    const { x } = written({ noise });
    const u = low.data.map((v, i) => (v - sample.pre[i]!) / 0.11);
    // Voxels of size 4 in float32 over 0.11, a few roundings.
    expect(maxAbsDifference({ data: x.data.subarray(0, count) }, { data: u.map(Math.asinh) })).toBeLessThan(2e-5);
    expect(
      maxAbsDifference({ data: x.data.subarray(count, 2 * count) }, { data: u.map((v) => Math.max(-3, Math.min(3, v))) }),
    ).toBeLessThan(2e-5);
    const fine = new Float32Array(count);
    writeFine(fine, u, shape);
    expect(maxAbsDifference({ data: x.data.subarray(2 * count, 3 * count) }, { data: fine })).toBeLessThan(4e-5);
    expect(x.data.subarray(3 * count, 4 * count)).toEqual(sample.pre);
  });

  test("u − target = d · (post − pre)/σ̂", () => {
    const { x, target } = written();
    const rest = Float64Array.from(target.data.subarray(0, count), (t, v) => Math.sinh(x.data[v]!) - t);
    const kept = Float64Array.from(sample.post, (v, i) => (0.3 * (v - sample.pre[i]!)) / 0.11);
    // asinh in float32 has a relative error of 6e-8 · asinh(u) after sinh; |u| below 30.
    expect(maxAbsDifference({ data: rest }, { data: kept })).toBeLessThan(3e-5);
  });

  test("tells dose and noise, and weighs what enhances", () => {
    const { conditions, weight } = written();
    expect(conditions.data.subarray(0, 3)).toEqual(Float32Array.of(0.3, Math.log(0.3), Math.log(0.11) / 3));
    expect(weight.data[0]).toBe(1);
    expect(weight.data[12]).toBeCloseTo(2, 6);
    expect(weight.data[count - 1]).toBe(3);
  });

  test("outside the content all is 0 and nothing counts; another sample of the batch is left alone", () => {
    const content = Uint8Array.from({ length: count }, (_, v) => v % 2);
    const { x, target, weight } = written({ content }, 1);
    for (let v = 0; v < count; v += 2)
      expect([x.data[4 * count + v], x.data[5 * count + v], target.data[count + v], weight.data[count + v]]).toEqual([
        0, 0, 0, 0,
      ]);
    expect([x, target, weight].every(({ data }) => data.subarray(0, data.length / 2).every((v) => v === 0))).toBe(true);
  });

  test("a condition that nobody knows needs a default", () => {
    const asked = [{ name: "mood", unit: "1", offset: 1, scale: 2 }];
    expect(() => writeDosePatch(createBatch(1, shape, 1), 0, asked, sample)).toThrow(outOfRange);
    const tensors = createBatch(1, shape, 1);
    writeDosePatch(tensors, 0, [{ ...asked[0]!, default: 5 }], sample);
    expect(tensors.conditions.data[0]).toBe(2);
  });
});

describe("estimateOf", () => {
  test("is above σ by some per cent at middling doses, as on real pairs, and exact where no error is wanted", () => {
    const draws = createDraws(1);
    const mean = (dose: number) =>
      Array.from({ length: 4000 }, () => estimateOf(draws, 2, dose, 0.05) / 2).reduce((sum, v) => sum + v, 0) / 4000;
    // 1 + 0.25·d·(1 − d²), times e^(0.05²/2); the mean's standard error is 1e-3.
    for (const dose of [0.1, 0.33, 0.66, 0.9])
      expect(Math.abs(mean(dose) - (1 + 0.25 * dose * (1 - dose * dose)) * 1.00125)).toBeLessThan(0.005);
    expect(estimateOf(draws, 2, 0.5, 0)).toBe(2);
  });

  // σ̂ of the low dose over that of the pair, on real scans.
  test.skipIf(!hasData)("holds on a real pair", async () => {
    const [preContrast, volume] = await Promise.all(
      ["t1.nii.gz", "t1ce.nii.gz"].map((name) => loadVolume(dataPath("pairs", "openMS_p19", name))),
    );
    const acquisition = {};
    const study = { id: "p19", patient: "p19", preContrast: preContrast!, others: {}, acquisition };
    const { pre, post, brain, noise } = prepareStudy({ ...study, postContrast: [{ volume: volume!, dose: 1 }] });
    const sigma = noise["highpass-mad"];
    const low = simulateNoisyDose(pre, post, { dose: 0.33, noise: { sigma }, seed: 1, mask: brain });
    const excess = noiseLevel(subtract(pre, low), { brain, estimator: "highpass-mad" }) / sigma - 1;
    expect(excess).toBeGreaterThan(0.1 * 0.33 * (1 - 0.33 ** 2));
    expect(excess).toBeLessThan(0.4 * 0.33 * (1 - 0.33 ** 2));
  });
});

describe("restorationSamples", () => {
  const options = { seed: 7, patch: [16, 12, 10] as Vec3, batch: 3 };

  test("law: a step's samples are the same whatever came before", () => {
    const samples = restorationSamples(options);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), fc.integer({ min: 0, max: 50 }), (step, before) => {
        samples(before);
        expect(same(samples(step), restorationSamples(options)(step))).toBe(true);
        expect(same(samples(step), samples(step + 1))).toBe(false);
      }),
      { numRuns: 15 },
    );
  });

  test("sample n of step s is number s · batch + n of the run", () => {
    const three = restorationSamples(options)(2);
    const one = restorationSamples({ ...options, batch: 1 })(7);
    const size = three.x!.data.length / 3;
    expect(three.x!.data.subarray(size, 2 * size)).toEqual(one.x!.data);
  });

  test("a scan is used again, turned, with another dose, and whatever was asked for before", () => {
    const repeated = { seed: 2, patch: [8, 8, 8], batch: 1, uses: 3, sigmaError: 0 } as const;
    const samples = restorationSamples(repeated);
    const later = Array.from({ length: 100 }, (_, step) => samples(step));
    expect(same(restorationSamples(repeated)(99), later[99]!)).toBe(true);
    // The pre-contrast scan is the fourth channel; turning it changes the order of its voxels only.
    const values = later.map(({ x }) => [...x!.data.subarray(3 * 512)].sort((a, b) => a - b).join());
    const uses = (step: number) => values.flatMap((value, n) => (value === values[step] ? [n] : []));
    // The scan of step 0 is new, at least for who asks for it first; it comes again 16 scans, or 48 samples, later, as the second of its three.
    expect(uses(0)).toEqual([0, 49, 98]);
    const [first, second] = [0, 49].map((step) => later[step]!.conditions!.data[0]!);
    expect(first).not.toBe(second);
  });

  test("has the sizes that it was told, doses and noise in range", () => {
    const samples = restorationSamples({ ...options, dose: [0.2, 0.4], sigma: [0.02, 0.03], sigmaError: 0 });
    const { x, conditions, target, weight } = samples(0);
    expect([x, conditions, target, weight].map((tensor) => tensor!.dims)).toEqual([
      [3, 4, 10, 12, 16],
      [3, 3],
      [3, 1, 10, 12, 16],
      [3, 1, 10, 12, 16],
    ]);
    for (let n = 0; n < 3; n++) {
      const [dose, lnDose, lnSigma] = conditions!.data.subarray(3 * n, 3 * n + 3);
      expect(dose).toBeGreaterThanOrEqual(0.2);
      expect(dose).toBeLessThanOrEqual(0.4);
      expect(lnDose).toBeCloseTo(Math.log(dose!), 6);
      // Never below half of the noise that was put in.
      expect(Math.exp(3 * lnSigma!)).toBeGreaterThan(0.0099);
    }
  });

  test("the noise to be removed is √(1 − d²) in units of σ", () => {
    const { conditions, target, weight } = restorationSamples({ seed: 3, patch: [24, 24, 24], batch: 12, sigmaError: 0 })(0);
    const size = 24 ** 3;
    for (let n = 0; n < 12; n++) {
      const inside = target!.data.subarray(n * size, (n + 1) * size).filter((_, v) => weight!.data[n * size + v]! > 0);
      const expected = Math.sqrt(1 - conditions!.data[3 * n]! ** 2);
      // White noise within four standard errors; noise of a scanner's grain has a standard deviation of up to 1.8, of few free voxels.
      const ratio = rms(inside) / expected;
      expect(ratio).toBeGreaterThan(1 - 4 / Math.sqrt(2 * inside.length));
      expect(ratio).toBeLessThan(1.8 * (1 + 20 / Math.sqrt(inside.length)));
    }
  });

  test("a σ that is off scales all alike", () => {
    const [exact, off] = [0, 0.5].map((sigmaError) => restorationSamples({ ...options, batch: 1, sigmaError })(4));
    const factor = Math.exp(3 * (off!.conditions!.data[2]! - exact!.conditions!.data[2]!));
    expect(Math.abs(Math.log(factor))).toBeGreaterThan(1e-3);
    const scaled = { data: exact!.target!.data.map((v) => v / factor) };
    // Values up to 5, the factor from a float32 logarithm.
    expect(maxAbsDifference(off!.target!, scaled)).toBeLessThan(2e-5);
  });

  test("refuses bad options and steps", () => {
    for (const wrong of [
      { seed: 1, batch: 0 },
      { seed: 1, dose: [0, 0.5] },
      { seed: 1, dose: [0.5, 0.4] },
      { seed: 1, dose: [0.5, 1.1] },
      { seed: 1, sigmaError: -1 },
      { seed: 1, enhancementWeight: Number.NaN },
      { seed: 1, uses: 0 },
      { seed: 1, uses: 2, patch: [8, 8, 9] },
    ] as const)
      expect(() => restorationSamples(wrong as never)).toThrow(outOfRange);
    expect(() => restorationSamples({ seed: 1.5 })(0)).toThrow(outOfRange);
    expect(() => restorationSamples({ seed: 1 })(-1)).toThrow(outOfRange);
    expect(() => restorationSamples({ seed: 1 })(0.5)).toThrow(outOfRange);
  });
});

describe("symmetry", () => {
  const cases = () =>
    fc.tuple(seeds(), fc.tuple(...[1, 2, 3].map(() => fc.integer({ min: 1, max: 5 }))) as fc.Arbitrary<number[]>);

  test("law: a permutation of the voxels, which its inverse undoes", () => {
    fc.assert(
      fc.property(cases(), ([seed, shape]) => {
        const symmetry = drawSymmetry(createDraws(seed));
        const from = sourceShape(shape as unknown as Vec3, symmetry);
        const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, v) => v);
        const turned = turnVoxels(data, shape as unknown as Vec3, symmetry);
        expect([...turned].sort((a, b) => a - b)).toEqual([...data]);
        expect(turnVoxels(turned, from, inverseSymmetry(symmetry))).toEqual(data);
      }),
    );
  });

  test("moves a voxel as it says", () => {
    // 2×3×1: axis i of the result is axis j of the input, backwards.
    const turned = turnVoxels(Float32Array.of(0, 1, 2, 3, 4, 5), [3, 2, 1], { axes: [1, 0, 2], flips: [true, false, false] });
    expect([...turned]).toEqual([4, 2, 0, 5, 3, 1]);
  });

  test("all 48 occur", () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 1000; seed++) seen.add(JSON.stringify(drawSymmetry(createDraws(seed))));
    expect(seen.size).toBe(48);
  });
});

describe("splitFolds", () => {
  const cohort = () =>
    fc.array(
      fc.integer({ min: 0, max: 12 }).map((n) => `patient ${n}`),
      { minLength: 8, maxLength: 40 },
    );

  test("law: each examination is tested once, no patient on both sides, folds of even size", () => {
    fc.assert(
      fc.property(cohort(), seeds(), fc.integer({ min: 2, max: 5 }), (patients, seed, folds) => {
        const names = new Set(patients);
        fc.pre(names.size >= folds);
        const split = splitFolds(patients, { folds, seed });
        expect(split.flatMap(({ test }) => test).sort((a, b) => a - b)).toEqual(patients.map((_, n) => n));
        const sizes = split.map(({ train, test }) => {
          expect(train.length + test.length).toBe(patients.length);
          const tested = new Set(test.map((n) => patients[n]));
          expect(train.some((n) => tested.has(patients[n]))).toBe(false);
          return tested.size;
        });
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("law: the order of the examinations does not matter", () => {
    fc.assert(
      fc.property(cohort(), seeds(), (patients, seed) => {
        fc.pre(new Set(patients).size >= 3);
        const sides = (list: readonly string[]) =>
          splitFolds(list, { folds: 3, seed }).map(({ test }) => [...new Set(test.map((n) => list[n]!))].sort());
        expect(sides([...patients].reverse())).toEqual(sides(patients));
      }),
    );
  });

  test("refuses too few patients or folds", () => {
    expect(() => splitFolds(["a", "b", "a"], { folds: 3, seed: 1 })).toThrow(outOfRange);
    expect(() => splitFolds(["a", "b"], { folds: 1, seed: 1 })).toThrow(outOfRange);
  });
});

describe("patchSamples", () => {
  const shape: Vec3 = [20, 18, 16];
  const grid = createGrid({ shape });
  const count = 20 * 18 * 16;
  const inside = (lesion: boolean) =>
    createMask(
      Array.from({ length: count }, (_, v) => {
        const [i, j, k] = [v % 20, Math.floor(v / 20) % 18, Math.floor(v / 360)];
        return lesion
          ? i >= 14 && i < 16 && j >= 4 && j < 6 && k >= 4 && k < 6
          : i > 1 && i < 18 && j > 1 && j < 16 && k > 1 && k < 14;
      }),
      grid,
    );
  // Every voxel of the brain has a value of its own, so that a patch tells where it came from.
  const brain = inside(false);
  const pre = createVolume(
    Float32Array.from(brain.data, (b, v) => b * (0.2 + v / count)),
    grid,
  );
  const noise = createDraws(1).normals(count);
  const post = createVolume(
    pre.data.map((v, i) => (brain.data[i] ? v + 0.05 * noise[i]! : 0)),
    grid,
  );
  const pair: TrainingPair = { pre, post, brain, lesions: inside(true), sigma: 0.05 };
  const plain = { seed: 1, patch: [8, 6, 10] as Vec3, batch: 2, intensitySd: 0, sigmaError: 0 };

  test("law: a step's samples are the same whatever came before", () => {
    const samples = patchSamples([pair], plain);
    samples(9);
    expect(same(samples(3), patchSamples([pair], plain)(3))).toBe(true);
    expect(same(samples(3), samples(4))).toBe(false);
  });

  test("law: without noise a patch is voxels of the scan, turned, none twice", () => {
    const samples = patchSamples([pair], { ...plain, dose: [1, 1] });
    const known = new Set(pre.data);
    for (let step = 0; step < 12; step++) {
      const { x, target } = samples(step);
      expect(target!.data.every((v) => v === 0)).toBe(true);
      for (let n = 0; n < 2; n++) {
        const voxels = x!.data.subarray((4 * n + 3) * 480, (4 * n + 4) * 480).filter((v) => v > 0);
        expect(voxels.length).toBeGreaterThan(0);
        expect(new Set(voxels).size).toBe(voxels.length);
        expect(voxels.every((v) => known.has(v))).toBe(true);
      }
    }
  });

  test("unturned, it is a box of the scan, with the pair's own difference kept", () => {
    const { x, conditions, target } = patchSamples([pair], { ...plain, symmetries: false })(0);
    const dose = conditions!.data[0]!;
    const first = x!.data.subarray(1440, 1920);
    const anchor = first.findIndex((v) => v > 0);
    const at = pre.data.indexOf(first[anchor]!);
    for (let k = 0, v = 0; k < 10; k++)
      for (let j = 0; j < 6; j++)
        for (let i = 0; i < 8; i++, v++) {
          const from = at + (i - (anchor % 8)) + 20 * (j - (Math.floor(anchor / 8) % 6)) + 360 * (k - Math.floor(anchor / 48));
          expect(first[v]).toBe(pre.data[from]);
          const kept = (dose * (post.data[from]! - pre.data[from]!)) / 0.05;
          // |u| below 10, through asinh in float32 and back.
          expect(Math.abs(Math.sinh(x!.data[v]!) - target!.data[v]! - kept)).toBeLessThan(2e-5);
        }
  });

  test("the share of samples about lesions is as told", () => {
    const samples = patchSamples([pair], { ...plain, lesionShare: 1, enhancementWeight: 4 });
    for (let step = 0; step < 10; step++) {
      const { weight } = samples(step);
      for (let n = 0; n < 2; n++) expect(weight!.data.subarray(n * 480, (n + 1) * 480).includes(5)).toBe(true);
    }
  });

  test("a volume smaller than the patch is continued by zeros that don't count", () => {
    const { x, weight } = patchSamples([pair], { ...plain, patch: [24, 24, 24], symmetries: false })(0);
    const size = 24 ** 3;
    const voxels = x!.data.subarray(3 * size, 4 * size);
    expect(voxels.filter((v) => v > 0).length).toBe(brain.data.filter((v) => v === 1).length);
    expect(weight!.data.subarray(0, size).every((w, v) => w > 0 === voxels[v]! > 0)).toBe(true);
  });

  test("tells the scanner's field strength and the agent's relaxivity, drawn where they are not known", () => {
    const known = { ...pair, acquisition: { fieldStrengthT: 1.5 }, injection: { agent: "gadoterate" } };
    const { conditions } = patchSamples([known], { ...plain, conditions: pinetzConditions })(0);
    expect(conditions!.dims).toEqual([2, 4]);
    // (1.5 − 2.25)/0.75, 3.9/10, σ · 10
    expect([...conditions!.data.subarray(1, 4)]).toEqual([-1, Math.fround(0.39), 0.5]);
    const fields = new Set<number>();
    const samples = patchSamples([pair], { ...plain, conditions: pinetzConditions });
    for (let step = 0; step < 12; step++) fields.add(samples(step).conditions!.data[1]!);
    expect(fields).toEqual(new Set([-1, 1]));
  });

  test("the intensity scale moves scan and noise alike; extra noise raises σ", () => {
    const steps = Array.from({ length: 20 }, (_, step) => step);
    const told = (options: object) =>
      steps.map((step) => Math.exp(3 * patchSamples([pair], { ...plain, ...options })(step).conditions!.data[2]!));
    const scaled = told({ intensitySd: 0.2 });
    expect(scaled.some((s) => Math.abs(s - 0.05) > 0.002)).toBe(true);
    expect(scaled.some((s) => Math.abs(s - 0.05) < 1e-6)).toBe(true);
    const louder = told({ extraNoise: 1 });
    expect(Math.min(...louder)).toBeGreaterThan(0.05 * (1 - 1e-6));
    expect(Math.max(...louder)).toBeLessThan(0.05 * Math.SQRT2 * (1 + 1e-6));
  });

  test("estimates the noise where it isn't given", () => {
    const { sigma: _, ...unknown } = pair;
    const { conditions } = patchSamples([unknown], plain)(0);
    // 2688 voxels of white noise: the estimate is within 8 %, five standard errors of a median of absolute values, and the brain's edge.
    expect(Math.abs(Math.exp(3 * conditions!.data[2]!) / 0.05 - 1)).toBeLessThan(0.1);
  });

  test("refuses pairs and options that don't do", () => {
    const grid2 = createGrid({ shape: [3, 3, 3] });
    expect(() => patchSamples([], plain)).toThrow(outOfRange);
    expect(() => patchSamples([{ ...pair, post: createVolume(new Float32Array(27), grid2) }], plain)).toThrow(
      expect.objectContaining({ code: "grid-mismatch" }),
    );
    expect(() => patchSamples([{ ...pair, brain: createMask(new Uint8Array(count), grid) }], plain)).toThrow(
      expect.objectContaining({ code: "empty-mask" }),
    );
    expect(() => patchSamples([{ pre, post: pre, brain }], plain)).toThrow(/copy of the other/);
    expect(() => patchSamples([pair], { ...plain, lesionShare: 2 })).toThrow(outOfRange);
    expect(() => patchSamples([pair], { ...plain, patch: [8, 8, 0] })).toThrow(outOfRange);
    expect(() => patchSamples([pair], plain)(-1)).toThrow(outOfRange);
  });
});
