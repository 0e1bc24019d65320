/** From two scans to a dose table: `npm run demo`, `npm run demo -- --help`. */
import { runCommand } from "../support/commandLine.js";
import { parseOptions, USAGE } from "./options.js";
import { progressBar } from "./progress.js";
import { runDemo } from "./runDemo.js";

const bar = progressBar(process.stderr);

await runCommand({
  usage: USAGE,
  // The first Ctrl-C stops and clears up.
  run: async (args, signal) => {
    await runDemo(parseOptions(args), { signal, onProgress: bar.report, say: bar.say });
    return undefined;
  },
  tell: bar.say,
  cancelled: "Cancelled: nothing was written.",
});
