import { requestGpuDevice } from "../../../src/webgpu/index.js";
import { restoreSuite } from "../../webgpu/restoreSuite.js";
import { kernelSuite } from "../../webgpu/suite.js";

kernelSuite("a page", () => requestGpuDevice());
restoreSuite("onnxruntime-web in a page");
