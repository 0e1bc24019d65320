import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { webAbsent } from "../webRuntime.js";
import { fileIn, launchChromium, outcomeOf, serve } from "./chromium.js";

// The apps of examples/bundlers, built in a folder of their own as a user would, and opened in Chromium.
const project = mkdtempSync(join(tmpdir(), "gadolinite-bundlers-"));
const { browser, absent = webAbsent } = await launchChromium();

const homeOf = (name: string): string | undefined =>
  [".", ".cache/tools", ".cache/ort-web"].map((home) => resolve(home, "node_modules", name)).find((path) => existsSync(path));

beforeAll(() => {
  cpSync("examples/bundlers", project, { recursive: true });
  const modules = join(project, "node_modules");
  mkdirSync(join(modules, "gadolinite"), { recursive: true });
  for (const part of ["package.json", "dist"]) cpSync(part, join(modules, "gadolinite", part), { recursive: true });
  for (const name of ["esbuild", "vite", "webpack", "onnxruntime-web", "onnxruntime-common"]) {
    const home = homeOf(name);
    if (home) symlinkSync(home, join(modules, name));
  }
}, 60_000);

afterAll(async () => {
  await browser?.close();
  rmSync(project, { recursive: true, force: true });
});

const POLICY = { "Content-Security-Policy": "script-src 'self' 'wasm-unsafe-eval'" };

describe.skipIf(!browser || absent !== undefined)(`bundlers${absent === undefined ? "" : ` (skipped: ${absent})`}`, () => {
  for (const bundler of ["vite", "webpack", "esbuild"])
    test.skipIf(!homeOf(bundler))(
      `${bundler} builds the app, and it runs: isolated and not, with and without a strict policy`,
      async () => {
        const { status, stdout, stderr } = spawnSync(process.execPath, [`${bundler}/build.mjs`], {
          cwd: project,
          encoding: "utf8",
        });
        expect(`${stdout}${stderr}`.trim()).toBe("");
        expect(status).toBe(0);
        const find = fileIn(join(project, bundler, "dist"));
        for (const headers of [{}, POLICY]) {
          const server = await serve(find, headers);
          try {
            const alone = await outcomeOf(browser!, `${server.address}/plain/index.html`);
            expect(alone).toMatchObject({ model: "contrast-small", device: "wasm, 1 thread", same: "Infinity" });
            const isolated = await outcomeOf<{ mean: number }>(browser!, `${server.address}/isolated/index.html`);
            expect(isolated).toMatchObject({ device: "wasm, 2 threads", same: "Infinity" });
            expect(isolated.mean).toBeCloseTo((alone as { mean: number }).mean, 6);
          } finally {
            server.close();
          }
        }
      },
    );
});
