import { webgpu } from "../../src/backend/index.js";
import { createModel } from "../../src/model/index.js";
import { identityModel } from "../model/tinyOnnx.js";
import { conformance } from "./conformance.js";

const failure = await webgpu({ runtime: "native" })
  .load(createModel(identityModel()))
  .then(
    (session) => session.dispose(),
    (error: Error) => error.message,
  );

// The provider inside onnxruntime-node; without a GPU on SwiftShader, where XDG_RUNTIME_DIR and VK_ICD_FILENAMES say so.
conformance("webgpu()", () => webgpu({ runtime: "native" }), {
  tolerance: 2 ** -20,
  skip: failure === undefined ? undefined : "WebGPU doesn't start here",
});
