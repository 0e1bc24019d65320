import { beforeAll, describe, expect, test } from "vitest";
import { composeAffine, resample } from "../../src/geometry/index.js";
import { createGrid, createMask, isGadoliniteError, type Progress, type Volume } from "../../src/index.js";
import type { PhantomStudy } from "../../src/phantom/index.js";
import { mutualInformation, registerRigid } from "../../src/registration/index.js";
import { distances, mapped, rigidMotion, smallHead } from "./phantom.js";

let head: PhantomStudy;
let post: Volume;
// Few iterations: this is about directions and wiring; how exact it is on real scans stands in the slow lane.
const quick = {
  preset: "chen2025",
  parameters: { MaximumNumberOfIterations: ["100"], NumberOfSpatialSamples: ["1000"] },
} as const;
const motion = rigidMotion(5, [1, 2, 3], [2, -2, 1], [0, 0, 0]);

beforeAll(async () => {
  head = await smallHead();
  post = head.postContrast[0]!.volume;
}, 60_000);

/** The volume as if the head had moved: only its place in the world changes. */
const movedInWorld = (volume: Volume): Volume => ({
  grid: createGrid({ shape: volume.grid.shape, affine: composeAffine(motion, volume.grid.affine) }),
  data: volume.data,
});

describe("registerRigid", () => {
  test("finds a motion between the scans of a head, in the direction that resample takes; twice the same", async () => {
    const moved = movedInWorld(post);
    const stages: Progress[] = [];
    const found = await registerRigid(head.preContrast, moved, { ...quick, onProgress: (p) => stages.push(p) });
    const { mean, max } = distances(found.transform, motion, head.brain!);
    // A tenth of a voxel of 3.4 mm.
    expect(mean).toBeLessThan(0.34);
    expect(max).toBeLessThan(0.5);
    const { before, after } = found.mutualInformation;
    expect(after).toBeGreaterThan(before);
    const back = resample(moved, post.grid, { interpolation: "cubic", transform: found.transform });
    expect(mutualInformation(head.preContrast, back)).toBeGreaterThan(0.9 * mutualInformation(head.preContrast, post));
    expect(found.warnings).toEqual([]);
    expect(stages.map(({ done, total }) => [done, total])).toEqual([
      [0, 1],
      [1, 1],
    ]);
    const again = await registerRigid(head.preContrast, moved, quick);
    expect([...again.transform]).toEqual([...found.transform]);
  });

  test("an abort ends it at once", async () => {
    const controller = new AbortController();
    const onProgress = () => setTimeout(() => controller.abort(new Error("enough")), 20);
    const begun = registerRigid(head.preContrast, post, { preset: "pinetz2024", signal: controller.signal, onProgress });
    await expect(begun).rejects.toSatisfy((error) => isGadoliniteError(error, "aborted"));
    await expect(registerRigid(head.preContrast, post, { signal: AbortSignal.abort() })).rejects.toThrow(/Cancelled/);
  });

  test("says when there is no match, and warns when it is poor", async () => {
    const flat = mapped(post, () => 1);
    await expect(registerRigid(head.preContrast, flat)).rejects.toThrow(/moving volume is constant/);
    const nowhere = rigidMotion(0, [1, 0, 0], [2000, 0, 0], [0, 0, 0]);
    const lost = registerRigid(head.preContrast, post, { ...quick, initial: nowhere });
    await expect(lost).rejects.toSatisfy((error) => isGadoliniteError(error, "not-converged"));
    const { warnings } = await registerRigid(head.preContrast, post, { ...quick, warnBelow: 3 });
    expect(warnings[0]).toMatch(/mutual information after registration is .*, less than 3/);
  });

  test.each([
    ["an unknown preset", { preset: "flirt" as "chen2025" }, /preset must be one of "chen2025"/],
    ["a negative threshold", { warnBelow: -1 }, /warnBelow must be finite and not negative/],
    ["a mask of another grid", { fixedMask: createMask([1], createGrid({ shape: [1, 1, 1] })) }, /grids differ/],
    ["a start that is no affine", { initial: new Float64Array(4) }, /16 finite numbers/],
  ])("refuses %s", async (_, options, message) => {
    await expect(registerRigid(head.preContrast, post, options)).rejects.toThrow(message);
  });

  test("refuses voxels that are not finite", async () => {
    const broken = mapped(post, (v, i) => (i === 9 ? Number.NaN : v));
    await expect(registerRigid(head.preContrast, broken)).rejects.toThrow(/moving volume has voxels that are NaN/);
  });
});
