/** Measures restorers on pairs of scans: `npm run evaluate -- --help`. */
import { runCommand } from "../support/commandLine.js";
import { parseOptions, USAGE } from "./options.js";
import { runEvaluation } from "./runEvaluation.js";

await runCommand({ usage: USAGE, run: (args, signal) => runEvaluation(parseOptions(args), { signal, say: console.error }) });
