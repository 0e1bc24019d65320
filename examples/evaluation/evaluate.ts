/** Measures restorers on pairs of scans: `npm run evaluate -- --help`. */
import { isGadoliniteError } from "gadolinite";
import { parseOptions, USAGE } from "./options.js";
import { runEvaluation } from "./runEvaluation.js";

const args = process.argv.slice(2);
const controller = new AbortController();
process.once("SIGINT", () => controller.abort());
process.once("SIGTERM", () => controller.abort());

try {
  if (args.includes("--help")) console.log(USAGE);
  else console.log(await runEvaluation(parseOptions(args), { signal: controller.signal, say: (line) => console.error(line) }));
} catch (error) {
  const known = isGadoliniteError(error) && !args.includes("--debug");
  console.error(known ? `Error: ${error.message}` : error);
  process.exitCode = isGadoliniteError(error, "aborted") ? 130 : 1;
}
