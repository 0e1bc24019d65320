import { resolve } from "node:path";
import { build } from "esbuild";
import { afterAll, describe, expect, test } from "vitest";
import { fileIn, launchChromium, outcomeOf, serve } from "../backend/browser/chromium.js";

const { browser, absent } = await launchChromium();
const assets = fileIn("node_modules/@itk-wasm/elastix/dist/pipelines", "node_modules/itk-wasm/dist/pipeline/web-workers/bundles");

async function bundle(): Promise<string> {
  const entryPoints = [resolve("test/registration/registerRigid.page.ts")];
  const { outputFiles } = await build({ entryPoints, bundle: true, write: false, format: "esm", target: "es2022" });
  return outputFiles[0]!.text;
}

// A page that may load nothing but what its own server gives, and make no code out of text.
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self' data:";
const server = await serve(
  async (path) => {
    if (path === "/page.js") return bundle();
    if (path === "/page.html") return `<!doctype html><script type="module" src="/plain/page.js"></script>`;
    return path.startsWith("/elastix/") ? assets(path.slice("/elastix/".length)) : undefined;
  },
  { "Content-Security-Policy": POLICY },
);
afterAll(async () => {
  await browser?.close();
  server.close();
});

interface Outcome {
  readonly transform: readonly number[];
  readonly fromHere: readonly string[];
  readonly withoutAssets: string;
  readonly wrongAssets: string;
  readonly aborted: string;
}

describe.skipIf(!browser)(`registerRigid in Chromium${absent === undefined ? "" : ` (skipped: ${absent})`}`, () => {
  test("over files of the page's own server, under a strict policy", async () => {
    const { transform, fromHere, withoutAssets, wrongAssets, aborted } = await outcomeOf<Outcome>(
      browser!,
      `${server.address}/plain/page.html`,
    );
    // A fifth of a voxel of 4.4 mm.
    [4, -3, 2].forEach((mm, axis) => {
      expect(Math.abs(transform[4 * axis + 3]! - mm)).toBeLessThan(0.9);
    });
    expect(new Set(fromHere)).toEqual(new Set([server.address]));
    expect(withoutAssets).toMatch(/^unsupported: In a browser, say with assetsUrl/);
    expect(wrongAssets).toMatch(/^not-converged: .*assetsUrl/);
    expect(aborted).toMatch(/^aborted: /);
  });
});
