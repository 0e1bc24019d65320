import { noiseLevel } from "../../src/enhancement/noiseLevel.js";
import { normalizeNoise } from "../../src/enhancement/normalizeNoise.js";
import { subtract } from "../../src/enhancement/subtract.js";
import { createMask } from "../../src/index.js";
import { compareWithPython } from "../support/compare.js";
import { brainSizedPair } from "../support/inputs.js";

// Goal: no slower than SciPy, on the same noise in the same ball.
const { pre, post } = brainSizedPair();
const difference = subtract(pre, post);
const brain = createMask(pre.data, pre.grid);
await compareWithPython(
  "noise normalisation, 240×240×155",
  {
    normalizeNoise: () => normalizeNoise(difference, { brain }),
    "noiseLevel, negatives": () => noiseLevel(difference, { brain }),
    "noiseLevel, huber": () => noiseLevel(difference, { brain, estimator: "huber" }),
    "noiseLevel, highpass-mad": () => noiseLevel(difference, { brain, estimator: "highpass-mad" }),
  },
  `
import json, time
import numpy as np
from scipy.ndimage import correlate1d, uniform_filter
from scipy.special import ive
from scipy.stats import median_abs_deviation
n = (155, 240, 240)
k, j, i = np.ogrid[:155, :240, :240]
brain = ((i - 120) / 70) ** 2 + ((j - 120) / 85) ** 2 + ((k - 77) / 65) ** 2 < 1
z = (np.random.default_rng(1).normal(0, 28, n) * brain).astype("float32")
kernel = ive(np.arange(-41, 42), 256.0); kernel /= kernel.sum()
def blur(a):
    for axis in range(3):
        a = correlate1d(a, kernel, axis, mode="nearest")
    return a
def levels():
    inside = z[brain]; negative = inside[inside < 0].astype("float64")
    sigma = np.sqrt(np.mean(negative ** 2)); s = 0.9 * sigma
    for _ in range(50):
        new = np.sqrt(np.mean(np.minimum(negative ** 2, (1.5 * s) ** 2)) / 0.7784652161744698)
        if abs(new - s) < 1e-10 * s: break
        s = new
    return sigma, s
def normalize():
    sigma, s = levels()
    m = (abs(z) < 2 * s).astype("float32")
    w = blur(m) + 1e-8; mean = blur(m * z) / w
    sd = np.sqrt(np.maximum(blur(m * z * z) / w - mean ** 2, 0))
    return (z - mean) / np.maximum(sd, 1e-6) * sigma
def highpass():
    return median_abs_deviation((z - uniform_filter(z, 3, mode="nearest"))[brain], scale="normal")
def timed(f, rounds):
    times = []
    for _ in range(rounds):
        start = time.perf_counter(); f(); times.append(1e3 * (time.perf_counter() - start))
    return sorted(times)[rounds // 2]
print(json.dumps({"SciPy, normalise": timed(normalize, 3), "SciPy, huber": timed(levels, 3), "SciPy, high-pass": timed(highpass, 3)}))
`,
  { rounds: 3 },
);
