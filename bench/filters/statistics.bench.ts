import { histogram } from "../../src/filters/histogram.js";
import { percentile } from "../../src/filters/percentile.js";
import { createMask } from "../../src/index.js";
import { compareWithPython } from "../support/compare.js";
import { brainSizedVolume } from "../support/inputs.js";

// Goal: no slower than numpy.
const volume = brainSizedVolume();
const mask = createMask(
  volume.data.map((v) => (v === 0 ? 0 : 1)),
  volume.grid,
);
await compareWithPython(
  "percentile and histogram, 240×240×155",
  {
    "percentile 95, non-zero voxels": () => percentile(volume, 95, { mask }),
    "percentile 95, all voxels": () => percentile(volume, 95),
    "histogram, 256 bins": () => histogram(volume, { bins: 256 }),
    "sort of the non-zero voxels": () => volume.data.filter((v) => v !== 0).sort(),
  },
  `
import json, time
import numpy as np
k, j, i = np.ogrid[:155, :240, :240]
r = ((i - 120) / 70) ** 2 + ((j - 120) / 85) ** 2 + ((k - 77) / 65) ** 2
x = np.where(r < 1, 600 + 150 * np.random.default_rng(1).normal(size=r.shape), 0).astype(np.float32)
def ms(f, n=5):
    t = []
    for _ in range(n):
        s = time.perf_counter(); f(); t.append(1e3 * (time.perf_counter() - s))
    return sorted(t)[n // 2]
print(json.dumps({
    "numpy percentile 95, non-zero voxels": ms(lambda: np.percentile(x[x != 0], 95)),
    "numpy percentile 95, all voxels": ms(lambda: np.percentile(x, 95)),
    "numpy histogram, 256 bins": ms(lambda: np.histogram(x, 256)),
}))
`,
);
