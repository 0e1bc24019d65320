import { mkdirSync, readdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeFileAtomic } from "../../src/node/index.js";
import { refusal } from "../io/files.js";
import { temporaryFolder } from "./folder.js";

const folder = temporaryFolder();

describe("writeFileAtomic", () => {
  test("writes text and bytes, over what was there", async () => {
    const path = join(folder, "a.txt");
    await writeFileAtomic(path, "größer");
    expect(readFileSync(path, "utf8")).toBe("größer");
    await writeFileAtomic(path, Uint8Array.of(1, 2, 3).subarray(1));
    expect([...readFileSync(path)]).toEqual([2, 3]);
    await writeFileAtomic(path, "");
    expect(readFileSync(path)).toHaveLength(0);
  });

  test("of many writers at once one is whole, and readers never see a part", async () => {
    const path = join(folder, "b.txt");
    const contents = Array.from({ length: 20 }, (_, n) => `${n}`.repeat(100_000));
    await writeFileAtomic(path, contents[0]!);
    let writing = true;
    const writers = Promise.all(contents.map((content) => writeFileAtomic(path, content))).finally(() => {
      writing = false;
    });
    do {
      expect(contents).toContain(readFileSync(path, "utf8"));
      await new Promise((resolve) => setImmediate(resolve));
    } while (writing);
    await writers;
    expect(contents).toContain(readFileSync(path, "utf8"));
    expect(readdirSync(folder).filter((name) => name.includes("partial"))).toEqual([]);
  });

  test.skipIf(process.platform === "win32")("follows a symbolic link", async () => {
    writeFileSync(join(folder, "real.txt"), "old");
    symlinkSync(join(folder, "real.txt"), join(folder, "link.txt"));
    await writeFileAtomic(join(folder, "link.txt"), "new");
    expect(readFileSync(join(folder, "real.txt"), "utf8")).toBe("new");
    expect(realpathSync(join(folder, "link.txt"))).toBe(realpathSync(join(folder, "real.txt")));
  });

  test("refuses, and leaves nothing beside it", async () => {
    const place = join(folder, "place");
    mkdirSync(join(place, "inner"), { recursive: true });
    await refusal(writeFileAtomic(join(place, "inner"), "x"), "bad-file", /inner can't be written/);
    await refusal(writeFileAtomic(join(place, "none", "a.txt"), "x"), "bad-file", /there is no such file or folder/);
    await refusal(writeFileAtomic(join(place, "a.txt"), "x", { signal: AbortSignal.abort() }), "aborted", /Cancelled/);
    const stopper = new AbortController();
    const writing = writeFileAtomic(join(place, "a.txt"), "x".repeat(1000), { signal: stopper.signal });
    stopper.abort();
    await refusal(writing, "aborted", /Cancelled/);
    expect(readdirSync(place)).toEqual(["inner"]);
  });
});
