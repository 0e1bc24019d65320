/** Trains a restorer on procedural scans: `npm run train`, `npm run train -- --help`. */
import { runCommand } from "../support/commandLine.js";
import { parseOptions, USAGE } from "./options.js";
import { runTraining } from "./runTraining.js";

await runCommand({
  usage: USAGE,
  // The first Ctrl-C ends the training with a checkpoint after the step that runs.
  run: async (args, signal) => {
    await runTraining(parseOptions(args), { signal, say: console.error });
    return undefined;
  },
});
