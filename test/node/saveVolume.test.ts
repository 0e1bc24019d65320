import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sameGrid } from "../../src/index.js";
import { writeNifti } from "../../src/io/index.js";
import { loadVolume, loadVolumeWithHeader, saveVolume } from "../../src/node/index.js";
import { refusal } from "../io/files.js";
import { volume, volumeOf } from "../support/arbitraries.js";
import { temporaryFolder } from "./folder.js";

const folder = temporaryFolder();

describe("saveVolume", () => {
  test("what is loaded is what was saved", () =>
    fc.assert(
      fc.asyncProperty(
        volume(4),
        fc.constantFrom("a.nii", "b.nii.gz", "c.NII.GZ"),
        fc.integer({ min: 1, max: 9 }),
        async (v, name, gzipLevel) => {
          const path = join(folder, name);
          await saveVolume(path, v, { version: 2, gzipLevel });
          expect(await loadVolume(path)).toEqual(v);
          expect(readFileSync(path)[0] === 0x1f).toBe(name !== "a.nii");
        },
      ),
      { numRuns: 30 },
    ));

  test("writes the bytes of writeNifti", async () => {
    const v = volumeOf([2, 1, 1], [1.5, 2.5]);
    const options = { dtype: "int16", slope: 0.5, description: "half" } as const;
    await saveVolume(join(folder, "d.nii"), v, options);
    expect(new Uint8Array(readFileSync(join(folder, "d.nii")))).toEqual(await writeNifti(v, options));
    expect((await loadVolumeWithHeader(join(folder, "d.nii"))).header).toMatchObject({
      dtype: "int16",
      slope: 0.5,
      description: "half",
    });
  });

  test.each(["a.nrrd", "a.nhdr", "a.mha", "a.MHD", "a.mgh", "a.mgz"])("%s: what is loaded is what was saved", (name) =>
    fc.assert(
      fc.asyncProperty(volume(4), fc.integer({ min: 1, max: 9 }), async (v, gzipLevel) => {
        const path = join(folder, name);
        await saveVolume(path, v, { gzipLevel });
        const again = await loadVolume(path);
        expect(again.data).toEqual(v.data);
        expect(sameGrid(again.grid, v.grid)).toBe(true);
      }),
      { numRuns: 10 },
    ),
  );

  test("a format refuses what it can't hold", async () => {
    const v = volumeOf([1, 1, 1], [300]);
    await saveVolume(join(folder, "e.mgz"), v, { dtype: "int16" });
    expect((await loadVolumeWithHeader(join(folder, "e.mgz"))).header).toMatchObject({ format: "mgh", dtype: "int16" });
    await refusal(saveVolume(join(folder, "f.mgz"), v, { dtype: "int8" }), "out-of-range", /dtype must be one of/);
    await refusal(saveVolume(join(folder, "f.mha"), v, { slope: 2 }), "out-of-range", /slope is an option of NIfTI; \.mha/);
    await refusal(saveVolume(join(folder, "100%.nhdr"), v), "out-of-range", /dataFile must be the name/);
    expect(existsSync(join(folder, "100%.nhdr"))).toBe(false);
  });

  test("refuses, and leaves what was there, and nothing beside it", async () => {
    const place = join(folder, "place");
    mkdirSync(place);
    writeFileSync(join(place, "old.nii"), "old");
    const v = volumeOf([1, 1, 1], [300]);
    await refusal(saveVolume(join(place, "old.nii"), v, { dtype: "uint8" }), "out-of-range", /uint8 holds 0 to 255/);
    await refusal(saveVolume(join(place, "old.nii"), v, { signal: AbortSignal.abort() }), "aborted", /Cancelled/);
    for (const name of ["a.nrrd.gz", "a", "nii", "a.nii.bz2", "a.img"])
      await refusal(saveVolume(join(place, name), v), "unsupported", /\.nii, \.nii\.gz, \.nrrd/);
    for (const gzipLevel of [0, 10, 1.5, Number.NaN])
      await refusal(saveVolume(join(place, "a.nii.gz"), v, { gzipLevel }), "out-of-range", /gzipLevel/);
    await refusal(saveVolume(join(place, "none", "a.nii"), v), "bad-file", /can't be written: there is no such file or folder/);
    expect(readdirSync(place)).toEqual(["old.nii"]);
    expect(readFileSync(join(place, "old.nii"), "utf8")).toBe("old");
    expect(existsSync(join(place, "none"))).toBe(false);
  });
});
