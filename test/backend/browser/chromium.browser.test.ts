import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { build, type Plugin } from "esbuild";
import { afterAll, describe, expect, test } from "vitest";
import { referenceOf } from "../conformance.js";
import { webAbsent } from "../webRuntime.js";
import { fileIn, launchChromium, outcomeOf, serve } from "./chromium.js";
import type { TestResult } from "./vitest.js";

// The built package in headless Chromium. Each page is a bundle of suites that Node runs too.
if (!existsSync("dist/esm/index.js")) throw new Error("There is no dist: run `npm run build`.");

const here = resolve("test/backend/browser");

/** Suites import the source; pages get what was built of it, and a small stand-in for vitest. */
const builtPackage: Plugin = {
  name: "built-package",
  setup(builder) {
    builder.onResolve({ filter: /\/src\/.*\.js$/ }, ({ path, resolveDir }) => ({
      path: join(resolve("dist/esm"), resolve(resolveDir, path).slice(resolve("src").length)),
    }));
    builder.onResolve({ filter: /^vitest$/ }, () => ({ path: join(here, "vitest.ts") }));
  },
};

async function bundle(page: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `import "./${page}.page.ts"; import { run } from "./vitest.ts"; globalThis.outcome = run();`,
      resolveDir: here,
    },
    ...{ bundle: true, write: false, format: "esm", target: "es2022", plugins: [builtPackage] },
    // Packages that a page doesn't have, and that are looked for only where they are used.
    external: ["onnxruntime-web/*", "node:*", "daikon", "zarrita", "@itk-wasm/*"],
    // A suite is imported for what it does, whatever package.json says of side effects.
    ignoreAnnotations: true,
  });
  return outputFiles[0]!.text;
}

const html = (page: string, prefix: string) => `<!doctype html><script type="importmap">{ "imports": {
  "onnxruntime-web/wasm": "${prefix}/ort/ort.wasm.bundle.min.mjs",
  "onnxruntime-web/webgpu": "${prefix}/ort/ort.webgpu.bundle.min.mjs" } }</script>
<script type="module" src="${prefix}/${page}.js"></script>`;

const { browser, absent = webAbsent } = await launchChromium();
const runtime = fileIn("node_modules/onnxruntime-web/dist", ".cache/ort-web/node_modules/onnxruntime-web/dist");
const server = await serve(async (path) => {
  const [, folder, file = ""] = path.split("/");
  if (folder === "ort") return runtime(file);
  if (folder === "reference") {
    const { dims, data } = await referenceOf(Number(file));
    return JSON.stringify({ dims, values: [...data] });
  }
  const [, page, prefix, type] = /^\/(\w+?)(?:-(\w+))?\.(html|js)$/.exec(path) ?? [];
  if (page === undefined) return undefined;
  return type === "html"
    ? html(page, `/${prefix}`)
    : bundle(page).catch((error: Error) => `throw new Error(${JSON.stringify(error.message)})`);
});
afterAll(async () => {
  await browser?.close();
  server.close();
});

const pages = [
  ["io", "plain", ""],
  ["plain", "plain", ""],
  ["wasm", "plain", "?threads=1"],
  ["wasm", "isolated", "?threads=2"],
  ["kernels", "plain", ""],
  ["webgpu", "isolated", ""],
] as const;

describe.skipIf(!browser || absent !== undefined)(`Chromium${absent === undefined ? "" : ` (skipped: ${absent})`}`, () => {
  test.each(pages)("%s.page.ts, %s%s", async (page, prefix, query) => {
    const results = await outcomeOf<TestResult[]>(browser!, `${server.address}/${prefix}/${page}-${prefix}.html${query}`);
    const failed = results.filter(({ state }) => state === "failed").map(({ name, error }) => `${name}: ${error}`);
    expect(failed.join("\n\n")).toBe("");
    expect(results.filter(({ state }) => state === "passed").length).toBeGreaterThan(1);
  });
});
