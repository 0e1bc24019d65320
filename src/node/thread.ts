import { pathToFileURL } from "node:url";
import { parentPort, type Transferable, Worker } from "node:worker_threads";
import { type ErrorCode, GadoliniteError, isGadoliniteError } from "../core/errors.js";

/** A module that runs in a thread of its own and answers calls, one after another or at once as it likes. */
export interface Thread {
  /** Calls a function that the module gave to {@link serveThread}. Arrays named in `transfer` are moved, not copied. */
  call(name: string, argument: unknown, transfer?: readonly Transferable[]): Promise<unknown>;
  /** Ends the thread once what it works on is done. Calls without an answer reject with `no-backend` at once. */
  close(): Promise<void>;
}

export interface StartThreadOptions {
  /** Flags of Node for the thread. Default: those of the process. */
  readonly execArgv?: readonly string[];
}

interface Question {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly code: ErrorCode | undefined; readonly message: string; readonly stack: string | undefined };
}

/**
 * Starts a module in a thread. The thread keeps the process alive only while a call waits for its answer.
 *
 * @param module its `file:` URL or path
 */
export function startThread(module: string, { execArgv }: StartThreadOptions = {}): Thread {
  const url = module.startsWith("file:") ? new URL(module) : pathToFileURL(module);
  const worker = new Worker(url, { ...(execArgv && { execArgv: [...execArgv] }) });
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: unknown) => void }>();
  // Calls that the thread works on, whether or not anybody still waits for them.
  const working = new Set<number>();
  let idle = () => {};
  let closed: Promise<void> | undefined;
  let ended: GadoliniteError | undefined;
  let calls = 0;

  const settle = (id: number) => {
    const call = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) worker.unref();
    return call;
  };
  const end = (reason: string, cause?: unknown) => {
    ended ??= new GadoliniteError("no-backend", `The thread has ended: ${reason}`, { cause });
    for (const id of [...waiting.keys()]) settle(id)?.reject(ended);
  };
  worker.unref();
  worker.on("message", ({ id, result, error }: Answer) => {
    working.delete(id);
    if (error) settle(id)?.reject(asError(error));
    else settle(id)?.resolve(result);
    if (working.size === 0) idle();
  });
  worker.on("error", (error: Error) => end(error.message, error));
  worker.on("exit", (code) => {
    end(`exit code ${code}.`);
    working.clear();
    idle();
  });

  /** A thread that is killed while ONNX Runtime works in it takes the process along. */
  const shut = async () => {
    end("it was closed.");
    if (working.size > 0) {
      worker.ref();
      await new Promise<void>((resolve) => {
        idle = resolve;
      });
    }
    await worker.terminate();
  };

  return {
    call(name, argument, transfer = []) {
      if (ended) return Promise.reject(ended);
      const id = calls++;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        worker.ref();
        try {
          worker.postMessage({ id, name, argument } satisfies Question, transfer);
          working.add(id);
        } catch (error) {
          settle(id);
          reject(error);
        }
      });
    },
    close() {
      closed ??= shut();
      return closed;
    },
  };
}

/** What a function of a thread gives: its result, and the arrays in it that are moved. */
export interface ThreadResult {
  readonly result: unknown;
  readonly transfer?: readonly Transferable[];
}

/** Answers the calls of {@link startThread}; called once, by the module that was started. */
export function serveThread(functions: Readonly<Record<string, (argument: never) => Promise<ThreadResult>>>): void {
  const port = parentPort;
  if (!port) throw new GadoliniteError("unsupported", "This module is meant to be started in a thread.");
  port.on("message", ({ id, name, argument }: Question) => {
    functions[name]!(argument as never).then(
      ({ result, transfer = [] }) => port.postMessage({ id, result } satisfies Answer, transfer),
      (error: unknown) => port.postMessage({ id, error: asData(error) } satisfies Answer),
    );
  });
}

function asData(error: unknown): NonNullable<Answer["error"]> {
  if (!(error instanceof Error)) return { code: undefined, message: String(error), stack: undefined };
  return { code: isGadoliniteError(error) ? error.code : undefined, message: error.message, stack: error.stack };
}

function asError({ code, message, stack }: NonNullable<Answer["error"]>): Error {
  const error = code ? new GadoliniteError(code, message) : new Error(message);
  if (stack) error.stack = stack;
  return error;
}
