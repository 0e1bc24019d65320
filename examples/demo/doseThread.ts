import { once } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import { isGadoliniteError } from "gadolinite";
import { doseStudy } from "gadolinite/recipes";
import type { DoseTask, FromThread } from "./doseThreads.js";
import { loadRestorers } from "./inputs.js";

const port = parentPort!;
const say = (message: FromThread) => port.postMessage(message);
const { study, models, ...settings } = workerData as DoseTask;

try {
  const restorers = await loadRestorers(models);
  for await (const result of doseStudy(study, { ...settings, restorers, onProgress: (progress) => say({ progress }) })) {
    say({ result });
    // Goes on when the result was taken, so that finished volumes don't pile up.
    await once(port, "message");
  }
  say({ end: true });
} catch (error) {
  const { message, stack } = error as Error;
  say({ error: { message, stack, code: isGadoliniteError(error) ? error.code : undefined } });
}
port.close();
