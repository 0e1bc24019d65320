"""Noise levels and the normalisation of equation (1) with SciPy; Huber's scale as the root of its own equation."""
import numpy as np
import scipy
from scipy.integrate import quad
from scipy.ndimage import correlate1d, uniform_filter
from scipy.optimize import brentq
from scipy.special import ive
from scipy.stats import median_abs_deviation, norm

from golden import array, write

rng = np.random.default_rng(3)
n = 24
k, j, i = np.meshgrid(*[np.linspace(-1, 1, n)] * 3, indexing="ij")
brain = i**2 + j**2 + k**2 < 0.85
z = rng.normal(0, 0.04, i.shape) * (1 + 0.5 * i) + 0.01 * j
z[(np.hypot(i - 0.2, j + 0.1) < 0.2) & (abs(k) < 0.4)] += 0.5
z[rng.random(z.shape) < 0.002] -= 0.6
z[i**2 + j**2 + k**2 > 1.5] = 0
z = z.astype("float32")

inside = z[brain].astype("float64")
negatives = inside[inside < 0]
sigma = np.sqrt(np.mean(negatives**2))
gamma = quad(lambda t: min(t * t, 1.5**2) * norm.pdf(t), -20, 20, points=[-1.5, 1.5], limit=200)[0]
huber = brentq(lambda s: np.mean(np.minimum((negatives / s) ** 2, 1.5**2)) - gamma, 1e-4, 1, xtol=1e-14)
residual = (z.astype("float64") - uniform_filter(z.astype("float64"), 3, mode="nearest"))[brain]
highpass = median_abs_deviation(residual, scale="normal") / np.sqrt(1 - 1 / 27)

# ITK's discrete Gaussian: e^(-t) I_n(t), grown until it holds 0.99, then normalised.
t = 16.0**2
radius = 0
while ive(np.arange(-radius, radius + 1), t).sum() < 0.99:
    radius += 1
kernel = ive(np.arange(-radius, radius + 1), t)
kernel /= kernel.sum()


def blur(a):
    for axis in range(3):
        a = correlate1d(a, kernel, axis, mode="nearest")
    return a


z64 = z.astype("float64")
band = (abs(z64) < 2 * huber).astype("float64")
weight = blur(band) + 1e-8
mean = blur(band * z64) / weight
sd = np.sqrt(blur(band * z64**2) / weight - mean**2)

write("enhancement/noise", "NumPy, SciPy", f"{np.__version__}, {scipy.__version__}", {
    "difference": array(z), "brain": array(brain, "uint8"), "shape": [n, n, n],
    "negatives": sigma, "huber": huber, "highpassMad": highpass,
    "kernelRadius": radius, "kernel0": kernel[radius], "kernel16": kernel[radius + 16],
    "mean": array(mean), "sd": array(sd),
})
