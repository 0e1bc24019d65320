import { cpu } from "../../src/backend/cpu.js";
import { fillNormal } from "../../src/internal/random.js";
import { conditionalUnet3d } from "../../src/model/conditionalUnet3d.js";
import { parameterCount } from "../../src/model/graph/graph.js";
import { adam, constant, fit, huberLoss } from "../../src/training/index.js";
import { compareWithPython } from "../support/compare.js";

// Goal: at most 1.8 times PyTorch's step, where PyTorch has its fast convolutions (oneDNN). Debian's build lacks them and takes several times as long.
// GADOLINITE_STEP=16,64 adds the larger size, which takes a minute or two.
const sizes = [[8, 32], ...(process.env["GADOLINITE_STEP"] ? [process.env["GADOLINITE_STEP"].split(",").map(Number)] : [])];
for (const [features, size] of sizes as [number, number][]) {
  const network = conditionalUnet3d({ seed: 1, features, scales: 3, batch: 2, patch: [size, size, size], output: "linear" });
  const graph = huberLoss(network, { delta: 0.1 });
  const noise = (seed: number, ...dims: number[]) => {
    const data = new Float32Array(dims.reduce((a, b) => a * b, 1));
    fillNormal(data, seed);
    return { dims, data };
  };
  const batch = { x: noise(1, 2, 3, size, size, size), conditions: noise(2, 2, 4), target: noise(3, 2, 1, size, size, size) };
  const options = { backend: cpu(), optimizer: adam(), clipNorm: 1, batches: () => batch, steps: 1e6, schedule: constant(1e-4) };
  const run = fit(graph, options);
  const rounds = size > 32 ? 3 : 7;
  await compareWithPython(
    `a step of base ${features}, ${size}³, batch 2, ${parameterCount(graph)} parameters`,
    { "gadolinite, ONNX Runtime": () => run.next() },
    `
import json, statistics, sys, time
sys.path.insert(0, "test/golden/generate")
import torch, golden
golden.write = lambda *_: None
exec(open("test/golden/generate/model_networks.py").read().split("\\nfor mode in")[0])
torch.set_num_threads(2)
net = ConditionalUnet(3, 4, ${features}, 3, 128, "replicate")
optimizer = torch.optim.AdamW(net.parameters(), 1e-4)
x, c, t = torch.randn(2, 3, *[${size}] * 3), torch.randn(2, 4), torch.randn(2, 1, *[${size}] * 3)
times = []
for _ in range(${rounds}):
    start = time.perf_counter()
    optimizer.zero_grad()
    F.huber_loss(net(x, c), t, delta=0.1).backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimizer.step()
    times.append(1e3 * (time.perf_counter() - start))
name = "PyTorch " + torch.__version__ + (", oneDNN" if torch.backends.mkldnn.is_available() else ", no oneDNN")
print(json.dumps({name: statistics.median(times)}))
`,
    { rounds },
  );
  await run.return();
  // The peak counts from the start of the process, so the larger size comes last.
  const [peak, state] = [process.resourceUsage().maxRSS / 1024, (12 * parameterCount(graph)) / 2 ** 20];
  console.log(`  memory: ${peak.toFixed(0)} MB at the most, Node included; weights and Adam's means ${state.toFixed(1)} MB`);
}
