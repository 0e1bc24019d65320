import { chmodSync, existsSync, mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readNifti } from "../../src/io/index.js";
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
    await refusal(loadVolume(join(folder, "g.nii")), "bad-file", /g\.nii is a folder; a file is needed/);
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
});
