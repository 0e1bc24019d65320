import { describe, expect, test } from "vitest";
import { createGrid, createVolume, type Study } from "../../src/index.js";
import { doNothing, linearExtrapolation } from "../../src/inference/index.js";
import {
  alignStudy,
  amplify,
  atlasStudy,
  boneClaims,
  boneTables,
  type ComparisonRow,
  chenClaims,
  chenTables,
  classicalSystem,
  cohortTable,
  compare,
  contrastRows,
  detectionReading,
  lowDoses,
  pinetzClaims,
  pinetzTables,
  prepareStudy,
  type System,
} from "../../src/recipes/index.js";
import { type DoseResult, toMarkdown } from "../../src/report/index.js";
import { smallStudy } from "./pair.js";

const study = prepareStudy(smallStudy(1));
const none = { system: classicalSystem(doNothing()) };
/** A "network" that predicts what it wants of the standard dose. */
const image = (name: string, share: number): { readonly system: System } => ({
  system: {
    name,
    source: "–",
    predicts: "image",
    networks: [],
    restorer: (_, { pre, post }) => ({
      name,
      signal: () => ({ grid: pre.grid, data: pre.data.map((v, i) => share * (post.data[i]! - v)) }),
    }),
  },
});

async function rowsOf(systems: readonly { readonly system: System }[], noise: "none" | "matched" = "none") {
  const rows: ComparisonRow[] = [];
  for await (const comparison of compare([study], systems, { doses: [0.3], seed: 1, noise })) rows.push(...comparison.rows);
  return rows;
}

describe("lowDoses", () => {
  test("takes the real scan where there is one, else a simulated one", () => {
    const raw = smallStudy(2);
    const [low] = lowDoses(prepareStudy(raw), { doses: [0.25], seed: 1 });
    expect(low!.real).toBe(false);
    const post = raw.postContrast[0]!.volume;
    const quarter = createVolume(
      post.data.map((v, i) => 0.5 * (0.75 * raw.preContrast.data[i]! * 1.7 + 0.25 * v)),
      post.grid,
    );
    const both = prepareStudy({
      ...raw,
      postContrast: [
        { volume: quarter, dose: 0.25 },
        { volume: post, dose: 1 },
      ],
    });
    expect(both.lows.map(({ dose }) => dose)).toEqual([0.25]);
    const [real, other] = lowDoses(both, { doses: [0.25, 0.5], seed: 1, noise: "none" });
    expect([real!.real, other!.real]).toEqual([true, false]);
    // The scan at a quarter has half the gain; calibrated, tissue is what it was.
    const tissue = (v: Float32Array) => v[15 + 30 * (6 + 28 * 13)]!;
    expect(tissue(real!.volume.data) / tissue(both.pre.data)).toBeCloseTo(1, 1);
    expect(() => lowDoses(both, { doses: [0], seed: 1 })).toThrowError(/dose must lie within/);
  });
});

describe("compare", () => {
  test("without noise the low dose has c̄ = ĉ = d, and linear extrapolation gives the standard dose", async () => {
    const rows = await rowsOf([none, { system: classicalSystem(linearExtrapolation()) }]);
    const lesion = (system: string) => rows.find((row) => row.system === system && row.region === "lesion")!;
    // Mixtures are stored in float32.
    expect(lesion("none").relativeMean).toBeCloseTo(0.3, 5);
    expect(lesion("none").relativeMax).toBeCloseTo(0.3, 5);
    expect(lesion("linear").relativeMean).toBeCloseTo(1, 5);
    expect(lesion("linear").psnr).toBeGreaterThan(100);
    expect(rows.map(({ region }) => region)).toEqual(["image", "brain", "lesion", "image", "brain", "lesion"]);
  });

  test("an image is matched radiometrically before it is measured", async () => {
    const brighter = image("brighter", 1);
    const { system } = brighter;
    const gained = {
      system: {
        ...system,
        restorer: () => ({
          name: "brighter",
          signal: () => ({ grid: study.pre.grid, data: study.pre.data.map((v, i) => 1.2 * study.post.data[i]! - v) }),
        }),
      },
    };
    const [row] = (await rowsOf([gained])).filter(({ region }) => region === "lesion");
    // The quiet part of the brain has a little enhancement of its own, which the match takes for gain.
    expect(row!.relativeMean).toBeGreaterThan(0.9);
    expect(row!.relativeMean).toBeLessThan(1.02);
  });

  test("refuses two systems of one name", async () => {
    await expect(rowsOf([none, none])).rejects.toThrowError(/names of their own/);
  });

  test("tables 1 to 3, and the claim", async () => {
    const rows = await rowsOf([none, image("weak", 0.7), { system: { ...image("ours", 0.95).system, predicts: "signal" } }]);
    const tables = pinetzTables([...rows, ...rows.map((row) => ({ ...row, case: "b", psnr: row.psnr + 0.5 }))], { ours: "ours" });
    expect(tables.map(({ number }) => number)).toEqual([1, 2, 3]);
    const first = toMarkdown(tables[0]!.table);
    expect(first).toMatch(/PSNR_I|PSNR\\_I/);
    expect(first).toMatch(/ours\s*\|[^\n]*\*\*0\.95/);
    const [claim] = pinetzClaims(rows, { ours: "ours", direct: ["weak"] });
    expect(claim!.holds).toBe(true);
    expect(pinetzClaims(rows, { ours: "weak", direct: ["ours"] })[0]!.holds).toBe(false);
    expect(() => pinetzTables([])).toThrowError(/no row/);
  });
});

describe("amplification", () => {
  test("a network that quadruples the signal, once and twice", async () => {
    const restorer = linearExtrapolation();
    const data = async (times: number) => (await amplify(restorer, study, { times, dose: 0.25 })).data;
    const v = study.lesions!.data.indexOf(1);
    const enhancement = study.post.data[v]! - study.pre.data[v]!;
    expect((await data(1))[v]! - study.pre.data[v]!).toBeCloseTo(4 * enhancement, 4);
    expect((await data(2))[v]! - study.pre.data[v]!).toBeCloseTo(16 * enhancement, 3);
  });

  test("contrast, detection and the claim", async () => {
    const amplified = await amplify(linearExtrapolation(), study, { dose: 0.5 });
    const rows = ["a", "b"].flatMap((name) => contrastRows({ ...study, id: name }, { T1c: study.post, "T1c-pro": amplified }));
    expect(boneClaims(rows).map(({ holds }) => holds)).toEqual([true, true, true]);
    expect(boneClaims(rows, { standard: "T1c-pro", amplified: "T1c" }).every(({ holds }) => !holds)).toBe(true);
    const lesion = { centerMm: [18, 14, 13], longMm: 5, shortMm: 5 } as const;
    const read = (arm: string, marks: (typeof lesion)[]) => detectionReading(study, marks, { reader: "A", arm });
    const far = { ...lesion, centerMm: [2, 2, 2] } as unknown as typeof lesion;
    const readings = [read("T1c", []), read("T1c-pro", [lesion, far])];
    expect(readings[0]!.lesions.map(({ found }) => found)).toEqual([false]);
    expect(readings[1]!.lesions.map(({ found }) => found)).toEqual([true]);
    expect(readings[1]!.falsePositivesMm).toEqual([5]);
    const more = readings.map((reading) => ({ ...reading, case: "b" }));
    const tables = boneTables({
      contrast: rows,
      readings: [...readings, ...more],
      grades: { T1c: [2, 3], "T1c-pro": [4, 4] },
      seconds: { T1c: [90, 100], "T1c-pro": [120, 130] },
    });
    expect(tables.map(({ caption }) => caption!.match(/\d/)![0])).toEqual(["3", "4", "5", "6"]);
    expect(contrastRows({ ...study, lesions: undefined } as never, { T1c: study.post })).toEqual([]);
  });
});

describe("by dose", () => {
  const results = (gains: readonly number[]): DoseResult[] =>
    ["a", "b"].flatMap((name) =>
      gains.flatMap((gain, n) =>
        ["psnr", "ssim"].flatMap((metric) =>
          [
            ["before restoration", 20],
            ["DL-restored", 20 + gain],
          ].map(([restorer, value]) => ({
            case: name,
            restorer: restorer as string,
            dose: n / 10,
            region: "tumour box",
            metric,
            value: value as number,
          })),
        ),
      ),
    );

  test("the claims ask for the greatest gain at one end, and the least at the other", () => {
    const holds = (gains: readonly number[]) => chenClaims(results(gains)).map((claim) => claim.holds);
    expect(holds([3, 2, 1])).toEqual([true, true, true, true]);
    expect(holds([1, 3, 0.5])).toEqual([false, true, false, true]);
    expect(holds([3, 1, 2])).toEqual([true, false, true, false]);
    expect(holds([-1, -2, -3])).toEqual([false, true, false, true]);
    expect(chenTables(results([3, 2, 1]))).toHaveLength(2);
  });

  test("the cohort: patients, scans, sizes", () => {
    const { rows } = cohortTable([study, { ...study, patient: "small-1" }, { patient: "none" }]);
    expect(rows.slice(0, 2)).toEqual([
      ["patients", "2"],
      ["scans", "3"],
    ]);
    expect(rows.at(-2)).toEqual(["tumour: none", "1 (33.3 %)"]);
  });
});

describe("registration as a step before", () => {
  const raw = smallStudy(3);
  const grid = raw.preContrast.grid;
  // The post-contrast scan lies 2 mm further along x.
  const shifted: Study = {
    ...raw,
    postContrast: [
      {
        dose: 1,
        volume: createVolume(raw.postContrast[0]!.volume.data, createGrid({ shape: grid.shape, affine: shiftX(grid.affine, 2) })),
      },
    ],
  };
  const register = async () => ({ transform: shiftX(Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1), 2) });

  test("alignStudy lays scans on the pre-contrast grid", async () => {
    const aligned = await alignStudy(shifted, { register });
    expect(aligned.postContrast[0]!.volume.grid).toEqual(grid);
    // Cubic B-splines at the voxels themselves, in float32.
    const v = raw.lesions!.data.indexOf(1);
    expect(aligned.postContrast[0]!.volume.data[v]).toBeCloseTo(raw.postContrast[0]!.volume.data[v]!, 1);
  });

  test("atlasStudy keeps the middle of the atlas, stripped", async () => {
    const identity = async () => ({ transform: Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1) });
    const atlas = { volume: raw.preContrast, brain: raw.brain! };
    const inAtlas = await atlasStudy(raw, atlas, { register: identity, shape: [24, 24, 24] });
    expect(inAtlas.preContrast.grid.shape).toEqual([24, 24, 24]);
    expect(inAtlas.lesions!.data.reduce((sum, v) => sum + v, 0)).toBe(raw.lesions!.data.reduce((sum, v) => sum + v, 0));
    expect(inAtlas.preContrast.data.filter((v, i) => v !== 0 && !inAtlas.brain!.data[i])).toHaveLength(0);
  });
});

function shiftX(affine: Float64Array | Readonly<Float64Array>, mm: number): Float64Array {
  const out = Float64Array.from(affine);
  out[3]! += mm;
  return out;
}
