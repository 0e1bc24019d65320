import type { Tensors } from "../../backend/backend.js";
import { GadoliniteError } from "../../core/errors.js";
import { checkNonNegativeInteger, checkPositiveInteger } from "../../internal/check.js";
import type { PatchSamplesOptions, TrainingPair } from "./patchSamples.js";
import type { RestorationSamplesOptions } from "./restorationSamples.js";

/** What the thread makes samples from; it is copied there. */
export type SampleSource =
  | { readonly kind: "procedural"; readonly options: RestorationSamplesOptions }
  | { readonly kind: "patches"; readonly pairs: readonly TrainingPair[]; readonly options: PatchSamplesOptions };

export interface PrefetchSamplesOptions {
  /** Steps that are prepared before they are asked for. Default 2. */
  readonly ahead?: number;
  /** No step from this one on is prepared unasked. Default: there is no end. */
  readonly end?: number;
  /** Flags of Node for the thread. Default: those of the process. */
  readonly execArgv?: readonly string[];
}

export interface PrefetchedSamples {
  /** The tensors of a step, which belong to the caller. Steps may be asked for in any order; the next ones are prepared. */
  batches(step: number): Promise<Tensors>;
  /** Ends the thread. */
  close(): Promise<void>;
}

/**
 * Makes samples in a thread of its own while the training's step runs: the same as without, to the bit. In Node, and not out of a bundle,
 * since the thread starts from a file of this package.
 *
 * @throws `no-backend` if threads can't be started; `batches` rejects with what the samples throw, and with `no-backend` once closed
 * @example
 * const { batches, close } = await prefetchSamples({ kind: "procedural", options: { seed: 1 } });
 * for await (const { step, loss } of fit(graph, { ...options, batches })) console.log(step, loss);
 * await close();
 */
export async function prefetchSamples(
  source: SampleSource,
  { ahead = 2, end = Infinity, execArgv }: PrefetchSamplesOptions = {},
): Promise<PrefetchedSamples> {
  checkPositiveInteger("ahead", ahead);
  const { startThread } = await threads();
  const thread = startThread(entry(), execArgv ? { execArgv } : {});
  const prepared = new Map<number, Promise<Tensors>>();
  const prepare = (step: number) => {
    const known = prepared.get(step);
    if (known) return known;
    const batch = thread.call("make", step) as Promise<Tensors>;
    batch.catch(() => undefined); // told to whoever asks for it
    prepared.set(step, batch);
    return batch;
  };
  try {
    await thread.call("start", source);
  } catch (error) {
    await thread.close();
    throw error;
  }
  return {
    async batches(step) {
      checkNonNegativeInteger("step", step);
      const batch = prepare(step);
      for (const other of [...prepared.keys()]) if (other <= step || other > step + ahead) prepared.delete(other);
      for (let next = step + 1; next <= step + ahead && next < end; next++) prepare(next);
      return batch;
    },
    close: () => thread.close(),
  };
}

// Put together, so that bundlers for browsers don't follow it into Node.
const THREAD = ["../../node", "thread.js"].join("/");

async function threads(): Promise<typeof import("../../node/thread.js")> {
  try {
    return await import(/* webpackIgnore: true */ /* @vite-ignore */ THREAD);
  } catch (cause) {
    throw new GadoliniteError("no-backend", "prefetchSamples() needs the threads of Node.", { cause });
  }
}

/** The file that the thread starts from: beside this one, in whichever build it lies. */
function entry(): string {
  const own = typeof __filename === "string" ? __filename : import.meta.url;
  return own.replace(/prefetchSamples(?=\.\w+$)/, "samplesThread");
}
