import { expect, test } from "vitest";
import { createGrid, createVolume, isGadoliniteError } from "../../../src/index.js";
import {
  readMetaImage,
  readMgh,
  readNifti,
  readNrrd,
  readVolume,
  writeMetaImage,
  writeMgh,
  writeNifti,
  writeNrrd,
} from "../../../src/io/index.js";

const grid = createGrid({ shape: [5, 4, 3], spacingMm: [1, 2, 3] });
const volume = createVolume(
  Float32Array.from({ length: 60 }, (_, v) => Math.fround(Math.sin(v))),
  grid,
);

for (const [format, write, read] of [
  ["NIfTI", () => writeNifti(volume), readNifti],
  ["NIfTI, gzip", () => writeNifti(volume, { gzip: true }), readNifti],
  ["NRRD", () => writeNrrd(volume), readNrrd],
  ["MetaImage", () => writeMetaImage(volume), readMetaImage],
  ["MGH", () => writeMgh(volume), readMgh],
] as const)
  test(`${format}: what is written is read, by its own reader and by its first bytes`, async () => {
    const bytes = await write();
    for (const found of [await read(bytes), await readVolume(bytes)]) {
      expect(found.volume.data).toEqual(volume.data);
      expect(found.volume.grid.shape).toEqual([5, 4, 3]);
    }
  });

test("a broken file is refused", async () => {
  const bytes = await writeNifti(volume, { gzip: true });
  const error = await readNifti(bytes.slice(0, bytes.length - 20)).catch((e: unknown) => e);
  expect(isGadoliniteError(error, "bad-file")).toBe(true);
});
