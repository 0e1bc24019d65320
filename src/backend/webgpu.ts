import { GadoliniteError, isGadoliniteError } from "../core/errors.js";
import { checkNotAborted, checkOneOf } from "../internal/check.js";
import type { Model } from "../model/model.js";
import { portable } from "../model/portable.js";
import type { Backend } from "./backend.js";
import { checkSha256, onnx } from "./onnx.js";
import { inNode, nativeRuntime, webgpuRuntime } from "./runtimes.js";

export interface WebgpuOptions {
  /**
   * `"web"` takes `onnxruntime-web/webgpu` on the platform's own WebGPU (`navigator.gpu`), `"native"` the provider inside
   * `onnxruntime-node`. Default: `"web"` where there is `navigator.gpu`, and in pages; else `"native"`.
   */
  readonly runtime?: "web" | "native";
  /** Whether operations that ONNX Runtime lacks on WebGPU are replaced by equal ones, as {@link portable} says. Default true. */
  readonly rewrite?: boolean;
}

/**
 * Runs models on the GPU through WebGPU, with the package `onnxruntime-web` (in browsers and Deno) or `onnxruntime-node`, which the caller
 * installs; it is loaded with the first model.
 *
 * @returns a backend; `load` throws as {@link onnx} says, `no-backend` with the reason and the remedy if there is no adapter
 * @throws `out-of-range` if `runtime` is none of the two
 * @example
 * const { session, tried } = await loadFirst(model, [webgpu(), cpu()]);
 */
export function webgpu({ runtime, rewrite = true }: WebgpuOptions = {}): Backend {
  if (runtime !== undefined) checkOneOf("runtime", runtime, ["web", "native"]);
  return {
    name: "webgpu",
    async load(model, { checksum = true, ...options } = {}) {
      checkNotAborted(options.signal);
      const web = runtime ? runtime === "web" : hasGpu() || !inNode();
      if (web) checkWebgpu();
      const ort = await (web ? webgpuRuntime() : nativeRuntime("webgpu()"));
      const backend = onnx(ort, { executionProviders: ["webgpu"] });
      if (!rewrite) return backend.load(model, { ...options, checksum });
      // The card's checksum is that of the bytes that came, not of the rewritten ones.
      if (checksum) await checkSha256(model);
      return backend.load(rewritten(model), { ...options, checksum: false });
    },
  };
}

const hasGpu = (): boolean => typeof navigator !== "undefined" && "gpu" in navigator && !!navigator.gpu;

/** Throws `no-backend` where the platform has no WebGPU of its own. */
export function checkWebgpu(): void {
  if (hasGpu()) return;
  const why =
    globalThis.isSecureContext === false
      ? "this page is not a secure context: serve it over HTTPS or from localhost."
      : "navigator.gpu is absent: take a browser with WebGPU, switch it on (chrome://flags, about:config), or in Node leave `runtime` out.";
  throw new GadoliniteError("no-backend", `webgpu() finds no WebGPU here: ${why}`);
}

/** A model that can't be read as a graph (unknown operators) is left to the runtime to judge. */
export function rewritten(model: Model): Model {
  try {
    return { ...model, bytes: portable(model.bytes).bytes };
  } catch (error) {
    if (!isGadoliniteError(error)) throw error;
    return model;
  }
}
