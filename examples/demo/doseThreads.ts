import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { type ErrorCode, GadoliniteError, type Progress, type TaskOptions } from "gadolinite";
import { type DoseNoise, doseStudy, type PreparedStudy, type SimulatedDose } from "gadolinite/recipes";
import { loadRestorers } from "../support/models.js";

/** What a thread works on; a thread loads its own networks. */
export interface DoseTask {
  readonly study: PreparedStudy;
  readonly doses: readonly number[];
  readonly noise: DoseNoise;
  readonly seed: number;
  readonly models: readonly string[];
}

export type FromThread =
  | { readonly progress: Progress }
  | { readonly result: SimulatedDose }
  | { readonly end: true }
  | { readonly error: { readonly message: string; readonly stack: string | undefined; readonly code: ErrorCode | undefined } };

// Each holds a dose's volumes; more threads would want more than 2 GiB.
const MOST_THREADS = 2;

/** As doseStudy, with doses shared out to threads where there are cores for them; each dose comes as soon as it is done. */
export async function* doseStudyInThreads(task: DoseTask, { signal, onProgress }: TaskOptions): AsyncGenerator<SimulatedDose> {
  const { study, models, doses, ...settings } = task;
  const count = Math.min(MOST_THREADS, availableParallelism(), doses.length);
  if (count === 1) {
    const restorers = await loadRestorers(models, signal ? { signal } : {});
    yield* doseStudy(study, { doses, ...settings, restorers, signal, onProgress });
    return;
  }
  const progress: Progress[] = [];
  const threads = Array.from({ length: count }, (_, n) =>
    startThread({ ...task, doses: doses.filter((__, d) => d % count === n) }, (own) => {
      progress[n] = own;
      const sum = (key: "done" | "total") => progress.reduce((total, one) => total + one[key], 0);
      const [done, total] = [sum("done"), sum("total")];
      // Until every thread has told its total the share would jump back; and one that is done is not the whole.
      const partial = Object.keys(progress).length < count || (own.done === own.total && done < total);
      if (!partial) onProgress?.({ ...own, done, total });
    }),
  );
  const stop = new Promise<never>((_, reject) => {
    const abort = () => reject(new GadoliniteError("aborted", "Cancelled by the caller."));
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort, { once: true });
  });
  stop.catch(() => undefined);
  try {
    const ask = (thread: DoseThread) => thread.next().then((result) => ({ thread, result }));
    const waiting = new Map(threads.map((thread) => [thread, ask(thread)]));
    while (waiting.size > 0) {
      const { thread, result } = await Promise.race([...waiting.values(), stop]);
      if (result) waiting.set(thread, ask(thread));
      else waiting.delete(thread);
      if (result) yield result;
    }
  } finally {
    await Promise.all(threads.map((thread) => thread.end()));
  }
}

interface DoseThread {
  /** The next finished dose, none after the last. */
  next(): Promise<SimulatedDose | undefined>;
  end(): Promise<unknown>;
}

function startThread(task: DoseTask, onProgress: (progress: Progress) => void): DoseThread {
  const worker = new Worker(new URL("./doseThread.mjs", import.meta.url), { workerData: task, execArgv: [] });
  const exited = once(worker, "exit").catch(() => undefined);
  const results: SimulatedDose[] = [];
  let over: { readonly error?: unknown } | undefined;
  let wake = () => {};
  const finish = (how: NonNullable<typeof over>) => {
    over ??= how;
    wake();
  };
  worker.on("message", (message: FromThread) => {
    if ("progress" in message) onProgress(message.progress);
    else if ("error" in message) finish({ error: asError(message.error) });
    else if ("end" in message) finish({});
    else {
      results.push(message.result);
      wake();
    }
  });
  worker.on("error", (error) => finish({ error }));
  worker.on("exit", (code) => finish(code === 0 ? {} : { error: new Error(`A thread ended with code ${code}.`) }));
  return {
    async next() {
      while (results.length === 0 && !over)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      const result = results.shift();
      if (result) worker.postMessage("taken");
      else if (over?.error) throw over.error;
      return result;
    },
    end() {
      worker.postMessage("stop");
      return exited;
    },
  };
}

function asError({ code, message, stack }: Extract<FromThread, { error: unknown }>["error"]): Error {
  const error = code ? new GadoliniteError(code, message) : new Error(message);
  if (stack) error.stack = stack;
  return error;
}
