import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildSync } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// The same in other runtimes, where they are installed: on the path or in .cache/tools.
const RUNTIMES = [
  { name: "Node", command: process.execPath, args: [] },
  { name: "Node 22", command: "node22", args: [] },
  { name: "Node 24", command: "node24", args: [] },
  { name: "Deno", command: "deno", args: ["run", "--allow-all", "--node-modules-dir=manual"] },
  { name: "Bun", command: "bun", args: [] },
];

const project = mkdtempSync(join(tmpdir(), "gadolinite-"));

beforeAll(() => {
  symlinkSync(resolve("node_modules"), join(project, "node_modules"));
  writeFileSync(join(project, "package.json"), '{ "type": "module" }\n');
  const stdin = {
    contents: `
      import { readFileSync } from "node:fs";
      import { everywhere } from "./test/io/everywhere.js";
      everywhere(JSON.parse(readFileSync(${JSON.stringify(resolve("test/golden/io/dicom.json"))}, "utf8")).series).then((wrong) => console.log(JSON.stringify(wrong)));`,
    resolveDir: resolve("."),
  };
  const bundle = {
    bundle: true,
    format: "esm",
    platform: "node",
    packages: "external",
    outfile: join(project, "all.mjs"),
  } as const;
  buildSync({ stdin, ...bundle });
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

describe("DICOM in every transfer syntax, OME-Zarr and NRRD", () => {
  for (const { name, command, args } of RUNTIMES) {
    const local = resolve(".cache/tools/bin", command);
    const program = existsSync(local) ? local : command;
    test.skipIf(spawnSync(program, ["--version"]).status !== 0)(`in ${name}`, () => {
      const { stdout, stderr } = spawnSync(program, [...args, "all.mjs"], { cwd: project, encoding: "utf8" });
      expect(stdout.trim().split("\n").at(-1), stderr).toBe("[]");
    });
  }
});
