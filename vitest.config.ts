import { defineConfig } from "vitest/config";

// Lanes by suffix: *.test.ts is the ordinary lane; .slow, .gpu and .browser are asked for by name (npm run test:slow …).
const lane = process.env["GADOLINITE_LANE"] ?? "";
const lanes = ["slow", "gpu", "browser"];

const source = (path: string) => new URL(`./src/${path}`, import.meta.url).pathname;

export default defineConfig({
  // Examples import the package by name; here they get its source, as tsconfig.json says too.
  resolve: {
    alias: [
      { find: /^gadolinite$/, replacement: source("index.ts") },
      { find: /^gadolinite\/(.+)$/, replacement: source("$1/index.ts") },
    ],
  },
  test: {
    include: lane ? [`test/**/*.${lane}.test.ts`] : ["test/**/*.test.ts"],
    exclude: lane ? [] : lanes.map((name) => `test/**/*.${name}.test.ts`),
    setupFiles: ["test/support/setup.ts"],
    testTimeout: lane ? 600_000 : 60_000,
    pool: "forks",
    // Vitest would leave one core to itself: half the time on a machine of two.
    maxWorkers: "100%",
  },
});
