import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readImageNode } from "@itk-wasm/image-io";
import { describe, expect, test } from "vitest";
import type { Grid, Volume } from "../../src/index.js";
import { readDicomSeries, writeDicomSeries } from "../../src/io/index.js";
import { loadVolume, saveVolume } from "../../src/node/index.js";
import { temporaryFolder } from "../node/folder.js";
import { dataPath, hasData } from "../support/data.js";

interface ItkImage {
  readonly size: readonly number[];
  readonly origin: readonly number[];
  readonly spacing: readonly number[];
  /** Row-major, in LPS. */
  readonly direction: Float64Array;
  readonly data: ArrayLike<number>;
}

const root = temporaryFolder();

/** What ITK reads, and its affine in RAS+. */
async function byItk(path: string): Promise<{ readonly image: ItkImage; readonly affine: readonly number[] }> {
  const image = (await readImageNode(path)) as unknown as ItkImage;
  const signs = [-1, -1, 1];
  const rows = signs.map((sign, row) => [
    ...[0, 1, 2].map((column) => sign * image.direction[3 * row + column]! * image.spacing[column]!),
    sign * image.origin[row]!,
  ]);
  return { image, affine: [...rows.flat(), 0, 0, 0, 1] };
}

// ITK multiplies unit vectors, whose length it takes from the file's decimal text, with the spacing; MGH's are float32.
function expectAffine(grid: Grid, affine: readonly number[], tolerance: number, columns = 3): void {
  for (let n = 0; n < 12; n++)
    if (n % 4 === 3 || n % 4 < columns) expect(Math.abs(grid.affine[n]! - affine[n]!)).toBeLessThan(tolerance);
}

function expectSame(volume: Volume, image: ItkImage): void {
  expect(volume.grid.shape).toEqual(image.size);
  expect(volume.data.length).toBe(image.data.length);
  // Millions of voxels: one assertion.
  expect(volume.data.findIndex((v, n) => v !== Math.fround(image.data[n]!))).toBe(-1);
}

const FILES = [
  "nrrd/FLAIR.nrrd",
  "nrrd/BallBinary30x30x30.nrrd",
  "nrrd/BallBinary30x30x30.nhdr",
  "nrrd/BallBinary30x30x30_gz.nrrd",
  "metaimage/mha.mha",
  "mgh/wm.mgz",
];

describe.skipIf(!hasData)("ITK reads the same", () => {
  test.each(FILES)("%s", async (name) => {
    const volume = await loadVolume(dataPath("io", name));
    const { image, affine } = await byItk(dataPath("io", name));
    expectSame(volume, image);
    expectAffine(volume.grid, affine, name.startsWith("mgh") ? 1e-4 : 1e-9);
  });

  test.each(["nrrd", "mha", "mgz"])("a scan written as .%s", async (end) => {
    const volume = await loadVolume(dataPath("io/nrrd/FLAIR.nrrd"));
    const path = join(root, `flair.${end}`);
    await saveVolume(path, volume);
    const { image, affine } = await byItk(path);
    expectSame(volume, image);
    expectAffine(volume.grid, affine, end === "mgz" ? 1e-4 : 1e-9);
  });

  test.each([
    "MR_small.dcm",
    "MR_small_implicit.dcm",
    "MR_small_expb.dcm",
    "MR_small_RLE.dcm",
    "MR_small_jp2klossless.dcm",
    "MR_small_jpeg_ls_lossless.dcm",
  ])("a slice, and what is derived from it: %s", async (name) => {
    const path = dataPath("io/dicom/mr_small", name);
    const source = [{ name, bytes: readFileSync(path) }];
    const { volume } = await readDicomSeries(source);
    const { image, affine } = await byItk(path);
    expectSame(volume, image);
    // A slice alone has a step of 1 in ITK.
    expectAffine(volume.grid, affine, 1e-9, 2);
    const [file] = await writeDicomSeries(volume, { source, givenDose: 0.1, shownDose: 1 });
    writeFileSync(join(root, name), file!.bytes);
    const derived = await byItk(join(root, name));
    expectSame(volume, derived.image);
    expectAffine(volume.grid, derived.affine, 1e-9, 2);
  });
});
