/** Trains a restorer on procedural scans: `npm run train`, `npm run train -- --help`. */
import { isGadoliniteError } from "gadolinite";
import { parseOptions, USAGE } from "./options.js";
import { runTraining } from "./runTraining.js";

const args = process.argv.slice(2);
const controller = new AbortController();
// The first Ctrl-C ends the training with a checkpoint after the step that runs.
process.once("SIGINT", () => controller.abort());
process.once("SIGTERM", () => controller.abort());

try {
  if (args.includes("--help")) console.log(USAGE);
  else await runTraining(parseOptions(args), { signal: controller.signal, say: (line) => console.error(line) });
} catch (error) {
  const known = isGadoliniteError(error) && !args.includes("--debug");
  console.error(known ? `Error: ${error.message}` : error);
  process.exitCode = 1;
}
