import { cpu } from "../../src/backend/cpu.js";
import { conditionalUnet3d } from "../../src/model/conditionalUnet3d.js";
import { encodeGraph } from "../../src/model/graph/encode.js";
import { createModel } from "../../src/model/model.js";

// Run in a process of its own: how far its memory grows when a network is loaded and run. Prints bytes.
const { features, scales, window, batch, runs } = JSON.parse(process.argv[2]!) as {
  features: number;
  scales: number;
  window: [number, number, number];
  batch: number;
  runs: number;
};
const peak = () => process.resourceUsage().maxRSS * 1024;
const inputs = (n: number, [ni, nj, nk]: readonly number[]) => ({
  x: { dims: [n, 3, nk!, nj!, ni!], data: new Float32Array(n * 3 * ni! * nj! * nk!).fill(0.5) },
  conditions: { dims: [n, 4], data: new Float32Array(n * 4).fill(0.1) },
});
const make = (f: number, s: number) => createModel(encodeGraph(conditionalUnet3d({ seed: 1, features: f, scales: s })));

// The runtime itself, its threads and the compiled code of this program come before.
const small = await cpu({ threads: 2 }).load(make(2, 2));
await small.run(inputs(1, [8, 8, 8]));
await small.dispose();
const model = make(features, scales);
globalThis.gc?.();
const before = process.memoryUsage.rss();
const session = await cpu({ threads: 2 }).load(model);
const loaded = peak();
const tensors = inputs(batch, window);
for (let run = 0; run < runs; run++) await session.run(tensors);
process.stdout.write(`${JSON.stringify({ before, loaded, grown: peak() - before })}\n`);
