import { GadoliniteError } from "../core/errors.js";
import { checkNotAborted } from "../internal/check.js";
import type { ElastixJob } from "../node/elastixInThread.js";

/** Runs elastix where this is: in a thread of Node, Deno or Bun, or in a Web Worker over files that the page's own server gives. */
export async function runElastix(
  job: ElastixJob,
  assetsUrl: string | URL | undefined,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const inNode = typeof document === "undefined" && typeof process !== "undefined" && !!process.versions?.node;
  if (!inNode) return elastixInWebWorker(job, assetsUrl, signal);
  const { elastixInThread } = await threads();
  return elastixInThread(job, signal);
}

// Put together, so that bundlers for browsers don't follow it into Node.
const THREAD = ["../node", "elastixInThread.js"].join("/");
const threads = (): Promise<typeof import("../node/elastixInThread.js")> =>
  import(/* webpackIgnore: true */ /* @vite-ignore */ THREAD);

interface ElastixPackage {
  elastix(
    maps: ElastixJob["maps"],
    options: ElastixJob["images"] & { webWorker: Worker; noCopy: boolean },
  ): Promise<{ readonly transformParameterObject: unknown }>;
  setPipelinesBaseUrl(url: string): void;
}

async function elastixInWebWorker(
  { maps, images }: ElastixJob,
  assetsUrl: string | URL | undefined,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  if (assetsUrl === undefined)
    throw new GadoliniteError(
      "unsupported",
      "In a browser, say with assetsUrl in which folder elastix's files are served: elastix.js and elastix.wasm.zst of @itk-wasm/elastix/dist/pipelines and itk-wasm-pipeline.min.worker.js of itk-wasm/dist/pipeline/web-workers/bundles. Nothing is fetched from elsewhere.",
    );
  const folder = new URL(assetsUrl, location.href).href.replace(/\/?$/, "/");
  const { elastix, setPipelinesBaseUrl } = await webPackage();
  checkNotAborted(signal);
  const worker = new Worker(new URL("itk-wasm-pipeline.min.worker.js", folder), { type: "module" });
  // The package keeps it for all calls; it is read before the first await of the next line.
  setPipelinesBaseUrl(folder.slice(0, -1));
  const done = elastix(maps, { ...images, webWorker: worker, noCopy: true });
  try {
    return (await Promise.race([done, failureOf(worker, signal)])).transformParameterObject;
  } catch (cause) {
    checkNotAborted(signal);
    throw new GadoliniteError("not-converged", `elastix gave up: ${cause instanceof Error ? cause.message : cause}`, { cause });
  } finally {
    worker.terminate();
  }
}

function failureOf(worker: Worker, signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    worker.addEventListener("error", ({ message }) => reject(new Error(message || "its files are not where assetsUrl says.")));
  });
}

async function webPackage(): Promise<ElastixPackage> {
  try {
    return await import("@itk-wasm/elastix" as string);
  } catch (cause) {
    throw new GadoliniteError(
      "unsupported",
      "Registration needs the package @itk-wasm/elastix, version 1.0 or later: npm install @itk-wasm/elastix.",
      { cause },
    );
  }
}
