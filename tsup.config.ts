import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { defineConfig } from "tsup";

// A folder that package.json opens as a door is built, with what all of them share; nothing else is published.
const { exports: doors } = JSON.parse(readFileSync("package.json", "utf8")) as { exports: Record<string, unknown> };
const folders = Object.keys(doors)
  .filter((door) => /^\.\/[\w/-]+$/.test(door))
  .map((door) => door.slice(2));
const entry = ["src/index.ts", ...["core", "internal", ...folders].map((folder) => `src/${folder}/**/*.ts`)];

// One output file a module: bundled entries would share chunks, and one small import would pull in everything.
// Models are no modules: they are copied beside the one that loads them.
const copyModels = (to: string) =>
  cpSync("src/models", `${to}/models`, { recursive: true, filter: (path) => !path.endsWith(".ts") });
const modules = { entry, bundle: false, target: "es2022", sourcemap: true };

export default defineConfig([
  { ...modules, format: "esm", outDir: "dist/esm", clean: true, onSuccess: async () => copyModels("dist/esm") },
  {
    ...modules,
    format: "cjs",
    outDir: "dist/cjs",
    clean: true,
    outExtension: () => ({ js: ".js" }),
    // Unbundled output keeps its "./x.js" specifiers, so the folder itself says what ".js" means in it.
    onSuccess: async () => {
      writeFileSync("dist/cjs/package.json", '{ "type": "commonjs" }\n');
      copyModels("dist/cjs");
    },
  },
]);
