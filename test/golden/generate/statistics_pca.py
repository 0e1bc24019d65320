"""Principal components by numpy's singular values."""
import numpy as np

from golden import array, write

rng = np.random.default_rng(4)


def case(n, d):
    x = rng.standard_normal((n, d)) @ rng.standard_normal((d, d)) + rng.standard_normal(d)
    u, s, v = np.linalg.svd(x - x.mean(0), full_matrices=False)
    signs = np.sign(v[np.arange(len(v)), np.abs(v).argmax(1)])[:3]
    return {
        "n": n,
        "d": d,
        "rows": array(x, "float64"),
        "components": array(v[:3] * signs[:, None], "float64"),
        "scores": array((u * s)[:, :3] * signs, "float64"),
        "variance": array(s[:3] ** 2 / (n - 1), "float64"),
        "ratio": array(s[:3] ** 2 / (s**2).sum(), "float64"),
    }


write("statistics/pca", "numpy", np.__version__, {"tall": case(40, 6), "wide": case(8, 20)})
