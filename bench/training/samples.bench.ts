import { fillNormal } from "../../src/internal/random.js";
import { fillQuantiles } from "../../src/training/procedural/fillQuantiles.js";
import { proceduralScan } from "../../src/training/procedural/proceduralScan.js";
import { restorationSamples } from "../../src/training/samples/restorationSamples.js";
import { compare } from "../support/compare.js";

// Against a bare loop over as many voxels: eight passes of one multiplication and addition. Goal: a 40³ sample within 40 ms of one core.
const n = 40 ** 3;
const [from, to] = [new Float32Array(n).fill(1), new Float32Array(n)];
const passes = () => {
  for (let pass = 0; pass < 8; pass++) for (let v = 0; v < n; v++) to[v]! += 0.5 * from[v]!;
};

const one = restorationSamples({ seed: 1, batch: 1 });
let step = 0;
await compare("one sample, 40³ (mean of 10)", {
  "8 passes of a bare loop": () => Array.from({ length: 10 }, passes),
  "scan alone": () => Array.from({ length: 10 }, () => proceduralScan({ seed: step++, shape: [40, 40, 40] })),
  "sample, tensors and all": () => Array.from({ length: 10 }, () => one(step++)),
});

const before = process.cpuUsage();
for (let batch = 0; batch < 10; batch++) restorationSamples({ seed: 2 })(batch);
const { user, system } = process.cpuUsage(before);
console.log(`\nbatch of 4, 40³: ${((user + system) / 10_000).toFixed(0)} ms of one core`);

await compare("64 000 normal numbers", {
  exact: () => fillNormal(to, step++),
  quantiles: () => fillQuantiles(to, step++, 1),
});
