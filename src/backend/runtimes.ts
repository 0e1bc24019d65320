import { GadoliniteError } from "../core/errors.js";
import type { OnnxRuntime } from "./onnx.js";
import { reason } from "./remedies.js";

/** The parts of ONNX Runtime's module that are read or set here, all optional. */
export interface RuntimeModule extends OnnxRuntime {
  readonly env?: {
    readonly versions?: Readonly<Record<string, string | undefined>>;
    readonly wasm?: { numThreads?: number };
    /** The device that all sessions share, from the first one on. */
    readonly webgpu?: { readonly device?: Promise<unknown> };
  };
}

/** Whether this is Node, or one that looks like it (Deno, Bun), and no page. */
export const inNode = (): boolean =>
  typeof document === "undefined" && typeof process !== "undefined" && !!process.versions?.node;

// Put together, so that bundlers for browsers don't follow them into native code.
const NATIVE = ["onnxruntime", "node"].join("-");
const WEB = ["onnxruntime", "web"].join("-");

/** The package `onnxruntime-node`. */
export async function nativeRuntime(who: string): Promise<RuntimeModule> {
  try {
    return await import(/* webpackIgnore: true */ /* @vite-ignore */ NATIVE);
  } catch (cause) {
    throw new GadoliniteError(
      "no-backend",
      `${who} needs the package onnxruntime-node, version 1.30 or later: npm install onnxruntime-node. In a browser take webgpu() or wasm(), over onnxruntime-web. (${reason(cause)})`,
      { cause },
    );
  }
}

/** The package `onnxruntime-web` with its WebAssembly. The cast keeps a peer that may be absent out of the types, and the text for bundlers. */
export async function wasmRuntime(): Promise<RuntimeModule> {
  try {
    // In Node only the package's default door starts threads; elsewhere that one brings an old WebGPU along.
    if (inNode()) return await import(/* webpackIgnore: true */ /* @vite-ignore */ WEB);
    return await import("onnxruntime-web/wasm" as string);
  } catch (cause) {
    throw webAbsent("wasm()", cause);
  }
}

/** The package `onnxruntime-web` with WebGPU: never its default door, whose older WebGPU computes some 3-D convolutions wrongly. */
export async function webgpuRuntime(): Promise<RuntimeModule> {
  try {
    return await import("onnxruntime-web/webgpu" as string);
  } catch (cause) {
    throw webAbsent("webgpu()", cause);
  }
}

const webAbsent = (who: string, cause: unknown) =>
  new GadoliniteError(
    "no-backend",
    `${who} needs the package onnxruntime-web, version 1.30 or later: npm install onnxruntime-web. (${reason(cause)})`,
    { cause },
  );
