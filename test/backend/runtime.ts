import type { OnnxRuntime } from "../../src/backend/index.js";

/** The package onnxruntime-node, or why it isn't there. */
export const { ort, absent }: { ort?: OnnxRuntime; absent?: string } = await import("onnxruntime-node").then(
  (module) => ({ ort: module }),
  (error: unknown) => ({ absent: `onnxruntime-node can't be loaded: ${(error as Error).message}` }),
);
