/** Runs every bench, or those whose path holds a word: `npm run bench`, `npm run bench -- filters`. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

const words = process.argv.slice(2);
const benches = readdirSync("bench", { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".bench.ts") && words.every((word) => name.includes(word)))
  .sort();
for (const name of benches) {
  console.log(`\n# ${name}`);
  const { status } = spawnSync(process.execPath, ["--import", "tsx", join("bench", name)], { stdio: "inherit" });
  if (status !== 0) process.exitCode = 1;
}
