import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { createGrid, createVolume, type Progress, type Volume, type VoxelArray } from "../../src/index.js";
import { loadStudy, saveVolume } from "../../src/node/index.js";
import { refusal } from "../io/files.js";
import { dataPath, hasData } from "../support/data.js";
import { temporaryFolder } from "./folder.js";

const root = temporaryFolder();
const grid = createGrid({ shape: [2, 2, 1], affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] });
const moved = createGrid({ shape: [2, 2, 1], affine: [1, 0, 0, 3, 0, 1, 0, 0, 0, 0, 1, 0] });
const of = (...voxels: number[]) => createVolume(Float32Array.from(voxels), grid);

async function folderWith(name: string, files: Readonly<Record<string, Volume<VoxelArray>>>): Promise<string> {
  const path = join(root, name);
  mkdirSync(path);
  for (const [file, volume] of Object.entries(files)) await saveVolume(join(path, file), volume);
  return path;
}

const pre = of(1, 2, 3, 4);
const post = createVolume(Float32Array.of(5, 6, 7, 8), moved);
const pair = { "t1.nii.gz": pre, "t1ce.nii.gz": post };

describe("loadStudy", () => {
  test("reads a pair; each volume keeps its own grid", async () => {
    const path = await folderWith("patient-1", pair);
    expect(await loadStudy(path)).toEqual({
      ...{ id: "patient-1", patient: "patient-1", preContrast: pre, postContrast: [{ volume: post, dose: 1 }] },
      ...{ others: {}, acquisition: {} },
    });
    expect((await loadStudy(`${path}/`)).id).toBe("patient-1");
    expect((await loadStudy(join(path, "..", "patient-1", "."))).id).toBe("patient-1");
  });

  test("reads masks, further sequences, and what it is told", async () => {
    const path = await folderWith("patient-2", {
      ...pair,
      "seg.nii": of(0, 1, 2, 3),
      "brainmask_t1.nii.gz": of(0, 1, 1, 1),
      "FLAIR.nii.gz": of(9, 9, 9, 9),
    });
    const steps: Progress[] = [];
    const study = await loadStudy(path, {
      ...{
        others: ["flair"],
        lesionLabels: [1, 3],
        dose: 0.5,
        id: "visit",
        patient: "somebody",
        acquisition: { fieldStrengthT: 3 },
      },
      onProgress: (p) => steps.push(p),
    });
    expect(study).toMatchObject({ id: "visit", patient: "somebody", acquisition: { fieldStrengthT: 3 } });
    expect(study.postContrast[0]!.dose).toBe(0.5);
    expect([...study.lesions!.data]).toEqual([0, 1, 0, 1]);
    expect([...study.brain!.data]).toEqual([0, 1, 1, 1]);
    expect([...study.others["flair"]!.data]).toEqual([9, 9, 9, 9]);
    expect(steps.map((s) => s.done)).toEqual([1, 2, 3, 4, 5]);
    expect(steps.every((s) => s.total === 5 && s.stage === "reading files")).toBe(true);
    expect([...(await loadStudy(path)).lesions!.data]).toEqual([0, 1, 1, 1]);
    await refusal(loadStudy(path, { lesionLabels: [4] }), "empty-mask", /label 4; the labels there are 1, 2, 3/);
  });

  test("finds files of other names, and the mask of last resort", async () => {
    const path = await folderWith("patient-3", {
      "BraTS-9-t1n.nii": pre,
      "BraTS-9-t1c.nii": post,
      "mask.nii": of(1, 1, 0, 0),
      "seg.nii": of(0, 0, 0, 0),
    });
    const study = await loadStudy(path, { names: { preContrast: "*-t1n", postContrast: ["*-t1gd", "*-t1c"] } });
    expect(study.preContrast).toEqual(pre);
    expect([...study.brain!.data]).toEqual([1, 1, 0, 0]);
    expect([...study.lesions!.data]).toEqual([0, 0, 0, 0]);
    await refusal(loadStudy(path), "bad-file", /patient-3 holds no t1 \(\.nii or \.nii\.gz\)/);
    // A name is not a pattern but for its stars.
    await refusal(loadStudy(path, { names: { preContrast: "BraTS.9.t1n" } }), "bad-file", /holds no BraTS\.9\.t1n/);
  });

  test("refuses", async () => {
    await refusal(loadStudy(join(root, "none")), "bad-file", /folder .*none can't be read: there is no such/);
    const path = await folderWith("patient-4", { ...pair, "T1.nii": pre });
    await refusal(loadStudy(path), "bad-file", /holds T1\.nii and t1\.nii\.gz, where one t1 is expected/);
    await refusal(loadStudy(path, { names: { preContrast: "t1ce" }, others: ["adc"] }), "bad-file", /no adc/);
    await refusal(loadStudy(path, { names: { preContrast: "t1ce" }, maxBytes: 3 }), "bad-file", /t1ce\.nii\.gz: .*maxBytes/);
    await refusal(loadStudy(path, { dose: 2 }), "out-of-range", /dose/);
    await refusal(loadStudy(path, { signal: AbortSignal.abort() }), "aborted", /Cancelled/);
  });

  const cases = [
    ["BraTS-GLI-00000", [240, 240, 155], [3]],
    ["TCGA-FG-6692_raw", [256, 224, 26], undefined],
    ["openMS_p19", [182, 218, 182], [1]],
  ] as const;
  test.skipIf(!hasData).each(cases)("reads %s", async (name, shape, lesionLabels) => {
    const study = await loadStudy(dataPath("pairs", name), lesionLabels ? { lesionLabels } : {});
    expect(study.id).toBe(basename(name));
    expect(study.preContrast.grid.shape).toEqual(shape);
    expect(study.postContrast[0]!.volume.grid.shape).toEqual(shape);
    expect(study.brain !== undefined).toBe(name === "TCGA-FG-6692_raw");
    expect(study.lesions?.data.includes(1)).toBe(lesionLabels && true);
  });
});
