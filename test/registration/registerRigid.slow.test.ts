import { describe, expect, test } from "vitest";
import { dilate, percentile } from "../../src/filters/index.js";
import { composeAffine, invertAffine, resample, resampleLabels, voxelToWorld } from "../../src/geometry/index.js";
import { type Affine, createGrid, createMask, type Grid, type Mask, type Vec3, type Volume } from "../../src/index.js";
import { mae } from "../../src/metrics/index.js";
import { loadVolume } from "../../src/node/loadVolume.js";
import { registerRigid } from "../../src/registration/index.js";
import { dataPath, hasData } from "../support/data.js";
import { distances, rigidMotion } from "./phantom.js";

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

  test("5° and 3 mm of a stripped glioblastoma at 1 mm: it lies on the T1 as without the motion", async () => {
    const [t1, t1ce] = [await scan("pairs/BraTS-GLI-00000/t1.nii.gz"), await scan("pairs/BraTS-GLI-00000/t1ce.nii.gz")];
    const brain = createMask(t1ce.data, t1ce.grid);
    const known = motionOf(t1ce.grid);
    const moved = movedScan(t1ce, known);
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
