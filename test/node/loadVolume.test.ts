import { chmodSync, existsSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createGrid, createVolume } from "../../src/index.js";
import { readNifti, writeDetachedMetaImage, writeDetachedNrrd } from "../../src/io/index.js";
import { loadVolume, loadVolumeWithHeader } from "../../src/node/index.js";
import { goldenFiles, gz, niftiFile, refusal } from "../io/files.js";
import { temporaryFolder } from "./folder.js";

const folder = temporaryFolder();
const at = (name: string, bytes: Uint8Array = niftiFile()) => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};

describe("loadVolume", () => {
  test("reads what readNifti reads", async () => {
    for (const { bytes } of goldenFiles().slice(0, 12)) {
      const expected = await readNifti(bytes);
      for (const path of [at("a.nii", bytes), at("b.nii.gz", bytes[0] === 0x1f ? bytes : gz(bytes))]) {
        expect(await loadVolume(path)).toEqual(expected.volume);
        expect(await loadVolumeWithHeader(path)).toEqual(expected);
      }
    }
  });

  test("reads gzip that is called .nii", async () => {
    expect((await loadVolume(at("c.nii", gz(niftiFile())))).data).toHaveLength(8);
  });

  test("passes its options on", async () => {
    const path = at("series.nii", niftiFile({ dims: [1, 1, 1, 8] }, Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7)));
    expect([...(await loadVolume(path, { volumeIndex: 5 })).data]).toEqual([5]);
    await refusal(loadVolume(path, { volumeIndex: 5, maxBytes: 3 }), "bad-file", /maxBytes = 3/);
  });

  test("stops when it is told to", async () => {
    await refusal(loadVolume(at("d.nii"), { signal: AbortSignal.abort() }), "aborted", /Cancelled/);
    const stopper = new AbortController();
    const loading = loadVolume(at("d.nii.gz", gz(niftiFile())), { signal: stopper.signal });
    stopper.abort();
    await refusal(loading, "aborted", /Cancelled/);
  });

  test("refuses, naming the file", async () => {
    await refusal(loadVolume(join(folder, "none.nii")), "bad-file", /none\.nii can't be read: there is no such file/);
    await refusal(loadVolume(join(at("e.nii"), "f.nii")), "bad-file", /part of the path is a file/);
    mkdirSync(join(folder, "g.nii"));
    await refusal(loadVolume(join(folder, "g.nii")), "bad-file", /g\.nii holds no DICOM files/);
    await refusal(loadVolume(at("h.nii.gz")), "bad-file", /h\.nii\.gz is called \.gz, but its content is not gzip/);
    await refusal(loadVolume(at("empty.nii.gz", new Uint8Array(0))), "bad-file", /not gzip/);
    await refusal(loadVolume(at("empty.nii", new Uint8Array(0))), "bad-file", /empty\.nii: The file is empty/);
    await refusal(loadVolume(at("i.nii", niftiFile().slice(0, 355))), "bad-file", /i\.nii: .*cut short/);
    await refusal(loadVolume(at("j.nii.gz", gz(niftiFile()).slice(0, -4))), "bad-file", /j\.nii\.gz: The gzip stream is damaged/);
    await refusal(loadVolume(at("k.nii", niftiFile({ dims: [1, 1, 1, 8] }))), "unsupported", /k\.nii: The file holds 8 volumes/);
  });

  test("refuses a file that Node can't read at once, before reading it", async () => {
    const path = at("large.nii");
    // A hole: it takes no room on the disk.
    truncateSync(path, 2 ** 31);
    await refusal(loadVolume(path), "unsupported", /2147483648 bytes; files of up to 2 GiB/);
  });

  test.skipIf(!existsSync("/dev/zero"))("refuses what never ends", () =>
    refusal(loadVolume("/dev/zero"), "bad-file", /no regular file/),
  );

  // Root may read everything.
  test.skipIf(process.getuid?.() === 0 || process.platform === "win32")("refuses without permission", async () => {
    const path = at("secret.nii");
    chmodSync(path, 0);
    await refusal(loadVolume(path), "bad-file", /permission is denied/);
  });

  describe("a detached header", () => {
    const volume = createVolume(
      Float32Array.of(1, 2),
      createGrid({ shape: [2, 1, 1], affine: [1, 0, 0, 4, 0, 1, 0, 5, 0, 0, 1, 6] }),
    );
    const headerOf = async (name: string) => {
      const { header } = await writeDetachedNrrd(volume, { dataFile: "voxels.raw" });
      return new TextEncoder().encode(new TextDecoder().decode(header).replace("voxels.raw", name));
    };
    const voxels = new Uint8Array(Float32Array.of(1, 2).buffer);

    test("is read with the file that it names beside it", async () => {
      at("voxels.raw", voxels);
      const path = at("beside.nhdr", await headerOf("voxels.raw"));
      expect(await loadVolume(path)).toEqual(volume);
      expect((await loadVolume(path, { data: new Uint8Array(Float32Array.of(3, 4).buffer) })).data).toEqual(
        Float32Array.of(3, 4),
      );
      const { header, data } = await writeDetachedMetaImage(volume, { dataFile: "other.raw" });
      at("other.raw", data);
      expect(await loadVolume(at("beside.mhd", header))).toEqual(volume);
    });

    test("is never followed elsewhere", async () => {
      mkdirSync(join(folder, "sub"));
      const outside = at("secret.raw", voxels);
      for (const name of [
        outside,
        "../secret.raw",
        "sub/../secret.raw",
        "./secret.raw",
        "..",
        ".",
        "C:secret.raw",
        "sub\\secret.raw",
      ])
        await refusal(
          loadVolume(at("sub/a.nhdr", await headerOf(name))),
          "unsupported",
          /only a file beside the header is opened/,
        );
      symlinkSync(outside, join(folder, "sub", "link.raw"));
      await refusal(loadVolume(at("sub/b.nhdr", await headerOf("link.raw"))), "unsupported", /only a file beside the header/);
      await refusal(
        loadVolume(at("sub/c.nhdr", await headerOf("none.raw"))),
        "bad-file",
        /none\.raw can't be read: there is no such file/,
      );
    });
  });
});
