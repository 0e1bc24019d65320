import { once } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import { isGadoliniteError } from "gadolinite";
import { doseStudy, type SimulatedDose } from "gadolinite/recipes";
import { loadRestorers } from "../support/models.js";
import type { DoseTask, FromThread } from "./doseThreads.js";

const port = parentPort!;
const say = (message: FromThread, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
const { study, models, ...settings } = workerData as DoseTask;

/** What is handed over rather than copied: all that was made for this dose. Dose 0 is the pre-contrast scan itself. */
function madeFor({ low, restored }: SimulatedDose): ArrayBuffer[] {
  const buffers = [low, ...Object.values(restored)].map(({ data }) => data.buffer as ArrayBuffer);
  return [...new Set(buffers)].filter((buffer) => buffer !== study.pre.data.buffer && buffer !== study.post.data.buffer);
}

// Ends by itself when it is told to: a thread that is killed while ONNX Runtime works in it may take the process along.
const stop = new AbortController();
port.on("message", (message) => {
  if (message === "stop") stop.abort();
});

try {
  // The other thread has a core, too.
  const restorers = await loadRestorers(models, { threads: 1 });
  for await (const result of doseStudy(study, {
    ...settings,
    restorers,
    signal: stop.signal,
    onProgress: (progress) => say({ progress }),
  })) {
    say({ result }, madeFor(result));
    // Goes on when the result was taken, so that finished volumes don't pile up.
    await once(port, "message");
  }
  say({ end: true });
} catch (error) {
  const { message, stack } = error as Error;
  say({ error: { message, stack, code: isGadoliniteError(error) ? error.code : undefined } });
}
port.close();
