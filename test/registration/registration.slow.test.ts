import { beforeAll, describe, expect, test } from "vitest";
import { composeAffine, invertAffine, resample } from "../../src/geometry/index.js";
import { createGrid, createMask, type Mask, type Progress, type Volume } from "../../src/index.js";
import { dice } from "../../src/metrics/index.js";
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
