import { GadoliniteError } from "../core/errors.js";
import { checkPositiveInteger } from "../internal/check.js";
import type { Backend } from "./backend.js";
import { type OnnxRuntime, onnx } from "./onnx.js";

export interface CpuOptions {
  /** Threads that compute one operation together. Default: ONNX Runtime's choice, one for each physical core. */
  readonly threads?: number;
}

/**
 * Runs models on the CPU with the package `onnxruntime-node`, which the caller installs; it is loaded with the first model.
 *
 * A run blocks the event loop of its thread until it is done; in a server, load the model in a worker.
 *
 * @returns a backend; `load` throws as {@link onnx} says, and `no-backend` if the package is absent
 * @throws `out-of-range` if `threads` is not a positive integer
 * @example
 * const session = await cpu().load(model);
 */
export function cpu({ threads }: CpuOptions = {}): Backend {
  if (threads !== undefined) checkPositiveInteger("threads", threads);
  const sessionOptions = {
    // Memory planned for one input size is a third more, and slower, in 3-D networks.
    enableMemPattern: false,
    ...(threads !== undefined && { intraOpNumThreads: threads }),
  };
  return {
    name: "cpu",
    async load(model, options) {
      return onnx(await runtime(), { executionProviders: ["cpu"], sessionOptions }).load(model, options);
    },
  };
}

// Put together, so that bundlers for browsers don't follow it into native code.
const PACKAGE = ["onnxruntime", "node"].join("-");

async function runtime(): Promise<OnnxRuntime> {
  try {
    return await import(/* webpackIgnore: true */ /* @vite-ignore */ PACKAGE);
  } catch (cause) {
    throw new GadoliniteError(
      "no-backend",
      "cpu() needs the package onnxruntime-node, version 1.30 or later: npm install onnxruntime-node. In a browser take onnx(…) over onnxruntime-web.",
      { cause },
    );
  }
}
