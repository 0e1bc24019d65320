import { describe, expect, test } from "vitest";
import { dilate, percentile } from "../../src/filters/index.js";
import { composeAffine, invertAffine, resample, resampleLabels, voxelToWorld } from "../../src/geometry/index.js";
import { type Affine, createGrid, createMask, type Grid, type Mask, type Vec3, type Volume } from "../../src/index.js";
import { mae } from "../../src/metrics/index.js";
import { loadVolume } from "../../src/node/loadVolume.js";
import { type Registration, registerRigid } from "../../src/registration/index.js";
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

/** Each registration has a thread of its own, so two go on at a time. */
const transforms = async (...found: readonly Promise<Registration>[]): Promise<readonly Affine[]> =>
  (await Promise.all(found)).map(({ transform }) => transform);

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
    const [unmoved, found] = await transforms(registerRigid(t1, t1ce), registerRigid(t1, moved));
    expectExact(found!, composeAffine(known, unmoved!), brain);
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
    const elsewhere = {
      grid: createGrid({ shape: t1ce.grid.shape, affine: composeAffine(known, t1ce.grid.affine) }),
      data: t1ce.data,
    };
    const [unmoved, found] = await transforms(registerRigid(t1, t1ce), registerRigid(t1, elsewhere));
    expectExact(found!, composeAffine(known, unmoved!), brain);

    // Resampled through thick slices parts of the head are lost: a mask keeps to the brain.
    const fixedMask = dilate(resampleLabels(brain, t1.grid, { transform: unmoved! }), { radiusMm: 6 });
    const [masked, foundMasked] = await transforms(
      registerRigid(t1, t1ce, { fixedMask }),
      registerRigid(t1, moved, { fixedMask }),
    );
    expectExact(foundMasked!, composeAffine(known, masked!), brain);
  });
});
