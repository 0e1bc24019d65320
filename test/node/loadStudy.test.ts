import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { createGrid, createVolume, type Progress, type Volume, type VoxelArray } from "../../src/index.js";
import { loadStudy, loadVolume, saveDerivative, saveVolume } from "../../src/node/index.js";
import { dicomFile, type Elements, mrSlice } from "../io/dicomFiles.js";
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

/** Two slices of a series. */
function dicomFolder(path: string, change: Elements, prefix = ""): void {
  mkdirSync(path, { recursive: true });
  for (const k of [0, 1])
    writeFileSync(join(path, `${prefix}${k}`), dicomFile(mrSlice({ k, SOPInstanceUID: `1.9${k}`, ...change })));
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
    await refusal(loadStudy(path), "bad-file", /patient-3 holds no t1 \(\.nii or \.nii\.gz, or a folder of DICOM files\)/);
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

  test("reads folders of DICOM files, how they were acquired and what was injected", async () => {
    const said = { MagneticFieldStrength: "3", RepetitionTime: "9.5", EchoTime: "2" };
    const path = join(root, "patient-5");
    const given = { PatientWeight: "70", ContrastBolusAgent: "Gadavist", ContrastBolusVolume: "7.5" };
    dicomFolder(join(path, "t1"), { ...said });
    dicomFolder(join(path, "t1ce"), { ...said, EchoTime: "3", FlipAngle: "15", ...given });
    const study = await loadStudy(path);
    expect(study.preContrast.grid.shape).toEqual([3, 2, 2]);
    // The echo times differ.
    expect(study.acquisition).toEqual({ fieldStrengthT: 3, repetitionTimeMs: 9.5, flipAngleDeg: 15 });
    // 7.5 ml for 70 kg is the standard dose, rounded to the syringe.
    expect(study.postContrast[0]!.dose).toBe(1);
    expect(study.postContrast[0]!.injection).toMatchObject({ agent: "gadobutrol", volumeMl: 7.5, patientWeightKg: 70 });
    dicomFolder(join(path, "tenth"), { ...said, ...given, ContrastBolusVolume: "0.7" });
    const tenth = await loadStudy(path, { names: { postContrast: "tenth" } });
    expect(tenth.postContrast[0]!.dose).toBeCloseTo(0.1, 12);
    expect((await loadStudy(path, { names: { postContrast: "tenth" }, dose: 0.2 })).postContrast[0]!.dose).toBe(0.2);
  });

  test("reads two series in one folder of DICOM files by their UIDs", async () => {
    const path = join(root, "patient-6");
    dicomFolder(path, { SeriesInstanceUID: "1.2.7" }, "a");
    dicomFolder(path, { SeriesInstanceUID: "1.2.8", ...{ EchoTime: "9" } }, "b");
    const study = await loadStudy(path, { names: { preContrast: "1.2.7", postContrast: "1.2.8" } });
    expect(study.acquisition).toEqual({ echoTimeMs: 9 });
    await refusal(
      loadStudy(path, { names: { preContrast: "1.2.9", postContrast: "1.2.8" } }),
      "out-of-range",
      /No file is of series 1\.2\.9/,
    );
  });

  describe("BIDS", () => {
    const bids = async (name: string, files: readonly string[], sidecars: Readonly<Record<string, object>> = {}) => {
      const path = join(root, name);
      for (const [n, file] of files.entries()) {
        mkdirSync(dirname(join(path, file)), { recursive: true });
        await saveVolume(join(path, file), of(n, n, n, n));
      }
      for (const [file, content] of Object.entries(sidecars)) writeFileSync(join(path, file), JSON.stringify(content));
      return path;
    };

    test("finds T1w without and with ce, and reads sidecars from the top down", async () => {
      const anat = "sub-01/ses-02/anat/sub-01_ses-02";
      const path = await bids("data", [`${anat}_T1w.nii.gz`, `${anat}_ce-gadolinium_T1w.nii.gz`, `${anat}_T2w.nii.gz`], {
        "dataset_description.json": { Name: "x", BIDSVersion: "1.10.0" },
        "T1w.json": { MagneticFieldStrength: 3, RepetitionTime: 2.3, EchoTime: 0.1 },
        "sub-01/sub-01_T1w.json": { EchoTime: 0.00246, FlipAngle: 15 },
        "sub-01/sub-01_ce-gadolinium_T1w.json": { EchoTime: 0.00246, FlipAngle: 9 },
        "T2w.json": { MagneticFieldStrength: 7 },
        [`${anat}_T1w.json`]: { ScanningSequence: "GR", SequenceVariant: "SK_SP", RepetitionTimeExcitation: 0.0095 },
        [`${anat}_ce-gadolinium_T1w.json`]: { ScanningSequence: ["GR"] },
      });
      for (const folder of ["sub-01", "sub-01/ses-02", "sub-01/ses-02/anat"]) {
        const study = await loadStudy(join(path, folder));
        expect(study).toMatchObject({ id: "sub-01_ses-02", patient: "sub-01" });
        expect(study.preContrast.data[0]).toBe(0);
        expect(study.postContrast[0]!.volume.data[0]).toBe(1);
        // Repetition times and flip angles differ between the two; that the second is spoiled is not said.
        expect(study.acquisition).toEqual({ fieldStrengthT: 3, echoTimeMs: 2.46, sequence: "spoiled-gradient-echo" });
      }
    });

    test("refuses, and lists what is there", async () => {
      const path = await bids("more", [
        "sub-01/anat/sub-01_run-1_T1w.nii",
        "sub-01/anat/sub-01_run-2_T1w.nii",
        "sub-02/anat/sub-02_T1w.nii",
      ]);
      await refusal(
        loadStudy(join(path, "sub-01")),
        "bad-file",
        /run-1_T1w\.nii and sub-01_run-2_T1w\.nii, where one T1w without the entity ce/,
      );
      await refusal(loadStudy(join(path, "sub-02")), "bad-file", /holds no scan, where one T1w with the entity ce/);
      const names = { preContrast: "*run-1*", postContrast: "*run-2*" };
      expect((await loadStudy(join(path, "sub-01"), { names })).postContrast[0]!.volume.data[0]).toBe(1);
      await bids("more", ["sub-03/ses-1/anat/a.nii", "sub-03/ses-2/anat/a.nii"]);
      await refusal(loadStudy(join(path, "sub-03")), "bad-file", /2 sessions: ses-1, ses-2/);
      writeFileSync(join(path, "sub-01/anat/sub-01_run-1_T1w.json"), "{");
      await refusal(loadStudy(join(path, "sub-01"), { names }), "bad-file", /run-1_T1w\.json is no JSON/);
    });

    test("writes derivatives that are read again", async () => {
      const source = join(
        await bids("raw", ["sub-01/anat/sub-01_ce-gadolinium_T1w.nii.gz"]),
        "sub-01/anat/sub-01_ce-gadolinium_T1w.nii.gz",
      );
      const path = await saveDerivative(source, of(1, 2, 3, 4), {
        ...{ desc: "restored", skullStripped: true, metadata: { Description: "From a tenth" }, dtype: "int16" },
      });
      expect(path).toBe(join(root, "raw/derivatives/gadolinite/sub-01/anat/sub-01_ce-gadolinium_desc-restored_T1w.nii.gz"));
      expect([...(await loadVolume(path)).data]).toEqual([1, 2, 3, 4]);
      const json = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));
      expect(json(path.replace(".nii.gz", ".json"))).toEqual({
        ...{
          Sources: ["bids:raw:sub-01/anat/sub-01_ce-gadolinium_T1w.nii.gz"],
          SkullStripped: true,
          Description: "From a tenth",
        },
      });
      expect(json(join(root, "raw/derivatives/gadolinite/dataset_description.json"))).toMatchObject({
        ...{ DatasetType: "derivative", GeneratedBy: [{ Name: "gadolinite" }], DatasetLinks: { raw: "../.." } },
      });
      await refusal(
        saveDerivative(source, of(1, 2, 3, 4), { desc: "a-b", skullStripped: true }),
        "out-of-range",
        /letters and digits/,
      );
      await refusal(
        saveDerivative("t1.nii", of(1, 2, 3, 4), { desc: "a", skullStripped: true }),
        "out-of-range",
        /called like sub-01/,
      );
    });
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
