import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createVolume, type Volume } from "../../src/index.js";
import { items, number, text, texts } from "../../src/io/dicom/dataset.js";
import { parseDicom } from "../../src/io/dicom/parseDicom.js";
import { isUid, randomUid } from "../../src/io/dicom/uid.js";
import { readDicomSeries, writeDicomSeries } from "../../src/io/index.js";
import { dataPath, hasData } from "../support/data.js";
import { golden } from "../support/golden.js";
import { scaleOf } from "../support/oracles.js";
import { dicomFile, type Elements, enhancedMr, mrSlice } from "./dicomFiles.js";
import { refusal } from "./files.js";

const doses = { givenDose: 0.1, shownDose: 1 };
const counter = () => {
  let n = 0;
  return () => `2.25.${++n}`;
};
const slices = (count: number, change: Elements = {}) =>
  Array.from({ length: count }, (_, k) => ({ name: `${k}`, bytes: dicomFile(mrSlice({ k, ...change })) }));
const likeSource = async (
  source: readonly { name: string; bytes: Uint8Array }[],
  voxel: (n: number) => number,
): Promise<Volume> => {
  const { volume } = await readDicomSeries(source);
  return createVolume(
    volume.data.map((_, n) => voxel(n)),
    volume.grid,
  );
};
const open = async (bytes: Uint8Array) => (await parseDicom({ name: "", bytes }, { left: 0 })).dataset;

describe("writeDicomSeries", () => {
  test("what is read back is what was written, on the same grid, and said to be scanned alike", async () => {
    const said: Elements = {
      ...{ PatientName: "Name^Any", PatientID: "P-1", PatientWeight: "80", MagneticFieldStrength: "3", SeriesDescription: "t1" },
      ...{ ScanningSequence: "GR", SequenceVariant: "SK\\SP", RepetitionTime: "9.5", EchoTime: "2.46", FlipAngle: "15" },
      ...{ ContrastBolusAgent: "Gadovist", ContrastBolusVolume: "0.8", SeriesNumber: "7" },
    };
    const source = slices(3, said);
    const before = await readDicomSeries(source);
    const volume = await likeSource(source, (n) => n - 4);
    const files = await writeDicomSeries(volume, { source, ...doses, newUid: counter() });
    expect(files.map(({ name }) => name)).toEqual(["0001.dcm", "0002.dcm", "0003.dcm"]);
    const after = await readDicomSeries(files);
    expect(after.volume).toEqual(volume);
    const { acquisition, injection, dose } = before;
    expect(after).toMatchObject({ acquisition, injection: injection!, dose: dose! });
    expect(after.header).toMatchObject({
      ...{ patientId: "P-1", studyInstanceUid: "1.2.3", seriesNumber: 1007, seriesDescription: "t1, dose 0.1 shown as 1" },
    });
    expect(after.header.seriesInstanceUid).not.toBe(before.header.seriesInstanceUid);
  });

  test("says that it is derived, from what and by whom", async () => {
    const source = slices(2);
    const date = new Date(2026, 0, 2, 3, 4, 5);
    const options = { source, ...doses, newUid: counter(), date, method: "Weights 3." };
    const files = await writeDicomSeries(await likeSource(source, () => 1), options);
    const dataset = await open(files[1]!.bytes);
    expect(texts(dataset, "ImageType").slice(0, 2)).toEqual(["DERIVED", "SECONDARY"]);
    expect(text(dataset, "DerivationDescription")).toMatch(
      /^Contrast of dose 1 computed from a scan at dose 0\.1 \(fractions of the standard dose\) by gadolinite [\d.]+\. Weights 3\.$/,
    );
    expect(text(items(dataset, "SourceImageSequence")[0]!, "ReferencedSOPInstanceUID")).toBe("1.2.3.2");
    const [equipment] = items(dataset, "ContributingEquipmentSequence");
    expect(text(equipment!, "Manufacturer")).toBe("gadolinite");
    expect(text(items(equipment!, "PurposeOfReferenceCodeSequence")[0]!, "CodeValue")).toBe("109102");
    expect([text(dataset, "SeriesDate"), text(dataset, "SeriesTime")]).toEqual(["20260102", "030405"]);
    expect(text(dataset, "SOPInstanceUID")).toBe("2.25.3");
    // The same arguments give the same bytes.
    expect(await writeDicomSeries(await likeSource(source, () => 1), { ...options, newUid: counter() })).toEqual(files);
  });

  test("any voxels come back within half a step of the 16 bits, whole ones exactly", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.integer({ min: -32767, max: 32767 }), fc.float({ noNaN: true, noDefaultInfinity: true })), {
          minLength: 12,
          maxLength: 12,
        }),
        async (voxels) => {
          const source = slices(2);
          const volume = await likeSource(source, (n) => voxels[n]!);
          const { volume: back } = await readDicomSeries(await writeDicomSeries(volume, { source, ...doses }));
          const exact = volume.data.every((v) => Number.isInteger(v) && Math.abs(v) <= 32767);
          // Half a step of 1/32767 of the largest, and the rounding of float32.
          const tolerance = exact ? 0 : Math.max(...volume.data.map(Math.abs)) * (0.5 / 32767 + 2 ** -23);
          back.data.forEach((v, n) => expect(Math.abs(v - volume.data[n]!)).toBeLessThanOrEqual(tolerance));
        },
      ),
    ));

  test("the frames of an enhanced image become classic slices", async () => {
    const source = [
      {
        name: "e",
        bytes: dicomFile(
          enhancedMr(
            [
              [0, 0, 4],
              [0, 0, 0],
              [0, 0, 2],
            ],
            { EchoPulseSequence: "SPIN" },
          ),
        ),
      },
    ];
    const { volume } = await readDicomSeries(source);
    const files = await writeDicomSeries(volume, { source, ...doses });
    const after = await readDicomSeries(files);
    expect(after.volume).toEqual(volume);
    expect(after.acquisition.sequence).toBe("spin-echo");
    const [from] = items(await open(files[0]!.bytes), "SourceImageSequence");
    expect(number(from!, "ReferencedFrameNumber")).toBe(2);
  });

  test.each(
    golden<{ series: readonly { name: string; files: readonly Uint8Array[]; volumeIndex?: number }[] }>("io/dicom").series.map(
      (s) => [s.name, s] as const,
    ),
  )("keeps the grid of %s", async (_name, { files: source, volumeIndex }) => {
    const which = volumeIndex === undefined ? {} : { volumeIndex };
    const { volume } = await readDicomSeries(source, which);
    const { volume: back } = await readDicomSeries(await writeDicomSeries(volume, { source, ...doses, ...which }));
    // Decimal text of sixteen characters holds what the source's did.
    expect(back.grid).toEqual(volume.grid);
    expect(Math.max(...back.data.map((v, n) => Math.abs(v - volume.data[n]!)))).toBeLessThanOrEqual(scaleOf(volume) / 60000);
  });

  test("refuses", async () => {
    const source = slices(2);
    const volume = await likeSource(source, () => 1);
    const write = (change: object, v: Volume = volume) => writeDicomSeries(v, { source, ...doses, ...change });
    await refusal(write({ source: slices(3) }), "grid-mismatch", /grids differ/);
    await refusal(write({ givenDose: 2 }), "out-of-range", /givenDose/);
    await refusal(
      write(
        {},
        createVolume(
          volume.data.map(() => Number.NaN),
          volume.grid,
        ),
      ),
      "out-of-range",
      /NaN/,
    );
    await refusal(write({ method: "x".repeat(1024) }), "out-of-range", /1024 fit/);
    await refusal(write({ seriesDescription: "größer" }), "out-of-range", /must be ASCII/);
    await refusal(write({ newUid: () => "a" }), "out-of-range", /newUid/);
    await refusal(write({ signal: AbortSignal.abort() }), "aborted", /Cancelled/);
  });

  test("UIDs are random UUIDs below 2.25", () => {
    const uids = Array.from({ length: 100 }, randomUid);
    expect(new Set(uids).size).toBe(100);
    for (const uid of uids) {
      expect(isUid(uid)).toBe(true);
      expect(uid).toMatch(/^2\.25\.\d{35,39}$/);
    }
    for (const wrong of ["", "1", "1.", "1.02", "1.2a", `1.${"2".repeat(64)}`]) expect(isUid(wrong)).toBe(false);
  });
});

const python = (code: string) => spawnSync("/usr/bin/python3", ["-c", code], { encoding: "utf8" });
const hasPydicom = python("import pydicom").status === 0;

test.skipIf(!hasPydicom || !hasData)("pydicom reads a derived series, and finds what an MR image needs", async () => {
  const folder = mkdtempSync(join(tmpdir(), "gadolinite-"));
  try {
    const names = Array.from({ length: 20 }, (_, k) => `brain_${String(k + 1).padStart(3, "0")}.dcm`);
    const source = names.map((name) => ({ name, bytes: readFileSync(dataPath("io/dicom/series", name)) }));
    const volume = await likeSource(source, (n) => Math.sin(n) * 500 + 600);
    const files = await writeDicomSeries(volume, { source, ...doses });
    for (const { name, bytes } of files) writeFileSync(join(folder, name), bytes);
    writeFileSync(join(folder, "voxels"), new Uint8Array(volume.data.buffer));
    const { stdout, stderr } = python(`
import pydicom, numpy as np, json, glob
files = [pydicom.dcmread(f) for f in sorted(glob.glob(${JSON.stringify(folder)} + "/*.dcm"))]
values = np.stack([d.pixel_array * float(d.RescaleSlope) + float(d.RescaleIntercept) for d in files])
voxels = np.fromfile(${JSON.stringify(folder)} + "/voxels", "<f4").reshape(values.shape)
d = files[3]
source = pydicom.dcmread(${JSON.stringify(dataPath("io/dicom/series/brain_004.dcm"))})
print(json.dumps({
  "error": float(np.abs(values - voxels).max() / float(d.RescaleSlope)),
  "type": list(d.ImageType), "class": d.SOPClassUID.name, "valid": bool(d.SOPInstanceUID.is_valid and d.SeriesInstanceUID.is_valid),
  "same": [bool(d[k] == source[k]) for k in ["PatientID", "PatientSex", "PatientAge", "StudyInstanceUID", "FrameOfReferenceUID", "MagneticFieldStrength"]],
  "place": [np.array_equal(d[k].value, source[k].value) for k in ["ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"]],
  "equipment": d.ContributingEquipmentSequence[0].Manufacturer, "source": d.SourceImageSequence[0].ReferencedSOPInstanceUID == source.SOPInstanceUID,
  "meta": d.file_meta.MediaStorageSOPInstanceUID == d.SOPInstanceUID}))
`);
    expect(stderr).toBe("");
    const { error, ...read } = JSON.parse(stdout);
    expect(error).toBeLessThan(0.51);
    expect(read).toEqual({
      ...{ type: ["DERIVED", "SECONDARY", "OTHER"], class: "MR Image Storage", valid: true, same: Array(6).fill(true) },
      ...{ place: [true, true, true], equipment: "gadolinite", source: true, meta: true },
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
