import { histogramPeaks } from "../../src/calibration/histogramPeaks.js";
import { matchRadiometric } from "../../src/calibration/matchRadiometric.js";
import { scaleToPercentile } from "../../src/calibration/scaleToPercentile.js";
import { createMask } from "../../src/index.js";
import { compareWithPython } from "../support/compare.js";
import { brainSizedPair } from "../support/inputs.js";

// For comparison: the same steps in NumPy and SciPy.
const { pre, post } = brainSizedPair();
const mask = createMask(pre.data, pre.grid);
const [a, b] = [scaleToPercentile(pre, { mask }).volume, scaleToPercentile(post, { mask }).volume];
await compareWithPython(
  "calibration, 240×240×155",
  {
    histogramPeaks: () => histogramPeaks(pre),
    matchRadiometric: () => matchRadiometric(a, b, { mask }),
    scaleToPercentile: () => scaleToPercentile(pre, { mask }),
  },
  `
import json, time
import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.optimize import minimize_scalar
k, j, i = np.ogrid[:155, :240, :240]
brain = ((i - 120) / 70) ** 2 + ((j - 120) / 85) ** 2 + ((k - 77) / 65) ** 2 < 1
rng = np.random.default_rng(1)
smooth = 600 + 150 * np.sin(i / 9) * np.cos(j / 11) * np.sin(k / 7)
pre, post = [((smooth + rng.normal(0, 20, brain.shape)) * brain).astype("float32") for _ in range(2)]
a, b = [v / np.percentile(v[brain], 95) for v in (pre, post)]
def peaks():
    high = np.percentile(pre[pre != 0], 99.5)
    return gaussian_filter1d(np.histogram(pre, 256, (0, high))[0].astype(float), 2).argmax()
def radiometric():
    d = b - a; chosen = brain & (d < np.quantile(d[brain], 0.8))
    x, y = b[chosen][::8].astype(float), a[chosen][::8].astype(float)
    s = minimize_scalar(lambda s: np.log1p(((s * x - y) / 0.05) ** 2).sum(), bounds=(0.25, 4), method="bounded").x
    return s * b
def scale():
    return pre / np.percentile(pre[brain], 95)
def timed(f, rounds=5):
    times = []
    for _ in range(rounds):
        start = time.perf_counter(); f(); times.append(1e3 * (time.perf_counter() - start))
    return sorted(times)[rounds // 2]
print(json.dumps({"NumPy, peaks": timed(peaks), "SciPy, radiometric": timed(radiometric), "NumPy, percentile": timed(scale)}))
`,
  { rounds: 5 },
);
