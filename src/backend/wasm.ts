import { GadoliniteError } from "../core/errors.js";
import { checkPositiveInteger } from "../internal/check.js";
import type { Backend } from "./backend.js";
import { onnx } from "./onnx.js";
import { type RuntimeModule, wasmRuntime } from "./runtimes.js";

export interface WasmOptions {
  /**
   * Threads that compute one operation together; all sessions of a page or process share them. Default: half the processors, 4 at most; 1 in
   * a page that isn't cross-origin isolated.
   */
  readonly threads?: number;
}

/**
 * Runs models in WebAssembly with the package `onnxruntime-web`, which the caller installs; it is loaded with the first model. Slower than
 * `cpu()`, but it runs where nothing native does. A run blocks the thread that it is called from.
 *
 * ONNX Runtime takes one thread in silence where it can't have more; here that is an error, and `session.device` says how many there are.
 *
 * @returns a backend; `load` throws as {@link onnx} says, and `no-backend` if the package is absent, if the page isn't cross-origin
 *   isolated but several threads were asked for, or if the runtime already has another number of them
 * @throws `out-of-range` if `threads` is not a positive integer
 * @example
 * const session = await wasm({ threads: 2 }).load(model);
 */
export function wasm({ threads }: WasmOptions = {}): Backend {
  if (threads !== undefined) checkPositiveInteger("threads", threads);
  return {
    name: "wasm",
    async load(model, options) {
      const ort = await wasmRuntime();
      if (threads !== undefined) setThreads(ort, threads);
      const session = await onnx(ort, { executionProviders: ["wasm"] }).load(model, options);
      const count = ort.env?.wasm?.numThreads;
      return count === undefined ? session : { ...session, device: `wasm, ${count} thread${count === 1 ? "" : "s"}` };
    },
  };
}

function setThreads({ env }: RuntimeModule, threads: number): void {
  if (threads > 1 && (typeof SharedArrayBuffer === "undefined" || globalThis.crossOriginIsolated === false))
    throw new GadoliniteError(
      "no-backend",
      `wasm() can't have ${threads} threads: this page is not cross-origin isolated. Serve it with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, or take one thread.`,
    );
  const already = env?.wasm?.numThreads;
  if (already && already !== threads)
    throw new GadoliniteError(
      "no-backend",
      `wasm() was asked for ${threads} thread${threads === 1 ? "" : "s"}, but ONNX Runtime's WebAssembly has ${already} and keeps them while this page or process lives. Ask for the same number everywhere.`,
    );
  if (env?.wasm) env.wasm.numThreads = threads;
}
