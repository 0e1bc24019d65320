import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { GadoliniteError } from "../core/errors.js";
import { checkNotAborted } from "../internal/check.js";

/** What elastix is asked to do: parameter maps, and two images as itk-wasm takes them. The images' voxels are given away. */
export interface ElastixJob {
  readonly maps: readonly object[];
  readonly images: { readonly fixed: ElastixImage; readonly moving: ElastixImage };
}

interface ElastixImage {
  readonly data: Float32Array;
}

// Plain JavaScript in a string: it runs from source, from a build and from a bundle, and a thread is all it needs of this library.
const THREAD = `
const { parentPort, workerData } = require("node:worker_threads");
import(workerData.module)
  .then(({ elastixNode }) => elastixNode(workerData.maps, workerData.images))
  .then(
    ({ transformParameterObject }) => parentPort.postMessage({ found: transformParameterObject }),
    (error) => parentPort.postMessage({ failure: error?.message ?? "it threw an exception (" + error + ")." }),
  );
`;

/**
 * Runs elastix in a thread of its own, which an abort ends at once: the WebAssembly answers to nothing while it works.
 *
 * @returns the parameters of the transforms found, as elastix writes them
 * @throws `unsupported` if the package is absent, `not-converged` with elastix's words if it fails, `aborted`
 */
export function elastixInThread({ maps, images }: ElastixJob, signal: AbortSignal | undefined): Promise<unknown> {
  checkNotAborted(signal);
  const transferList = [images.fixed.data.buffer, images.moving.data.buffer] as ArrayBuffer[];
  // What it prints is not for the user of a library: an error says it all.
  const worker = new Worker(THREAD, {
    eval: true,
    workerData: { module: packageUrl(), maps, images },
    transferList,
    stderr: true,
  });
  let abort = () => {};
  return new Promise((resolve, reject) => {
    const fail = (message: string, cause?: unknown) => reject(new GadoliniteError("not-converged", message, { cause }));
    abort = () => reject(new GadoliniteError("aborted", "Cancelled by the caller.", { cause: signal?.reason }));
    signal?.addEventListener("abort", abort);
    worker.once("message", ({ found, failure }: { found?: unknown; failure?: string }) =>
      failure === undefined ? resolve(found) : fail(`elastix gave up: ${failure}`),
    );
    worker.once("error", (error) => fail(`elastix gave up: ${error.message}`, error));
    worker.once("exit", (code) => fail(`elastix ended without a word (exit code ${code}).`));
  }).finally(() => {
    signal?.removeEventListener("abort", abort);
    return worker.terminate();
  });
}

function packageUrl(): string {
  const own = typeof __filename === "string" ? __filename : import.meta.url;
  try {
    return pathToFileURL(createRequire(own).resolve("@itk-wasm/elastix")).href;
  } catch (cause) {
    throw new GadoliniteError(
      "unsupported",
      "Registration needs the package @itk-wasm/elastix, version 1.0 or later: npm install @itk-wasm/elastix.",
      { cause },
    );
  }
}
