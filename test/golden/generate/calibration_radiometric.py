"""The radiometric scale by SciPy's bounded scalar minimiser, and by the published iteration written out anew."""
import numpy as np
import scipy
from scipy.optimize import minimize_scalar

from golden import array, write

rng = np.random.default_rng(2)
n = 32
k, j, i = np.meshgrid(*[np.linspace(-1, 1, n)] * 3, indexing="ij")
mask = i**2 + j**2 + k**2 < 0.9
pre = np.where(mask, 0.75 + 0.2 * np.sin(5 * i) * np.cos(4 * j) + rng.normal(0, 0.03, i.shape), 0).astype("float32")
enhancing = (np.hypot(i - 0.3, j) < 0.25) & mask
alpha = 0.05


def case(true_scale):
    post = ((pre + 0.6 * enhancing + mask * rng.normal(0, 0.03, i.shape)) / true_scale).astype("float32")
    difference = post - pre
    chosen = mask & (difference < np.quantile(difference[mask], 0.8))
    x = post[chosen].astype("float64")[::8]
    y = pre[chosen].astype("float64")[::8]

    def energy(s):
        return np.mean(alpha**2 / 2 * np.log1p((s * x - y) ** 2 / alpha**2))

    best = minimize_scalar(energy, bounds=(0.5, 2), method="bounded", options={"xatol": 1e-12})
    published, stopped, iterations = 0.0, 0.0, 0
    previous = s = 1.0
    for iteration in range(1, 1001):
        ahead = s + 0.7 * (s - previous)
        d = ahead * x - y
        slope = np.sum(x * d / (1 + (d / alpha) ** 2)) / np.sum(x * x)
        previous, s = s, ahead - slope
        if abs(s - previous) < 1e-5:
            published = published or s
            if abs(slope) < 1e-5:
                stopped, iterations = s, iteration
                break
    return {"post": array(post), "voxels": len(x), "minimum": best.x, "energy": best.fun,
            "published": published, "stopped": stopped, "iterations": iterations}


write("calibration/radiometric", "NumPy, SciPy", f"{np.__version__}, {scipy.__version__}", {
    "pre": array(pre), "mask": array(mask, "uint8"), "shape": [n, n, n],
    "cases": [case(s) for s in (1.13, 0.9)],
})
