import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isGadoliniteError, type Mask, type Volume, type VoxelArray } from "../../src/index.js";
import {
  createPhantom,
  type LesionKind,
  type PhantomOptions,
  type PhantomStructure,
  type PhantomStudy,
  phantomLabels,
} from "../../src/phantom/index.js";
import { seed } from "../support/arbitraries.js";
import { eachVoxel, maxAbsDifference } from "../support/oracles.js";

const small = { shape: [48, 56, 48] } as const;
const clean = { ...small, noise: 0, biasField: 0, intensityWindow: { post: { gain: 1 } } } as const;
const shared = createPhantom({ seed: 1, ...small });
const ideal = createPhantom({ seed: 1, ...clean, doses: [1, 0.1, 0.33] });

const post = (study: PhantomStudy, n = study.postContrast.length - 1) => study.postContrast[n]!.volume;
const volumesOf = ({ truth, ...study }: PhantomStudy): Volume<VoxelArray>[] => [
  study.preContrast,
  ...study.postContrast.map((s) => s.volume),
  ...[
    truth.labels,
    truth.lesionLabels,
    truth.signal,
    truth.concentrationMmolPerL,
    truth.r1PerS,
    truth.protonDensity,
    truth.biasField,
  ],
];
const isStructure = (study: PhantomStudy, name: PhantomStructure) => (_: number, v: number) =>
  study.truth.labels.data[v] === phantomLabels[name];
/** Compared as bits: much faster than element by element. */
const sameBits = (a: VoxelArray, b: VoxelArray) => Buffer.compare(bytesOf(a), bytesOf(b)) === 0;
const bytesOf = ({ buffer, byteOffset, byteLength }: VoxelArray) => Buffer.from(buffer, byteOffset, byteLength);
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;

describe("createPhantom", () => {
  test("is a study: scans by rising dose on one centred RAS grid, with masks and truth", async () => {
    const study = await ideal;
    expect(study.postContrast.map(({ dose }) => dose)).toEqual([0.1, 0.33, 1]);
    expect(study.postContrast[0]!.injection).toEqual({ agent: "gadobutrol", doseMmolPerKg: 0.1 * 0.1 });
    expect(study.preContrast.grid.shape).toEqual([48, 56, 48]);
    const mm = 208 / 56;
    [0, 5, 10].forEach((at) => expect(study.preContrast.grid.affine[at]).toBeCloseTo(mm, 12));
    expect(study.preContrast.grid.affine[3]).toBeCloseTo((-47 / 2) * mm, 9);
    for (const { grid, data } of [...volumesOf(study), study.brain as Mask, study.lesions as Mask]) {
      expect(grid).toBe(study.preContrast.grid);
      expect(data).toHaveLength(48 * 56 * 48);
    }
    expect(study.acquisition).toEqual({
      fieldStrengthT: 3,
      sequence: "spoiled-gradient-echo",
      repetitionTimeMs: 8,
      echoTimeMs: 3,
      flipAngleDeg: 15,
    });
  });

  test("lies as the world says: eyes in front, cerebellum behind and below, the canal's schwannoma to its side", async () => {
    const study = await shared;
    const centroid = (keep: (value: number, v: number) => boolean) => {
      const { shape, affine } = study.preContrast.grid;
      const sum = [0, 0, 0];
      let n = 0;
      eachVoxel(shape, (i, j, k, v) => {
        if (!keep(0, v)) return;
        [i, j, k].forEach((index, axis) => (sum[axis] = sum[axis]! + affine[5 * axis]! * index + affine[4 * axis + 3]!));
        n++;
      });
      return sum.map((s) => s / n);
    };
    const [eyeX, eyeY] = centroid(isStructure(study, "vitreous body"));
    expect(Math.abs(eyeX!)).toBeLessThan(12);
    expect(eyeY).toBeGreaterThan(50);
    const [, backY, backZ] = centroid(isStructure(study, "cerebellar grey matter"));
    expect(backY).toBeLessThan(-25);
    expect(backZ).toBeLessThan(-10);
    const schwannoma = study.truth.lesions.find(({ kind }) => kind === "schwannoma")!;
    const [x] = centroid((_, v) => study.truth.lesionLabels.data[v] === schwannoma.label);
    expect(Math.sign(x!)).toBe(Math.sign(schwannoma.centreMm[0]));
  });

  test("has the volumes of a head: brain mask 1.1 to 1.8 L, white matter within its two thirds, ventricles, every named tissue", async () => {
    const study = await shared;
    const voxelMl = (208 / 56) ** 3 / 1000;
    const brainMl = mean(study.brain!.data) * study.brain!.data.length * voxelMl;
    expect(brainMl).toBeGreaterThan(1100);
    expect(brainMl).toBeLessThan(1800);
    const count = (name: PhantomStructure) =>
      study.truth.labels.data.reduce((n, l) => n + (l === phantomLabels[name] ? 1 : 0), 0);
    for (const name of ["white matter", "grey matter"] as const) {
      expect(count(name) * voxelMl).toBeGreaterThan(0.2 * brainMl);
      expect(count(name) * voxelMl).toBeLessThan(0.6 * brainMl);
    }
    for (const name of ["air", "skin", "fat", "muscle", "marrow", "csf", "blood", "putamen", "thalamus", "brain stem"] as const)
      expect(count(name), name).toBeGreaterThan(0);
  });

  test("refuses", async () => {
    const refused = async (options: Partial<PhantomOptions>, word: RegExp) => {
      const error = await createPhantom({ seed: 1, shape: [8, 8, 8], ...options }).catch((e: unknown) => e);
      expect(isGadoliniteError(error, "out-of-range"), String(error)).toBe(true);
      expect((error as Error).message).toMatch(word);
    };
    for (const wrong of [-1, 0.5, Number.NaN, 2 ** 53]) await refused({ seed: wrong }, /seed/);
    await refused({ shape: [0, 8, 8] }, /shape/);
    await refused({ spacingMm: [1, -1, 1] }, /spacingMm/);
    for (const wrong of [[], [0], [-1], [5], [0.5, 0.5], [Number.NaN]]) await refused({ doses: wrong }, /dose/);
    await refused({ noise: -0.1 }, /noise/);
    await refused({ biasField: 2 }, /biasField/);
    await refused({ acquisition: { repetitionTimeMs: 0 } }, /repetitionTimeMs/);
    await refused({ acquisition: { flipAngleDeg: 181 } }, /flipAngleDeg/);
    await refused({ acquisition: { fieldStrengthT: 0.2 } }, /fieldStrengthT/);
    await refused({ acquisition: { sequence: "epi" as "spin-echo" } }, /sequence/);
    await refused({ agent: { relaxivity: 0 } }, /relaxivity/);
    await refused({ agent: { uptake: -1 } }, /uptake/);
    await refused({ intensityWindow: { post: { gain: 0 } } }, /gain/);
    await refused({ intensityWindow: { pre: { offset: Number.NaN } } }, /offset/);
    await refused({ misregistration: { shiftMm: [0, Number.POSITIVE_INFINITY, 0] } }, /shiftMm/);
    await refused({ lesions: [{ kind: "wart" as LesionKind }] }, /kind/);
    await refused({ lesions: [{ kind: "metastasis", longAxisMm: 200 }] }, /longAxisMm/);
    await refused({ lesions: [{ kind: "metastasis", centreMm: [0, 0, Number.NaN] }] }, /centreMm/);
    await refused({ lesions: Array.from({ length: 40 }, () => ({ kind: "meningioma", longAxisMm: 60 }) as const) }, /no room/);
  });

  test("tells how far it is, and stops when told to", async () => {
    const steps: number[] = [];
    await createPhantom({
      seed: 1,
      shape: [12, 14, 12],
      lesions: [],
      onProgress: ({ done, total }) => steps.push(done / total),
    });
    expect(steps.at(-1)).toBe(1);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    const before = AbortSignal.abort();
    await expect(createPhantom({ seed: 1, signal: before })).rejects.toMatchObject({ code: "aborted" });
    const controller = new AbortController();
    const onProgress = ({ done }: { done: number }) => done === 5 && controller.abort();
    await expect(createPhantom({ seed: 1, ...small, signal: controller.signal, onProgress })).rejects.toMatchObject({
      code: "aborted",
    });
    // An abort from outside comes through between two slices.
    const later = new AbortController();
    setTimeout(() => later.abort(), 1);
    await expect(createPhantom({ seed: 1, signal: later.signal })).rejects.toMatchObject({ code: "aborted" });
  });

  describe("laws", () => {
    const heads = fc.record({ seed: seed(), sequence: fc.constantFrom("spoiled-gradient-echo" as const, "spin-echo" as const) });

    test("same seed, same bits; other seed, other head", () =>
      fc.assert(
        fc.asyncProperty(seed(), async (s) => {
          const options = { shape: [16, 20, 16], lesions: [{ kind: "metastasis", longAxisMm: 20 }] } as const;
          const [a, b, c] = await Promise.all([s, s, s === 0 ? 1 : s - 1].map((v) => createPhantom({ ...options, seed: v })));
          volumesOf(a!).forEach(({ data }, n) => expect(sameBits(data, volumesOf(b!)[n]!.data)).toBe(true));
          expect(sameBits(a!.truth.labels.data, c!.truth.labels.data)).toBe(false);
          expect(sameBits(a!.preContrast.data, c!.preContrast.data)).toBe(false);
        }),
        { numRuns: 5 },
      ));

    test("everything is finite and not negative; without nuisances post − pre is the true signal exactly, 0 where no agent is", () =>
      fc.assert(
        fc.asyncProperty(heads, async ({ seed: s, sequence }) => {
          const study = await createPhantom({ ...clean, shape: [24, 28, 24], seed: s, acquisition: { sequence } });
          for (const { data } of volumesOf(study)) expect(data.every((v) => v >= 0 && v < Infinity)).toBe(true);
          const { signal, concentrationMmolPerL } = study.truth;
          const [a, b] = [study.preContrast.data, post(study).data];
          expect(
            sameBits(
              signal.data,
              b.map((v, n) => v - a[n]!),
            ),
          ).toBe(true);
          expect(concentrationMmolPerL.data.every((c, n) => c > 0 || signal.data[n] === 0)).toBe(true);
          expect(signal.data.filter((v) => v > 100).length).toBeGreaterThan(10);
        }),
        { numRuns: 5 },
      ));

    test("a larger dose is brighter wherever there is agent", async () => {
      const { preContrast, postContrast, truth } = await ideal;
      const scans = [preContrast, ...postContrast.map((s) => s.volume)];
      for (let n = 1; n < scans.length; n++) {
        const [less, more] = [scans[n - 1]!.data, scans[n]!.data];
        expect(more.every((v, at) => v >= less[at]!)).toBe(true);
        expect(truth.concentrationMmolPerL.data.every((c, at) => c < 0.05 || more[at]! > less[at]!)).toBe(true);
      }
    });

    test("the windows can be undone: scan = gain · signal + offset", async () => {
      const window = { pre: { gain: 0.5, offset: 3 }, post: { gain: 2, offset: -7 } };
      const [plain, stretched] = [await ideal, await createPhantom({ seed: 1, ...clean, intensityWindow: window })];
      expect(stretched.truth.intensityWindow).toEqual(window);
      const undo = (data: Float32Array, { gain, offset }: { gain: number; offset: number }) =>
        data.map((v) => (v - offset) / gain);
      // Stored as float32 of at most 2^14 with 24 bits: half a unit in the last place is 2^-11, twice and over the smaller gain.
      const tolerance = 2 ** -9;
      expect(maxAbsDifference({ data: undo(stretched.preContrast.data, window.pre) }, plain.preContrast)).toBeLessThan(tolerance);
      expect(maxAbsDifference({ data: undo(post(stretched).data, window.post) }, post(plain))).toBeLessThan(tolerance);
      expect(sameBits(stretched.truth.signal.data, plain.truth.signal.data)).toBe(true);
    });

    test("the noise has the announced size: Rayleigh in air, normal where there is signal, another in each scan", async () => {
      const options = { seed: 3, ...clean, noise: 0.02, doses: [0.5, 1] };
      const [noisy, still] = [await createPhantom(options), await createPhantom({ ...options, noise: 0 })];
      const sigma = noisy.truth.noiseSigma;
      expect(sigma).toBe(20);
      const air = [...still.preContrast.data.keys()].filter((v) => still.preContrast.data[v] === 0);
      const bright = [...still.preContrast.data.keys()].filter((v) => still.preContrast.data[v]! > 700);
      expect(Math.min(air.length, bright.length)).toBeGreaterThan(10_000);
      const scans = [noisy.preContrast, ...noisy.postContrast.map((s) => s.volume)];
      // E v² = 2σ² with relative standard error 1/√n: five of them.
      for (const { data } of scans)
        expect(Math.abs(mean(air.map((v) => data[v]! ** 2)) / (2 * sigma ** 2) - 1)).toBeLessThan(5 / Math.sqrt(air.length));
      const residual = bright.map((v) => noisy.preContrast.data[v]! - still.preContrast.data[v]!);
      // Relative standard error of a variance √(2/n); Rice's own departure from the normal is σ²/S² < 0.001.
      expect(Math.abs(mean(residual.map((r) => r * r)) / sigma ** 2 - 1)).toBeLessThan(5 * Math.sqrt(2 / bright.length) + 2e-3);
      const centred = scans.map(({ data }) => air.map((v) => data[v]! - sigma * Math.sqrt(Math.PI / 2)));
      for (const [a, b] of [
        [0, 1],
        [0, 2],
        [1, 2],
      ] as const) {
        const covariance = mean(air.map((_, n) => centred[a]![n]! * centred[b]![n]!));
        expect(Math.abs(covariance)).toBeLessThan((5 * sigma ** 2 * (2 - Math.PI / 2)) / Math.sqrt(air.length));
      }
    });

    test("a scan doesn't depend on which other doses are made", async () => {
      const options = { seed: 5, shape: [16, 20, 16] } as const;
      const [one, three] = [await createPhantom(options), await createPhantom({ ...options, doses: [0.1, 0.25, 1] })];
      expect(sameBits(post(three).data, post(one).data)).toBe(true);
      expect(sameBits(three.preContrast.data, one.preContrast.data)).toBe(true);
    });

    test("no agent, no signal", async () => {
      const study = await createPhantom({ seed: 2, ...clean, agent: { uptake: 0 } });
      expect(study.truth.signal.data.every((v) => v === 0)).toBe(true);
      expect(sameBits(post(study).data, study.preContrast.data)).toBe(true);
    });

    test("the bias field multiplies both scans", async () => {
      const [flat, biased] = [await ideal, await createPhantom({ seed: 1, ...clean, biasField: 0.2 })];
      const { data } = biased.truth.biasField;
      expect(data.reduce((a, b) => Math.max(a, b)) / data.reduce((a, b) => Math.min(a, b))).toBeGreaterThan(1.2);
      // Two roundings to float32 of 2^-24 each.
      for (const [a, b] of [
        [flat.preContrast, biased.preContrast],
        [post(flat), post(biased)],
      ] as const)
        expect(a.data.every((v, n) => Math.abs(b.data[n]! - v * data[n]!) <= 2 ** -22 * v)).toBe(true);
    });

    test("a thick slice is the mean of the thin ones within it", async () => {
      const thin = await createPhantom({ seed: 4, ...clean, shape: [20, 24, 30], spacingMm: [6, 6, 6] });
      const thick = await createPhantom({ seed: 4, ...clean, shape: [20, 24, 10], spacingMm: [6, 6, 18] });
      const plane = 20 * 24;
      const expected = thick.preContrast.data.map((_, v) => {
        const at = 3 * plane * Math.floor(v / plane) + (v % plane);
        return (thin.preContrast.data[at]! + thin.preContrast.data[at + plane]! + thin.preContrast.data[at + 2 * plane]!) / 3;
      });
      // The points' places round differently: float64 in, float32 out.
      expect(maxAbsDifference(thick.preContrast, { data: expected })).toBeLessThan(1e-2);
    });
  });

  describe("physics", () => {
    // Signal equation written out again, and T1 by Wright et al. 2008.
    const spoiled = (t1Ms: number, tr = 8, flip = Math.PI / 12) =>
      (Math.sin(flip) * (1 - Math.exp(-tr / t1Ms))) / (1 - Math.exp(-tr / t1Ms) * Math.cos(flip));
    const white = 0.7 * Math.exp(-3 / 70) * spoiled(838);

    const fine = createPhantom({ seed: 1, ...clean, shape: [70, 70, 70], spacingMm: [2, 2, 2] });

    test.each([
      ["csf", 4300, 2000, 1],
      ["meningioma", 1400, 85, 0.82],
      ["enhancing rim", 1450, 100, 0.85],
      ["blood", 1932, 275, 0.88],
    ] as const)("%s follows S(1/T1 + r1·c)", async (name, t1Ms, t2Ms, protons) => {
      const { truth, preContrast, ...study } = await fine;
      const pure = [...truth.labels.data.keys()].filter(
        (v) =>
          truth.labels.data[v] === phantomLabels[name] &&
          Math.abs(truth.r1PerS.data[v]! * t1Ms - 1000) < 1e-3 &&
          Math.abs(truth.protonDensity.data[v]! - protons) < 1e-6,
      );
      expect(pure.length).toBeGreaterThan(10);
      const scale = (1000 * protons * Math.exp(-3 / t2Ms)) / white;
      for (const v of pure.slice(0, 500)) {
        const c = truth.concentrationMmolPerL.data[v]!;
        expect(preContrast.data[v]! / (scale * spoiled(t1Ms))).toBeCloseTo(1, 5);
        expect(study.postContrast[0]!.volume.data[v]! / (scale * spoiled(1000 / (1000 / t1Ms + 4.5 * c)))).toBeCloseTo(1, 5);
      }
    });

    test.each([
      [{ sequence: "spoiled-gradient-echo" }, 1.25],
      [{ sequence: "spin-echo" }, 1.1],
      [{ fieldStrengthT: 1.5 }, 1.25],
      [{ sequence: "spin-echo", fieldStrengthT: 1.5 }, 1.1],
    ] as const)("T1 weighting with %o: fat > white > grey > fluid", async (acquisition, contrast) => {
      const study = await createPhantom({ seed: 1, ...clean, acquisition });
      const typical = (name: PhantomStructure) => {
        const values = study.preContrast.data.filter(isStructure(study, name)).sort();
        return values[Math.floor(values.length / 2)]!;
      };
      const [fat, whiteMatter, grey, fluid] = (["fat", "white matter", "grey matter", "csf"] as const).map(typical);
      expect(fat).toBeGreaterThan(whiteMatter!);
      expect(whiteMatter).toBeGreaterThan(contrast * grey!);
      expect(grey).toBeGreaterThan(contrast * fluid!);
      expect(study.acquisition).toMatchObject(acquisition);
    });

    test("a spin echo saturates: doubling TR raises the fluid's signal more than white matter's", async () => {
      const at = async (repetitionTimeMs: number) => {
        const study = await createPhantom({
          seed: 1,
          ...clean,
          acquisition: { sequence: "spin-echo", repetitionTimeMs },
          shape: [24, 28, 24],
        });
        return mean(study.preContrast.data.filter(isStructure(study, "csf")));
      };
      // White matter is 1000 at either.
      expect(await at(1000)).toBeGreaterThan(1.1 * (await at(500)));
    });
  });

  describe("lesions", () => {
    test.each([
      [
        ["ring-enhancing", 28, -30],
        ["cystic", 20, 2],
        ["schwannoma", 18, 28],
      ],
      [
        ["ring-enhancing", 12, -38],
        ["schwannoma", 6, -22],
        ["metastasis", 3, -10],
        ["metastasis", 8, 2],
        ["non-enhancing", 22, 28],
      ],
    ] as const)("are as long as announced: %j, …", async (...cases) => {
      const lesions = cases.map(([kind, longAxisMm, x]) => ({ kind, longAxisMm, centreMm: [x, 1, 3] as const }));
      // 1 mm voxels around the middle of the head.
      const study = await createPhantom({ ...clean, seed: 7, shape: [96, 40, 40], spacingMm: [1, 1, 1], lesions });
      lesions.forEach((spec, n) => {
        const lesion = study.truth.lesions[n]!;
        expect(lesion).toMatchObject({ ...spec, label: n + 1, enhancing: spec.kind !== "non-enhancing" });
        const measured = longAxis(study.truth.lesionLabels, n + 1) + 1;
        expect(Math.abs(measured - spec.longAxisMm), spec.kind).toBeLessThanOrEqual(1.5);
        expect(study.truth.lesionLabels.data.filter((l) => l === n + 1)).toHaveLength(lesion.voxels);
      });
    });

    test("each lies in the head where its kind does, apart from the others, and lights up or not", async () => {
      const study = await createPhantom({ seed: 11, ...clean, shape: [88, 104, 88] });
      const { lesions, lesionLabels, labels, signal } = study.truth;
      expect(lesions.map(({ kind }) => kind).sort()).toEqual(
        ["cystic", "meningioma", "metastasis", "metastasis", "non-enhancing", "ring-enhancing", "schwannoma"].sort(),
      );
      for (const { label, longAxisMm, enhancing, voxels } of lesions) {
        const inside = [...lesionLabels.data.keys()].filter((v) => lesionLabels.data[v] === label);
        expect(inside).toHaveLength(voxels);
        expect(voxels).toBeGreaterThan(0);
        for (const v of inside) {
          expect(labels.data[v]).not.toBe(phantomLabels.air);
          expect(study.brain!.data[v]).toBe(1);
        }
        // 2 mm voxels: within two of them.
        if (longAxisMm > 4) expect(Math.abs(longAxis(lesionLabels, label) + 2 - longAxisMm)).toBeLessThanOrEqual(4);
        const typical = inside.map((v) => signal.data[v]!).sort((a, b) => a - b);
        if (enhancing) expect(typical.at(-1)).toBeGreaterThan(150);
        else expect(typical[Math.floor(voxels / 2)]).toBeLessThan(80);
      }
    });

    test("one smaller than a voxel still has a voxel, and as much agent as its volume holds", async () => {
      const options = { ...clean, seed: 1, shape: [24, 28, 24] } as const;
      const total = async (lesions: PhantomOptions["lesions"]) => {
        const study = await createPhantom({ ...options, lesions: lesions! });
        const voxelMm3 = (208 / 28) ** 3;
        const { truth } = study;
        return { truth, lesions: study.lesions!, micromol: voxelMm3 * mean(truth.concentrationMmolPerL.data) * 24 * 28 * 24 };
      };
      const small = await total([{ kind: "metastasis", longAxisMm: 4, centreMm: [30, -6, 34] }]);
      expect(small.truth.lesions[0]!.voxels).toBe(1);
      expect(small.lesions.data.reduce((a, b) => a + b, 0)).toBe(1);
      // A nearly round ball of 4 mm with 0.42 mmol/L in place of brain with a twentieth of that; its pushing moves vessels a little.
      const gain = (small.micromol - (await total([])).micromol) / ((Math.PI / 6) * 4 ** 3 * 0.42);
      expect(gain).toBeGreaterThan(0.6);
      expect(gain).toBeLessThan(1.2);
    });

    test("none at all, if so asked; another lesion leaves the first where it was", async () => {
      const options = { ...clean, shape: [16, 20, 16], seed: 1 } as const;
      const none = await createPhantom({ ...options, lesions: [] });
      expect(none.truth.lesions).toEqual([]);
      expect(none.lesions!.data.every((v) => v === 0)).toBe(true);
      const kind = "ring-enhancing" as const;
      const [one] = (await createPhantom({ ...options, lesions: [{ kind }] })).truth.lesions;
      const [first] = (await createPhantom({ ...options, lesions: [{ kind }, { kind: "meningioma" }] })).truth.lesions;
      expect(first!.centreMm).toEqual(one!.centreMm);
    });
  });

  describe("misregistration", () => {
    test("is right-handed, x before y before z, then shifted", async () => {
      const misregistration = { rotationDeg: [90, 0, 90], shiftMm: [1, 2, 3] } as const;
      const { truth } = await createPhantom({ seed: 1, shape: [4, 4, 4], lesions: [], misregistration });
      const expected = [0, 0, 1, 1, 1, 0, 0, 2, 0, 1, 0, 3, 0, 0, 0, 1];
      truth.misregistration.forEach((v, n) => expect(v).toBeCloseTo(expected[n]!, 12));
    });

    test("a shift by two voxels shifts the post-contrast scan by two voxels, and nothing else", async () => {
      const mm = 208 / 28;
      const options = { seed: 9, ...clean, shape: [24, 28, 24] } as const;
      const [still, moved] = [
        await createPhantom(options),
        await createPhantom({ ...options, misregistration: { shiftMm: [2 * mm, 0, 0] } }),
      ];
      expect(sameBits(moved.preContrast.data, still.preContrast.data)).toBe(true);
      expect(sameBits(moved.truth.signal.data, still.truth.signal.data)).toBe(true);
      let largest = 0;
      eachVoxel([22, 28, 24], (i, j, k) => {
        const at = (x: number) => x + 24 * (j + 28 * k);
        largest = Math.max(largest, Math.abs(post(moved).data[at(i + 2)]! - post(still).data[at(i)]!));
      });
      // The points' places round differently: float64 in, float32 out.
      expect(largest).toBeLessThan(1e-2);
    });

    test("the true transform leads from the pre- to the post-contrast scan", async () => {
      const options = { seed: 9, ...clean } as const;
      const misregistration = { rotationDeg: [4, -3, 8], shiftMm: [3, -5, 2] } as const;
      const [still, moved] = [await createPhantom(options), await createPhantom({ ...options, misregistration })];
      const back = pullBack(post(moved), moved.truth.misregistration);
      const error = (a: ArrayLike<number>) => mean(post(still).data.map((v, n) => Math.abs(v - a[n]!)));
      expect(error(back)).toBeLessThan(0.45 * error(post(moved).data));
    });
  });

  test("stripped: 0 outside the brain, as scanned within", async () => {
    const [whole, stripped] = [await shared, await createPhantom({ seed: 1, ...small, stripped: true })];
    const brain = whole.brain!.data;
    expect(sameBits(stripped.brain!.data, brain)).toBe(true);
    for (const [a, b] of [
      [whole.preContrast, stripped.preContrast],
      [post(whole), post(stripped)],
      [whole.truth.signal, stripped.truth.signal],
    ] as const)
      expect(
        sameBits(
          b.data,
          a.data.map((v, n) => (brain[n] ? v : 0)),
        ),
      ).toBe(true);
  });

  test("the histogram has a background and, beyond a valley, a clear peak of tissue", async () => {
    const study = await shared;
    for (const { data } of [study.preContrast, post(study)]) {
      const { background, valley, tissue, counts, binWidth } = peaks(data);
      expect(background * binWidth).toBeLessThan(80);
      expect(tissue * binWidth).toBeGreaterThan(450);
      expect(tissue * binWidth).toBeLessThan(1500);
      expect(counts[tissue]!).toBeGreaterThan(1.5 * counts[valley]!);
    }
  });
});

/** Longest distance of two voxel centres with the label, in mm. */
function longAxis({ grid, data }: Volume<Uint8Array>, label: number): number {
  const points: number[][] = [];
  const { shape, affine } = grid;
  eachVoxel(shape, (i, j, k, v) => {
    const edge = [1, shape[0], shape[0] * shape[1]].some((step) => data[v - step] !== label || data[v + step] !== label);
    if (data[v] === label && edge) points.push([affine[0]! * i, affine[5]! * j, affine[10]! * k]);
  });
  let longest = 0;
  for (const a of points)
    for (const b of points) longest = Math.max(longest, Math.hypot(a[0]! - b[0]!, a[1]! - b[1]!, a[2]! - b[2]!));
  return longest;
}

/** The volume's value at transform · x for each voxel at x, linearly between voxels. */
function pullBack({ grid, data }: Volume, t: ArrayLike<number>): number[] {
  const [ni, nj, nk] = grid.shape;
  const m = grid.affine;
  const value = (i: number, j: number, k: number) =>
    i < 0 || j < 0 || k < 0 || i >= ni || j >= nj || k >= nk ? 0 : data[i + ni * (j + nj * k)]!;
  const out: number[] = [];
  eachVoxel(grid.shape, (i, j, k) => {
    const p = [m[0]! * i + m[3]!, m[5]! * j + m[7]!, m[10]! * k + m[11]!];
    const at = [0, 1, 2].map((row) => {
      const world = t[4 * row]! * p[0]! + t[4 * row + 1]! * p[1]! + t[4 * row + 2]! * p[2]! + t[4 * row + 3]!;
      return (world - m[4 * row + 3]!) / m[5 * row]!;
    });
    const low = at.map(Math.floor);
    let sum = 0;
    for (let corner = 0; corner < 8; corner++) {
      const c = [corner & 1, (corner >> 1) & 1, corner >> 2];
      const weight = c.reduce((w, up, axis) => w * (up ? at[axis]! - low[axis]! : 1 - (at[axis]! - low[axis]!)), 1);
      sum += weight * value(low[0]! + c[0]!, low[1]! + c[1]!, low[2]! + c[2]!);
    }
    out.push(sum);
  });
  return out;
}

/** Bins of the background's peak, the valley behind it and the highest peak beyond: 128 bins to the 99.5th percentile, smoothed. */
function peaks(data: Float32Array) {
  const sorted = Float32Array.from(data).sort();
  const binWidth = sorted[Math.floor(0.995 * sorted.length)]! / 128;
  const raw = new Float64Array(128);
  for (const v of data) if (v < 128 * binWidth) raw[Math.floor(v / binWidth)]!++;
  const counts = raw.map((_, n) => mean([-2, -1, 0, 1, 2].map((d) => raw[Math.min(127, Math.abs(n + d))]!)));
  const background = counts.indexOf(Math.max(...counts.subarray(0, 20)));
  let valley = background;
  while (valley < 126 && counts[valley + 1]! <= counts[valley]!) valley++;
  const tissue = counts.indexOf(Math.max(...counts.subarray(valley)), valley);
  return { counts, binWidth, background, valley, tissue };
}
