import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";
import webpack from "webpack";

const folder = fileURLToPath(new URL(".", import.meta.url));
const compiler = webpack({
  mode: "production",
  context: folder,
  entry: "./main.js",
  experiments: { outputModule: true },
  // The .wasm files are large, and loaded only when a network is.
  performance: { hints: false },
  output: { path: `${folder}dist`, filename: "main.js", module: true, publicPath: "auto" },
});
const stats = await new Promise((done, failed) => compiler.run((error, result) => (error ? failed(error) : done(result))));
const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
for (const { message } of [...errors, ...warnings]) console.error(message);
if (errors.length > 0) process.exitCode = 1;
cpSync(`${folder}index.html`, `${folder}dist/index.html`);
