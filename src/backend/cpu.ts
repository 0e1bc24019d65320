import { checkPositiveInteger } from "../internal/check.js";
import type { Backend } from "./backend.js";
import { cpuInThread } from "./cpuInThread.js";
import { onnx } from "./onnx.js";
import { nativeRuntime } from "./runtimes.js";

export interface CpuOptions {
  /** Threads that compute one operation together. Default: ONNX Runtime's choice, one for each physical core. */
  readonly threads?: number;
  /**
   * Whether threads that wait for work spin rather than sleep. Default false, unlike ONNX Runtime's: measured on two cores with other work going on,
   * sleeping threads take 6 to 9 % less time for a 3-D U-Net, and leave the cores to others.
   */
  readonly spinning?: boolean;
  /**
   * Whether each loaded model runs in a worker thread of its own, so that the event loop stays free: for servers, editors and notebooks. Default
   * false. In Node, and not out of a bundle, since the thread starts from a file of this package.
   */
  readonly worker?: boolean;
}

/**
 * Runs models on the CPU with the package `onnxruntime-node`, which the caller installs; it is loaded with the first model.
 *
 * A run blocks the event loop until it is done, unless `worker` is set. Then inputs are copied and handed over, outputs too; a cancelled run or
 * load rejects at once, and a run that has begun is computed to its end all the same, its result dropped, while the next one waits for it. A
 * worker keeps the process alive only while something waits for it; `dispose` ends it.
 *
 * @returns a backend; `load` throws as {@link onnx} says, and `no-backend` if the package is absent, or the worker can't be started or has ended
 * @throws `out-of-range` if `threads` is not a positive integer
 * @example
 * const session = await cpu({ worker: true }).load(model);
 */
export function cpu({ threads, spinning = false, worker = false }: CpuOptions = {}): Backend {
  if (threads !== undefined) checkPositiveInteger("threads", threads);
  if (worker) return cpuInThread({ spinning, ...(threads !== undefined && { threads }) });
  const sessionOptions = {
    // Memory planned for one input size is a third more, and slower, in 3-D networks.
    enableMemPattern: false,
    ...(threads !== undefined && { intraOpNumThreads: threads }),
    extra: { session: { intra_op: { allow_spinning: spinning ? "1" : "0" } } },
  };
  return {
    name: "cpu",
    async load(model, options) {
      return onnx(await nativeRuntime("cpu()"), { executionProviders: ["cpu"], sessionOptions }).load(model, options);
    },
  };
}
