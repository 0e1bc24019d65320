/** Repeats a paper's study on one machine: `npm run study -- --help`. */
import { isGadoliniteError } from "gadolinite";
import { parseOptions, USAGE } from "./options.js";
import { runStudy } from "./runStudy.js";

const args = process.argv.slice(2);
const controller = new AbortController();
process.once("SIGINT", () => controller.abort());
process.once("SIGTERM", () => controller.abort());

try {
  if (args.includes("--help")) console.log(USAGE);
  else console.log(await runStudy(parseOptions(args), { signal: controller.signal, say: (line) => console.error(line) }));
} catch (error) {
  const known = isGadoliniteError(error) && !args.includes("--debug");
  console.error(known ? `Error: ${error.message}` : error);
  process.exitCode = isGadoliniteError(error, "aborted") ? 130 : 1;
}
