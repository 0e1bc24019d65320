import { GadoliniteError } from "../core/errors.js";
import { checkNotAborted } from "../internal/check.js";
import type { Thread } from "../node/thread.js";
import type { Backend, Session, Tensors } from "./backend.js";
import type { CpuOptions } from "./cpu.js";
import type { LoadRequest } from "./cpuThread.js";
import { checkInputs } from "./tensors.js";

export interface CpuInThreadOptions extends Omit<CpuOptions, "worker"> {
  /** Flags of Node for the thread. Default: those of the process. */
  readonly execArgv?: readonly string[];
}

/** What `cpu({ worker: true })` is: {@link cpu} in a thread of its own for each loaded model. */
export function cpuInThread({ execArgv, ...options }: CpuInThreadOptions = {}): Backend {
  return {
    name: "cpu in a worker",
    async load({ bytes, card }, { signal, ...load } = {}) {
      checkNotAborted(signal);
      const { startThread } = await threads();
      const thread = startThread(entry(), execArgv ? { execArgv } : {});
      // Not bytes.slice(): of a Node Buffer that is a view, and what it looks at would be moved away.
      const copy = new Uint8Array(bytes);
      const request: LoadRequest = { model: { bytes: copy, ...(card && { card }) }, cpu: options, load };
      try {
        const loaded = thread.call("load", request, [copy.buffer]);
        return sessionIn(thread, (await unlessAborted(loaded, signal)) as Described);
      } catch (error) {
        void thread.close();
        throw error;
      }
    },
  };
}

type Described = Pick<Session, "device" | "placement" | "inputs" | "outputs">;

function sessionIn(thread: Thread, described: Described): Session {
  let last: Promise<unknown> = Promise.resolve();
  let disposed: Promise<void> | undefined;
  const { device, inputs } = described;
  return {
    ...described,
    async run(tensors, { signal } = {}) {
      checkNotAborted(signal);
      if (disposed)
        throw new GadoliniteError("no-backend", `This session (${device}) was disposed of. Load the model again to run it.`);
      checkInputs(inputs, tensors);
      // Copied now, as the caller may change them later; asked for in turn, so that one cancelled in the queue is never computed.
      const copies = copied(tensors);
      const job = last.then(() => {
        checkNotAborted(signal);
        return thread.call(
          "run",
          copies,
          Object.values(copies).map(({ data }) => data.buffer as ArrayBuffer),
        );
      });
      last = job.catch(() => undefined);
      return (await unlessAborted(job, signal)) as Tensors;
    },
    dispose() {
      disposed ??= last.then(() => thread.call("dispose", undefined).catch(() => undefined)).then(() => thread.close());
      return disposed;
    },
  };
}

function copied(tensors: Tensors): Tensors {
  const copy = Object.entries(tensors).map(([name, { dims, data }]) => [name, { dims: [...dims], data: data.slice() }] as const);
  return Object.fromEntries(copy);
}

/** The promise, or `aborted` as soon as the caller cancels. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(new GadoliniteError("aborted", "Cancelled by the caller.", { cause: signal.reason }));
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

// Put together, so that bundlers for browsers don't follow it into Node.
const THREAD = ["../node", "thread.js"].join("/");

async function threads(): Promise<typeof import("../node/thread.js")> {
  try {
    return await import(/* webpackIgnore: true */ /* @vite-ignore */ THREAD);
  } catch (cause) {
    throw new GadoliniteError(
      "no-backend",
      "cpu({ worker: true }) needs the worker threads of Node. In a browser run a backend in a Web Worker.",
      { cause },
    );
  }
}

/** The file that the thread starts from: beside this one, in whichever build it lies. */
function entry(): string {
  const own = typeof __filename === "string" ? __filename : import.meta.url;
  return own.replace(/cpuInThread(?=\.\w+$)/, "cpuThread");
}
