import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { OnnxRuntime } from "../../src/backend/index.js";

// The package onnxruntime-web, an optional peer: installed beside the others, or with
// npm install --no-save --prefix .cache/ort-web onnxruntime-web@1.30.0
const homes = [resolve("."), resolve(".cache/ort-web")];
const home = homes.find((folder) => existsSync(join(folder, "node_modules/onnxruntime-web/package.json")));

/** Why the package isn't there. */
export const webAbsent = home === undefined ? "onnxruntime-web is not installed" : undefined;

/** The package as Node resolves it: WebAssembly, with threads. For `vi.doMock("onnxruntime-web", webRuntime)`. */
export const webRuntime = (): Promise<OnnxRuntime> => {
  const path = createRequire(join(home!, "index.js")).resolve("onnxruntime-web");
  // The ES module beside it.
  return import(/* @vite-ignore */ pathToFileURL(path.replace(/\.js$/, ".mjs")).href) as Promise<OnnxRuntime>;
};

/** Its build with WebGPU. For `vi.doMock("onnxruntime-web/webgpu", webgpuBuild)`. */
export const webgpuBuild = (): Promise<OnnxRuntime> =>
  import(
    /* @vite-ignore */ pathToFileURL(join(home!, "node_modules/onnxruntime-web/dist/ort.webgpu.bundle.min.mjs")).href
  ) as Promise<OnnxRuntime>;
