import { isGadoliniteError } from "gadolinite";

export interface Command {
  readonly usage: string;
  /** What the command does with its arguments; what it returns is printed. */
  readonly run: (args: readonly string[], signal: AbortSignal) => Promise<string | undefined>;
  /** Where errors are told. Default: the console. */
  readonly tell?: (line: string) => void;
  /** What is said when the command was cancelled. Default: the error's own message. */
  readonly cancelled?: string;
}

/**
 * Runs a command of the examples: `--help` prints the usage; the first Ctrl-C cancels, a second one just stops; an error is one line, and with
 * `--debug` its stack.
 */
export async function runCommand({ usage, run, tell = console.error, cancelled }: Command): Promise<void> {
  const args = process.argv.slice(2);
  const controller = new AbortController();
  process.once("SIGINT", () => controller.abort());
  process.once("SIGTERM", () => controller.abort());
  try {
    const said = args.includes("--help") ? usage : await run(args, controller.signal);
    if (said !== undefined) console.log(said);
  } catch (error) {
    const aborted = isGadoliniteError(error, "aborted");
    process.exitCode = aborted ? 130 : 1;
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    // What isn't one of the library's errors is a bug: where it arose is the news.
    const whole = args.includes("--debug") || !isGadoliniteError(error);
    tell(aborted && cancelled !== undefined ? cancelled : whole ? (stack ?? message) : `Error: ${message}`);
  }
}
