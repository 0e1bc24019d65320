import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createVolume } from "../../src/index.js";
import { saveVolume } from "../../src/node/saveVolume.js";
import { smallStudy } from "../recipes/pair.js";

// Every ```ts block of the README and the docs is run, in a folder that holds a pair of scans; where a line ends in a comment with a
// number, the line's value must be that number, to the digits that are shown.
const files = [
  "README.md",
  ...readdirSync("docs", { recursive: true, encoding: "utf8" }).map((name) => join("docs", name)),
].filter((name) => name.endsWith(".md") && !name.startsWith("docs/api"));
const snippets = files.flatMap((file) =>
  [...readFileSync(file, "utf8").matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match, n) => ({ file, n: n + 1, code: match[1]! })),
);

const home = resolve(".");
const built = resolve(".cache/snippets");
const work = mkdtempSync(join(tmpdir(), "gadolinite-snippets-"));

beforeAll(async () => {
  const study = smallStudy(1);
  await saveVolume(join(work, "t1.nii.gz"), study.preContrast);
  await saveVolume(join(work, "t1ce.nii.gz"), study.postContrast[0]!.volume);
  await saveVolume(join(work, "seg.nii.gz"), createVolume(study.lesions!.data, study.lesions!.grid));
  // The network that the guide exports, and the card that it prints.
  copyFileSync("test/golden/model/ten-times.onnx", join(work, "network.onnx"));
  const guide = readFileSync("docs/guides/bring-your-own-model.md", "utf8");
  writeFileSync(join(work, "network.json"), /^```json\n([\s\S]*?)^```$/m.exec(guide)![1]!);
  mkdirSync(built, { recursive: true });
  process.chdir(work);
});

afterAll(() => {
  process.chdir(home);
  rmSync(work, { recursive: true, force: true });
});

describe("snippets of the documentation", () => {
  test("there are some", () => expect(snippets.length).toBeGreaterThan(1));

  test.each(snippets)("$file, number $n", async ({ file, n, code }) => {
    const path = join(built, `${file.replaceAll(/\W+/g, "-")}-${n}.ts`);
    writeFileSync(
      path,
      `const collected: [unknown, string][] = [];\n${code.replaceAll(VALUE, "collected.push([$1, `$2`]);")}\nexport { collected };\n`,
    );
    const { collected } = (await import(/* @vite-ignore */ path)) as { collected: [unknown, string][] };
    for (const [value, shown] of collected) expectShown(value, shown);
  });
});

/** A line that is an expression and a comment beginning with a number. */
const VALUE = /^(?!import|const|let|await|for|if|\s|\/\/)(.+); \/\/ ([-−]?\d.*)$/gm;

function expectShown(value: unknown, shown: string): void {
  const digits = /^[-−]?\d+(?:\.(\d+))?/.exec(shown)!;
  expect(value).toBeCloseTo(Number(digits[0].replace("−", "-")), digits[1]?.length ?? 0);
}
