import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { build } from "esbuild";
import { afterAll, describe, expect, test } from "vitest";
import { launchChromium, outcomeOf, serve } from "../backend/browser/chromium.js";

const { browser, absent } = await launchChromium();

async function bundle(): Promise<string> {
  const entryPoints = [resolve("test/io/everywhere.page.ts")];
  // The decoder of JPEG-LS asks for these where there is a Node, which a page is not.
  const external = ["fs", "path"];
  const { outputFiles } = await build({ entryPoints, external, bundle: true, write: false, format: "esm", target: "es2022" });
  return outputFiles[0]!.text;
}

// A page that may load nothing but what its own server gives, and make no code out of text.
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' data:";
const server = await serve(
  async (path) => {
    if (path === "/page.js") return bundle();
    if (path === "/page.html") return `<!doctype html><script type="module" src="/plain/page.js"></script>`;
    return path === "/dicom.json" ? readFileSync("test/golden/io/dicom.json") : undefined;
  },
  { "Content-Security-Policy": POLICY },
);
afterAll(async () => {
  await browser?.close();
  server.close();
});

describe.skipIf(!browser)(`formats in Chromium${absent === undefined ? "" : ` (skipped: ${absent})`}`, () => {
  test("DICOM in every transfer syntax, OME-Zarr and NRRD, under a strict policy", async () => {
    expect(await outcomeOf(browser!, `${server.address}/plain/page.html`)).toEqual([]);
  });
});
