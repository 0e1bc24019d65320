import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createGrid, createVolume } from "../../src/index.js";
import { writeDicomSeries, writeOmeZarr } from "../../src/io/index.js";
import { loadDicomSeries, loadVolume, loadVolumeWithHeader, zarrFolder } from "../../src/node/index.js";
import { dicomFile, type Elements, mrSlice } from "../io/dicomFiles.js";
import { refusal } from "../io/files.js";
import { dataPath, hasData } from "../support/data.js";
import { temporaryFolder } from "./folder.js";

const root = temporaryFolder();
function folder(name: string, files: Readonly<Record<string, Elements | Uint8Array>>): string {
  const path = join(root, name);
  mkdirSync(path, { recursive: true });
  for (const [file, content] of Object.entries(files))
    writeFileSync(join(path, file), content instanceof Uint8Array ? content : dicomFile(content));
  return path;
}

const series = (uid: string, prefix: string, count = 2) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, k) => [
      `${prefix}${k}`,
      mrSlice({ k, SeriesInstanceUID: uid, SOPInstanceUID: `${uid}.${k}`, SeriesDescription: prefix }),
    ]),
  );

describe("a folder of DICOM files", () => {
  test("is read whatever else lies in it", async () => {
    const path = folder("one", {
      ...series("1.2.3", "t1"),
      "README.txt": new TextEncoder().encode("not an image"),
      DICOMDIR: { SOPClassUID: "1.2.840.10008.1.3.10" },
    });
    mkdirSync(join(path, "sub"));
    const { volume, header } = await loadDicomSeries(path);
    expect(volume.grid.shape).toEqual([3, 2, 2]);
    expect(header.slices).toEqual([join(path, "t10"), join(path, "t11")]);
    expect(await loadVolume(path)).toEqual(volume);
    expect((await loadVolumeWithHeader(path)).header.format).toBe("dicom");
  });

  test("of several series gives one that is chosen, and else lists them", async () => {
    const path = folder("two", { ...series("1.2.3", "t1"), ...series("1.2.4", "flair", 3) });
    await refusal(loadVolume(path), "unsupported", /several series.*1\.2\.4.*1\.2\.3.*seriesInstanceUid/);
    expect((await loadVolume(path, { seriesInstanceUid: "1.2.4" })).grid.shape).toEqual([3, 2, 3]);
    expect((await loadVolume(path, { seriesInstanceUid: "1.2.3" })).grid.shape).toEqual([3, 2, 2]);
  });

  test("refuses, naming folder and file", async () => {
    await refusal(loadDicomSeries(join(root, "none")), "bad-file", /none can't be read: there is no such/);
    const path = folder("empty", {});
    mkdirSync(join(path, "series-1"));
    await refusal(loadVolume(path), "bad-file", /empty holds no DICOM files, but folders: series-1/);
    const cut = folder("cut", { a: dicomFile(mrSlice()).slice(0, -1) });
    await refusal(loadVolume(cut), "bad-file", /cut\/a: .*cut short/);
    await refusal(loadVolume(cut, { signal: AbortSignal.abort() }), "aborted", /Cancelled/);
    await refusal(loadVolume(join(folder("slice", series("1.2.3", "t1", 1)), "t10")), "unsupported", /one image of a series/);
  });

  test.skipIf(!hasData)("reads the brain, and what is derived from it", async () => {
    const { volume, header } = await loadDicomSeries(dataPath("io/dicom/series"));
    expect(volume.grid.shape).toEqual([256, 256, 20]);
    expect(header.slices[0]).toMatch(/brain_001\.dcm$/);
    const source = header.slices.map((name) => ({ name, bytes: readFileSync(name) }));
    const files = await writeDicomSeries(volume, { source, givenDose: 0.1, shownDose: 1 });
    const path = folder("derived", Object.fromEntries(files.map(({ name, bytes }) => [name, bytes])));
    const again = await loadVolume(path);
    expect(again.grid).toEqual(volume.grid);
    // A million voxels: one assertion.
    expect(again.data.findIndex((v, n) => v !== volume.data[n])).toBe(-1);
  });
});

test("a folder of an OME-Zarr image is a volume", async () => {
  const volume = createVolume(
    Float32Array.of(1, 2, 3, 4),
    createGrid({ shape: [2, 2, 1], affine: [1, 0, 0, 4, 0, 1, 0, 5, 0, 0, 1, 6] }),
  );
  const path = join(root, "a.ome.zarr");
  await writeOmeZarr(zarrFolder(path), volume);
  expect(await loadVolume(path)).toEqual(volume);
  await refusal(loadVolume(path, { maxBytes: 3 }), "bad-file", /maxBytes = 3/);
  await refusal(Promise.resolve(zarrFolder(path).get("/../../secret")), "bad-file", /leads out of the folder/);
});
