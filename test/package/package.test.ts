import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { buildSync } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { doors, manifest, specifier } from "./doors.js";

// The package as a user gets it: packed, unpacked into another project, and loaded by whatever runtime is at hand.
const project = mkdtempSync(join(tmpdir(), "gadolinite-user-"));
const installed = join(project, "node_modules", "gadolinite");
let tarball = "";

beforeAll(() => {
  if (!existsSync("dist/esm/index.js")) throw new Error("There is no dist: run `npm run build`, or `npm test`, which does.");
  const [packed] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", project], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }),
  );
  tarball = join(project, packed.filename);
  mkdirSync(installed, { recursive: true });
  execFileSync("tar", ["-xzf", tarball, "--strip-components=1", "-C", installed]);
  for (const name of [...Object.keys(manifest.dependencies), "onnxruntime-node"]) {
    const link = join(project, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(resolve("node_modules", name), link);
  }
  writeFileSync(join(project, "package.json"), '{ "name": "user", "private": true }\n');
}, 60_000);

afterAll(() => rmSync(project, { recursive: true, force: true }));

const run = (command: string, args: readonly string[]) => spawnSync(command, args, { cwd: project, encoding: "utf8" });

const wanted = doors.filter((door) => door !== "");
const importAll = `
  const { createGrid } = await import("gadolinite");
  if (createGrid({ shape: [2, 3, 4] }).shape[2] !== 4) throw new Error("wrong");
  for (const door of ${JSON.stringify(wanted)}) if (Object.keys(await import("gadolinite/" + door)).length === 0) throw new Error(door + " is empty");
  console.log("loaded");
`;

describe("the packed package", () => {
  test("has a typesVersions entry for every door, for resolvers that know no exports", () => {
    expect(Object.keys(manifest.typesVersions["*"]).sort()).toEqual([...wanted].sort());
  });

  test("is loaded by import", () => {
    writeFileSync(join(project, "all.mjs"), importAll);
    const { stdout, stderr } = run(process.execPath, ["all.mjs"]);
    expect(stdout.trim(), stderr).toBe("loaded");
  });

  test("is loaded by require, and errors of one half are told by the guard of the other", () => {
    writeFileSync(
      join(project, "both.cjs"),
      `const { createGrid } = require("gadolinite");
       for (const door of ${JSON.stringify(wanted)}) if (Object.keys(require("gadolinite/" + door)).length === 0) throw new Error(door);
       import("gadolinite").then(({ isGadoliniteError }) => {
         try { createGrid({ shape: [0, 0, 0] }); } catch (error) { console.log(isGadoliniteError(error, "out-of-range")); }
       });`,
    );
    const { stdout, stderr } = run(process.execPath, ["both.cjs"]);
    expect(stdout.trim(), stderr).toBe("true");
  });

  test.each([
    ["import", "all.mjs", 'const { contrastSmall } = await import("gadolinite/models/contrast-small");'],
    ["require", "both.cjs", 'const { contrastSmall } = require("gadolinite/models/contrast-small");'],
  ])("its model is found by %s", (_, file, load) => {
    writeFileSync(join(project, file), `${load} contrastSmall().then(({ card }) => console.log(card.name));`);
    const { stdout, stderr } = run(process.execPath, [file]);
    expect(stdout.trim(), stderr).toBe("contrast-small");
  });

  // ndarray and ndarray-ops make code with `new Function`, so their door can't work there; nothing else may.
  test.each(doors.filter((door) => door !== "ndarray"))("door %j loads where no code may be made from strings", (door) => {
    const load = `await import(${JSON.stringify(specifier(door))}); console.log("loaded")`;
    const { stdout, stderr } = run(process.execPath, [
      "--disallow-code-generation-from-strings",
      "--input-type=module",
      "-e",
      load,
    ]);
    expect(stdout.trim(), stderr).toBe("loaded");
  });

  test("the flag of the test before does forbid what it should", () => {
    const { status } = run(process.execPath, ["--disallow-code-generation-from-strings", "-e", 'new Function("return 1")']);
    expect(status).not.toBe(0);
  });

  // Other runtimes are run where they are installed, on the path or in .cache/tools (where .ci/run puts them).
  const runtimes = [
    { name: "Deno", command: "deno", args: ["run", "--allow-all", "--node-modules-dir=manual"] },
    { name: "Bun", command: "bun", args: [] },
    { name: "Node 22", command: "node22", args: [] },
    { name: "Node 24", command: "node24", args: [] },
  ];
  for (const { name, command, args } of runtimes) {
    const local = resolve(".cache/tools/bin", command);
    const program = existsSync(local) ? local : command;
    test.skipIf(spawnSync(program, ["--version"]).status !== 0)(`is loaded by ${name}`, () => {
      writeFileSync(join(project, "all.mjs"), importAll);
      const { stdout, stderr } = run(program, [...args, "all.mjs"]);
      expect(stdout.trim(), stderr).toBe("loaded");
    });
  }

  test("publint has nothing to say", async () => {
    const { publint } = await import("publint");
    const { messages } = await publint({ pkgDir: resolve("."), strict: true, pack: false });
    expect(messages).toEqual([]);
  });

  test("the types are right in every resolver", () => {
    const attw = resolve("node_modules/.bin/attw");
    const { stdout, status } = run(attw, [tarball, "--format", "json"]);
    expect((JSON.parse(stdout) as { problems?: unknown }).problems ?? {}).toEqual({});
    expect(status).toBe(0);
  });
});

describe("bytes of one import, minified", () => {
  const bytesOf = (statement: string) =>
    buildSync({
      stdin: { contents: statement, resolveDir: project },
      bundle: true,
      minify: true,
      format: "esm",
      write: false,
      external: ["node:*", "onnxruntime-node"],
    }).outputFiles[0]!.contents.byteLength;

  test.each([
    ["metrics", "psnr", 2000],
    ["dose", "simulateDose", 2000],
    ["enhancement", "subtract", 2000],
    ["statistics", "describe", 2500],
  ])("gadolinite/%s %s is small", (door, name, limit) => {
    expect(bytesOf(`export { ${name} } from "gadolinite/${door}";`)).toBeLessThan(limit);
  });

  test("an import that is not used costs nothing", () => {
    expect(bytesOf(doors.map((door) => `import "${specifier(door)}";`).join("\n"))).toBeLessThan(100);
  });
});
