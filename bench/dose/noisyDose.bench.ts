import { doseSeries } from "../../src/dose/doseSeries.js";
import { simulateDose } from "../../src/dose/simulateDose.js";
import { simulateDosePhysical } from "../../src/dose/simulateDosePhysical.js";
import { simulateNoisyDose } from "../../src/dose/simulateNoisyDose.js";
import { compareWithPython } from "../support/compare.js";
import { brainSizedPair } from "../support/inputs.js";

// Goals: nine doses allocate nine volumes and no more; a noisy dose near NumPy's (random numbers by counter cost more than its ziggurat).
const { pre, post } = brainSizedPair();
const noise = { sigma: 5 };
const sequence = { kind: "spoiled-gradient-echo", repetitionTimeMs: 8, flipAngleDeg: 15 } as const;
// First, before there is garbage to be freed meanwhile.
const before = process.memoryUsage().arrayBuffers;
const series = doseSeries(pre, post, { noise, seed: 1 });
const volumes = (process.memoryUsage().arrayBuffers - before) / pre.data.byteLength;
console.log(`a series of ${series.length} noisy doses allocated ${volumes.toFixed(2)} volumes`);

await compareWithPython(
  "doses, 240×240×155",
  {
    "noisy dose, Gaussian": () => simulateNoisyDose(pre, post, { dose: 0.3, noise, seed: 1 }),
    "noisy dose, Rician": () => simulateNoisyDose(pre, post, { dose: 0.3, noise: { ...noise, distribution: "rician" }, seed: 1 }),
    "linear dose": () => simulateDose(pre, post, { dose: 0.3 }),
    "physical dose": () => simulateDosePhysical(pre, post, { dose: 0.3, sequence, preContrastT1Ms: 1000 }),
    "series of nine": () => doseSeries(pre, post),
  },
  `
import json, time
import numpy as np
shape = (155, 240, 240)
a, b = np.ones(shape, "float32"), np.full(shape, 2, "float32")
rng = np.random.Generator(np.random.Philox(1))
def dose():
    return 0.7 * a + 0.3 * b + 5 * rng.standard_normal(shape, dtype="float32")
times = []
for _ in range(6):
    start = time.perf_counter(); dose(); times.append(1e3 * (time.perf_counter() - start))
print(json.dumps({"NumPy, Gaussian (Philox, ziggurat)": sorted(times[1:])[2]}))
`,
  { rounds: 5 },
);
