import { checkNotAborted } from "./check.js";

/** Lets the event loop run (a key press, a progress bar, an abort), then throws `aborted` if the caller has cancelled. */
export async function breathe(signal: AbortSignal | undefined): Promise<void> {
  checkNotAborted(signal);
  await new Promise<void>((resolve) => setTimeout(resolve));
  checkNotAborted(signal);
}
