/** From two scans to a dose table: `npm run demo`, `npm run demo -- --help`. */
import { isGadoliniteError } from "gadolinite";
import { parseOptions, USAGE } from "./options.js";
import { progressBar } from "./progress.js";
import { runDemo } from "./runDemo.js";

const args = process.argv.slice(2);
const controller = new AbortController();
// The first Ctrl-C stops and clears up; a second one, for the impatient, just stops.
process.once("SIGINT", () => controller.abort());
process.once("SIGTERM", () => controller.abort());
const bar = progressBar(process.stderr);

try {
  if (args.includes("--help")) console.log(USAGE);
  else await runDemo(parseOptions(args), { signal: controller.signal, onProgress: bar.report, say: bar.say });
} catch (error) {
  if (isGadoliniteError(error, "aborted")) {
    bar.say("Cancelled: nothing was written.");
    process.exitCode = 130;
  } else {
    bar.say(args.includes("--debug") ? ((error as Error).stack ?? String(error)) : `Error: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}
