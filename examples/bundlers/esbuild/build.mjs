import { cpSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const folder = fileURLToPath(new URL(".", import.meta.url));
await build({
  entryPoints: [`${folder}main.js`],
  outdir: `${folder}dist`,
  bundle: true,
  format: "esm",
  splitting: true,
  target: "es2022",
  logLevel: "warning",
});
cpSync(`${folder}index.html`, `${folder}dist/index.html`);
// esbuild doesn't follow new URL(…, import.meta.url).
const { resolve } = createRequire(import.meta.url);
for (const [door, file] of [
  ["onnxruntime-web/wasm", "ort-wasm-simd-threaded.wasm"],
  ["gadolinite/models/contrast-small", "contrast-small.onnx"],
])
  cpSync(`${dirname(resolve(door))}/${file}`, `${folder}dist/${file}`);
