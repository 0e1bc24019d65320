import { vi } from "vitest";
import { webAbsent, webgpuBuild } from "../backend/webRuntime.js";
import { nodePlatform } from "./nodeDevice.js";
import { restoreSuite } from "./restoreSuite.js";

// ONNX Runtime's web build in Node, over the package webgpu: it looks for navigator.gpu.
const platform = await nodePlatform();
if (platform && !webAbsent) {
  vi.stubGlobal("navigator", { gpu: platform, hardwareConcurrency: 1, userAgent: "node" });
  vi.doMock("onnxruntime-web/webgpu", webgpuBuild);
}

restoreSuite("onnxruntime-web over the package webgpu", platform ? webAbsent : "there is no WebGPU here");
