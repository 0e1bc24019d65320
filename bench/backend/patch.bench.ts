import { availableParallelism } from "node:os";
import * as native from "onnxruntime-node";
import { type Backend, cpu, onnx, type Tensor, webgpu } from "../../src/backend/index.js";
import { fillNormal } from "../../src/internal/random.js";
import { conditionalUnet3d, createModel, encodeGraph } from "../../src/model/index.js";
import { webAbsent, webRuntime } from "../../test/backend/webRuntime.js";
import { compareWithPython } from "../support/compare.js";

// A patch through the conditional U-Net on each backend that runs here, beside the bare runtime called by hand (goal: our part at most 3 %) and PyTorch.
// GADOLINITE_BASES=8,16,32 and GADOLINITE_PATCH=96 choose the sizes; GADOLINITE_WEBGPU=1 adds webgpu(), which takes minutes where the GPU is software.
const bases = (process.env["GADOLINITE_BASES"] ?? "8,16,32").split(",").map(Number);
const size = Number(process.env["GADOLINITE_PATCH"] ?? 96);
const threads = availableParallelism();
const noise = (seed: number, ...dims: number[]): Tensor => {
  const data = new Float32Array(dims.reduce((a, b) => a * b, 1));
  fillNormal(data, seed);
  return { dims, data };
};
const inputs = { x: noise(1, 1, 3, size, size, size), conditions: noise(2, 1, 4) };

const backends: [string, Backend][] = [[`cpu(), ${threads} threads`, cpu({ threads })]];
if (webAbsent) console.log(`wasm(): ${webAbsent}`);
else {
  const web = await webRuntime();
  Object.assign((web as unknown as { env: { wasm: object } }).env.wasm, { numThreads: threads });
  backends.push([`wasm, ${threads} threads`, onnx(web, { executionProviders: ["wasm"] })]);
}
if (process.env["GADOLINITE_WEBGPU"]) backends.push(["webgpu()", webgpu({ runtime: "native" })]);

for (const features of bases) {
  const bytes = encodeGraph(conditionalUnet3d({ seed: 1, features, scales: 3, batch: 1, patch: [size, size, size] }));
  const bare = await native.InferenceSession.create(bytes, {
    // As cpu() sets them.
    intraOpNumThreads: threads,
    enableMemPattern: false,
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  });
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, { dims, data }]) => [name, new native.Tensor("float32", data, dims)]),
  );
  const sessions = await Promise.all(
    backends.map(async ([name, backend]) => [name, await backend.load(createModel(bytes))] as const),
  );
  await compareWithPython(
    `conditional U-Net of ${features} features, one patch of ${size}³`,
    {
      "bare onnxruntime-node": () => bare.run(feeds),
      ...Object.fromEntries(sessions.map(([name, session]) => [name, () => session.run(inputs)])),
    },
    `
import json, statistics, sys, time
sys.path.insert(0, "test/golden/generate")
import torch, golden
golden.write = lambda *_: None
exec(open("test/golden/generate/model_networks.py").read().split("\\nfor mode in")[0])
torch.set_num_threads(${threads})
net = ConditionalUnet(3, 4, ${features}, 3, 128, "replicate").eval()
x, c = torch.randn(1, 3, *[${size}] * 3), torch.randn(1, 4)
times = []
with torch.no_grad():
    for _ in range(3):
        start = time.perf_counter()
        net(x, c)
        times.append(1e3 * (time.perf_counter() - start))
name = "PyTorch " + torch.__version__ + (", oneDNN" if torch.backends.mkldnn.is_available() else ", no oneDNN")
print(json.dumps({name: statistics.median(times)}))
`,
    { rounds: features < 32 ? 5 : 1 },
  );
  for (const [, session] of sessions) await session.dispose();
  await bare.release();
}
