import { beforeAll, describe, expect, test } from "vitest";
import { dilate, percentile } from "../../src/filters/index.js";
import { composeAffine, invertAffine, resample, resampleLabels, voxelToWorld } from "../../src/geometry/index.js";
import {
  type Affine,
  createGrid,
  createMask,
  type Grid,
  type Mask,
  type Progress,
  type Vec3,
  type Volume,
} from "../../src/index.js";
import { dice, mae } from "../../src/metrics/index.js";
import { loadVolume } from "../../src/node/loadVolume.js";
import type { PhantomStudy } from "../../src/phantom/index.js";
import { atlasMask, registerAffine, registerRigid } from "../../src/registration/index.js";
import { dataPath, hasData } from "../support/data.js";
import { distances, mapped, rigidMotion, smallHead } from "./phantom.js";

let head: PhantomStudy;
let post: Volume;
const quick = { preset: "chen2025" } as const;
const motion = rigidMotion(5, [1, 2, 3], [2, -2, 1], [0, 0, 0]);

beforeAll(async () => {
  head = await smallHead();
  post = head.postContrast[0]!.volume;
}, 60_000);

describe("registerRigid on a phantom", () => {
  test("begins where it is told, or at the middles or centres of gravity where scans don't meet", async () => {
    const far = rigidMotion(0, [1, 0, 0], [400, 0, 0], [0, 0, 0]);
    const away = { grid: createGrid({ shape: post.grid.shape, affine: composeAffine(far, post.grid.affine) }), data: post.data };
    const given = await registerRigid(head.preContrast, away, { ...quick, initial: far });
    expect(distances(given.transform, far, head.brain!).max).toBeLessThan(0.5);
    const found = await registerRigid(head.preContrast, away, quick);
    expect(distances(found.transform, far, head.brain!).max).toBeLessThan(0.5);
  });

  test("masks keep what lies outside of them from mattering", async () => {
    // A bright bar that stays where it was when the head moved, as a marker on the coil would.
    const bar = (value: number, index: number) => (index % 52 < 6 ? 4000 : value);
    const moved = resample(post, post.grid, { interpolation: "cubic", transform: invertAffine(motion), clamp: true });
    const brain = head.brain!;
    const movedBrain = createMask(
      resample(brain, brain.grid, { interpolation: "nearest", transform: invertAffine(motion) }).data,
      brain.grid,
    );
    const { transform } = await registerRigid(mapped(head.preContrast, bar), mapped(moved, bar), {
      ...quick,
      fixedMask: brain,
      movingMask: movedBrain,
    });
    expect(distances(transform, motion, brain).mean).toBeLessThan(0.5);
  });
});

describe("registerAffine", () => {
  test("finds a stretched head", async () => {
    const stretch = Float64Array.of(1.05, 0, 0.02, 3, 0, 0.96, 0, -2, 0, 0.03, 1, 1, 0, 0, 0, 1);
    const affine = composeAffine(stretch, post.grid.affine);
    const stretched = { grid: createGrid({ shape: post.grid.shape, affine }), data: post.data };
    const stages: string[] = [];
    const onProgress = ({ stage }: Progress) => stages.push(stage);
    const { transform } = await registerAffine(head.preContrast, stretched, { ...quick, onProgress });
    expect(distances(transform, stretch, head.brain!).mean).toBeLessThan(0.5);
    expect(stages).toEqual(["rigid registration", "affine registration", "registered"]);
  });
});

const scan = (...path: readonly string[]) => loadVolume(dataPath(...path));
const maskFile = async (...path: readonly string[]): Promise<Mask> => {
  const { data, grid } = await scan(...path);
  return createMask(data, grid);
};
const middleOf = ({ shape }: Grid): Vec3 => [(shape[0] - 1) / 2, (shape[1] - 1) / 2, (shape[2] - 1) / 2];

/** 5° and 3 mm about the middle of a grid. */
const motionOf = (grid: Grid) => rigidMotion(5, [1, 2, 3], [2.449, -1.225, 1.225], voxelToWorld(grid, middleOf(grid)));

/** The scan as it would be if the patient had moved. */
const movedScan = (volume: Volume, by: Affine): Volume =>
  resample(volume, volume.grid, { interpolation: "cubic", transform: invertAffine(by), clamp: true });

describe.skipIf(!hasData)("registerRigid on real scans", () => {
  const expectExact = (found: Affine, known: Affine, brain: Mask) => {
    const { mean, max } = distances(found, known, brain);
    expect(mean).toBeLessThan(0.1);
    expect(max).toBeLessThan(0.25);
  };

  test("5° and 3 mm of a stripped glioblastoma at 1 mm: against itself, and against the T1 as well as without the motion", async () => {
    const [t1, t1ce] = [await scan("pairs/BraTS-GLI-00000/t1.nii.gz"), await scan("pairs/BraTS-GLI-00000/t1ce.nii.gz")];
    const brain = createMask(t1ce.data, t1ce.grid);
    const known = motionOf(t1ce.grid);
    const moved = movedScan(t1ce, known);
    expectExact((await registerRigid(t1ce, moved)).transform, known, brain);
    const unmoved = (await registerRigid(t1, t1ce)).transform;
    expectExact((await registerRigid(t1, moved)).transform, composeAffine(known, unmoved), brain);
  });

  test("the T1 that another program moved comes back", async () => {
    const [t1, moved] = [
      await scan("pairs/BraTS-GLI-00000/t1.nii.gz"),
      await scan("pairs/BraTS-GLI-00000/t1_rigidly_moved.nii.gz"),
    ];
    const { transform } = await registerRigid(t1, moved);
    const back = resample(moved, t1.grid, { interpolation: "cubic", clamp: true, transform });
    const brain = createMask(t1.data, t1.grid);
    const range = percentile(t1, 99, { mask: brain });
    // What remains is the blur of its interpolation there and here.
    expect(mae(t1, back, { mask: brain }) / range).toBeLessThan(0.02);
    expect(mae(t1, moved, { mask: brain }) / range).toBeGreaterThan(0.05);
  });

  test("5° and 3 mm of an oblique head with slices of 5.5 mm, before it is laid on the T1", async () => {
    const [t1, t1ce] = [await scan("pairs/TCGA-FG-6692_raw/t1.nii.gz"), await scan("pairs/TCGA-FG-6692_raw/t1ce.nii.gz")];
    const brain = await maskFile("pairs/TCGA-FG-6692_raw/brainmask_t1ce.nii.gz");
    const known = motionOf(t1ce.grid);
    const moved = movedScan(t1ce, known);
    expectExact((await registerRigid(t1ce, moved)).transform, known, brain);

    // By its header alone nothing is interpolated.
    const unmoved = (await registerRigid(t1, t1ce)).transform;
    const elsewhere = {
      grid: createGrid({ shape: t1ce.grid.shape, affine: composeAffine(known, t1ce.grid.affine) }),
      data: t1ce.data,
    };
    expectExact((await registerRigid(t1, elsewhere)).transform, composeAffine(known, unmoved), brain);

    // Resampled through thick slices parts of the head are lost: a mask keeps to the brain.
    const brainOnT1 = resampleLabels(brain, t1.grid, { transform: unmoved });
    const fixedMask = dilate(brainOnT1, { radiusMm: 6 });
    const masked = (await registerRigid(t1, t1ce, { fixedMask })).transform;
    expectExact((await registerRigid(t1, moved, { fixedMask })).transform, composeAffine(known, masked), brain);
  });
});

test.skipIf(!hasData)("atlasMask finds the brain of an oblique head with slices of 5.5 mm", async () => {
  const t1ce = await scan("pairs/TCGA-FG-6692_raw/t1ce.nii.gz");
  const [atlas, atlasBrain] = [
    await scan("templates/mni152_fsl_t1_head_1mm.nii.gz"),
    await maskFile("templates/mni152_fsl_brainmask_1mm.nii.gz"),
  ];
  const { mask, registration } = await atlasMask(t1ce, atlas, atlasBrain);
  expect(dice(await maskFile("pairs/TCGA-FG-6692_raw/brainmask_t1ce.nii.gz"), mask)).toBeGreaterThan(0.9);
  expect(registration.mutualInformation.after).toBeGreaterThan(2 * registration.mutualInformation.before);
});
