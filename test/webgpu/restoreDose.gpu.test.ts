import { vi } from "vitest";
import { webAbsent, webgpuBuild } from "../backend/webRuntime.js";
import { nodePlatform } from "./nodeDevice.js";
import { restoreSuite } from "./restoreSuite.js";

// ONNX Runtime's web build in Node, over the package webgpu: it looks for navigator.gpu. Pages run the same suite (test/backend/browser).
const [major] = process.versions.node.split(".").map(Number);
const platform = major! >= 22 ? await nodePlatform() : undefined;
if (platform && !webAbsent) {
  vi.stubGlobal("navigator", { gpu: platform, hardwareConcurrency: 1, userAgent: "node" });
  vi.doMock("onnxruntime-web/webgpu", webgpuBuild);
}

const absent =
  major! >= 22 ? "there is no WebGPU here" : "on Node 20 a run of onnxruntime-web over the package webgpu never ends";
restoreSuite("onnxruntime-web over the package webgpu", platform ? webAbsent : absent);
