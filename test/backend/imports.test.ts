import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { doors, specifier } from "../package/doors.js";

if (!existsSync("dist/esm/index.js")) throw new Error("There is no dist: run `npm run build`, or `npm test`, which does.");

/** Imports (and requires) every door in a process of its own, after `prepare`; what the backends then say comes back. */
function load(prepare: string) {
  const names = JSON.stringify(doors.map(specifier));
  const script = `
    ${prepare}
    const { createRequire } = await import("node:module");
    const require = createRequire(${JSON.stringify(import.meta.url)});
    for (const name of ${names}) { await import(name); require(name); }
    const { webgpu } = await import("gadolinite/backend");
    const { createModel, encodeGraph, unet2d } = await import("gadolinite/model");
    const model = createModel(encodeGraph(unet2d({ seed: 1, features: [1, 1] })));
    console.log(await webgpu({ runtime: "web" }).load(model).catch(({ code }) => code));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  return { said: stdout.trim(), stderr };
}

test("a server that renders pages imports all doors, and asks for nothing that only pages have", () => {
  const { said, stderr } = load("");
  expect(said, stderr).toBe("no-backend");
});

test("so does a page with Node's modules, as Electron has them, whose globals aren't all there", () => {
  const { said, stderr } = load(`
    globalThis.window = globalThis;
    globalThis.document = {};
    Object.defineProperty(globalThis, "navigator", { value: { userAgent: "Electron" }, configurable: true });
    Object.defineProperty(process.versions, "electron", { value: "39.0.0" });`);
  expect(said, stderr).toBe("no-backend");
});
