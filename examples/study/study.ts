/** Repeats a paper's study on one machine: `npm run study -- --help`. */
import { runCommand } from "../support/commandLine.js";
import { parseOptions, USAGE } from "./options.js";
import { runStudy } from "./runStudy.js";

await runCommand({ usage: USAGE, run: (args, signal) => runStudy(parseOptions(args), { signal, say: console.error }) });
