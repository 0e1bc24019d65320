"""Histogram peaks, percentiles and z-scores with NumPy and SciPy, written out step by step."""
import numpy as np
import scipy
from scipy.ndimage import gaussian_filter1d

from golden import array, write

rng = np.random.default_rng(1)
n = 28
k, j, i = np.meshgrid(*[np.linspace(-1, 1, n)] * 3, indexing="ij")
inside = i**2 + j**2 + k**2 < 0.8
pre = np.where(inside, np.where(i > 0.1, rng.normal(140, 12, i.shape), rng.normal(110, 15, i.shape)), 0).astype("float32")
pre[(inside) & (rng.random(i.shape) < 0.01)] *= np.float32(-0.1)


def peaks(volume, bins=256, sigma=2.0, percentile=99.5, mask=None):
    values = (volume[mask] if mask is not None else volume.ravel()).astype("float64")
    content = values[values != 0]
    low = np.percentile(content, 100 - percentile)
    low = min(low, 0.0) if (values == 0).any() else low
    high = np.percentile(content, percentile)
    raw, edges = np.histogram(values, bins, (low, high))
    counts = gaussian_filter1d(raw.astype("float64"), sigma, mode="reflect")
    width = edges[1] - edges[0]
    peak = bins // 10 + int(np.argmax(counts[bins // 10:]))
    a, b, c = counts[peak - 1:peak + 2]
    half = counts[peak] / 2
    left = max(x for x in range(peak) if counts[x] <= half)
    right = min(x for x in range(peak, bins) if counts[x] <= half)
    crossings = [np.interp(half, [counts[left], counts[left + 1]], [left, left + 1]),
                 np.interp(half, [counts[right], counts[right - 1]], [right, right - 1])]
    # Vertex of the parabola through three points, by least squares.
    vertex = np.polyfit([-1, 0, 1], [a, b, c], 2)
    return {
        "low": float(low), "binWidth": float(width), "counts": array(counts, "float64"),
        "tissue": low + (peak + 0.5 - vertex[1] / (2 * vertex[0])) * width,
        "width": (crossings[1] - crossings[0]) * width,
    }


write("calibration/peaks", "NumPy, SciPy", f"{np.__version__}, {scipy.__version__}", {
    "volume": array(pre),
    "mask": array(inside, "uint8"),
    "shape": [n, n, n],
    "whole": peaks(pre),
    "coarse": peaks(pre, 64, 1.5, 98),
    "masked": peaks(pre, mask=inside),
    "percentile95": np.percentile(pre[inside].astype("float64"), 95),
    "mean": pre[inside].astype("float64").mean(),
    "sd": pre[inside].astype("float64").std(),
})
