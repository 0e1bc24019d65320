import { createRandom } from "../../src/internal/random.js";
import { bootstrap } from "../../src/statistics/index.js";
import { compareWithPython } from "../support/compare.js";

// Goal: 10,000 resamples of 500 cases within a second.
const random = createRandom(1);
const cases = Array.from({ length: 500 }, (_, n) => ({ found: random.integer(4), lesions: 4, patient: n % 300 }));
const sensitivity = (list: readonly (typeof cases)[number][]) => {
  let [found, lesions] = [0, 0];
  for (const c of list) {
    found += c.found;
    lesions += c.lesions;
  }
  return found / lesions;
};

const python = `
import json, statistics, time
import numpy as np
rng = np.random.default_rng(1)
found, lesions = rng.integers(0, 4, 500), np.full(500, 4)
times = []
for _ in range(5):
    start = time.perf_counter()
    index = rng.integers(0, 500, (10000, 500))
    np.percentile(found[index].sum(1) / lesions[index].sum(1), [2.5, 97.5])
    times.append(1000 * (time.perf_counter() - start))
print(json.dumps({"NumPy, all resamples at once": statistics.median(times)}))
`;

await compareWithPython(
  "bootstrap of a ratio, 10,000 resamples of 500 cases",
  {
    "each case by itself": () => bootstrap(cases, sensitivity, { seed: 1 }),
    "300 patients": () => bootstrap(cases, sensitivity, { seed: 1, clusterOf: (c) => c.patient }),
    bca: () => bootstrap(cases, sensitivity, { seed: 1, method: "bca" }),
  },
  python,
  { rounds: 5 },
);
