"""Descriptions by numpy."""
import numpy as np

from golden import write

rng = np.random.default_rng(7)
samples = {
    "one": [3.5],
    "two": [1.0, 2.0],
    "ties": [2.0, 2.0, 2.0, 5.0, 5.0, -1.0, 0.0],
    "normal": rng.standard_normal(101).tolist(),
    "far from zero": (1e9 + rng.standard_normal(50)).tolist(),
    "tiny": (1e-300 * rng.standard_normal(20)).tolist(),
    "huge": (1e150 * rng.standard_normal(20)).tolist(),
    "skewed": np.exp(3 * rng.standard_normal(64)).tolist(),
}
number = lambda v: None if np.isnan(v) else float(v)


def described(v):
    a = np.array(v)
    # In extended precision, so that the mean and sd are right to the last digits.
    wide = a.astype(np.longdouble)
    sd = np.sqrt(((wide - wide.mean()) ** 2).sum() / (a.size - 1)) if a.size > 1 else np.nan
    q = np.percentile(a, [0, 25, 50, 75, 100])
    return {"samples": v, "n": a.size, "mean": float(wide.mean()), "sd": number(sd), **dict(zip(["min", "q1", "median", "q3", "max"], map(float, q)))}


write("statistics/describe", "numpy", np.__version__, {"cases": {name: described(v) for name, v in samples.items()}})
