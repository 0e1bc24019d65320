"""Signed-rank tests by SciPy; the exact ones only where SciPy's are exact (no ties, no zeros)."""
import itertools
import warnings

import numpy as np
import scipy
from scipy import stats

from golden import write

warnings.simplefilter("ignore")
rng = np.random.default_rng(11)


def samples():
    for n in (1, 2, 5, 9, 25, 50):
        yield f"normal {n}", rng.standard_normal(n), None
    yield "normal 200", rng.standard_normal(200) + 0.2, None
    yield "pairs 40", rng.standard_normal(40), rng.standard_normal(40)
    yield "all positive 30", np.abs(rng.standard_normal(30)), None
    yield "all positive 400", np.abs(rng.standard_normal(400)) + 0.01, None
    yield "ties", rng.integers(-3, 6, 40).astype(float), None
    yield "ties and many zeros", np.where(rng.random(79) < 0.9, 0, rng.integers(-2, 3, 79)).astype(float), None
    yield "three units of 79", np.r_[np.zeros(76), -np.ones(3)], None
    yield "tiny", 1e-300 * rng.standard_normal(60), None
    yield "huge", 1e300 * rng.standard_normal(60), None


cases = []
drawn = list(samples())
for name, x, y in drawn:
    d = x if y is None else x - y
    plain = np.all(d != 0) and np.unique(np.abs(d)).size == d.size
    for alternative, zeros, correction in itertools.product(["two-sided", "greater", "less"], ["wilcox", "pratt", "zsplit"], [False, True]):
        for method in ["approximate"] + (["exact"] if plain and len(d) <= 50 and zeros == "wilcox" and not correction else []):
            mode = "approx" if method == "approximate" else "exact"
            r = stats.wilcoxon(x, y, zero_method=zeros, correction=correction, alternative=alternative, mode=mode)
            options = {"alternative": alternative, "zeros": zeros, "continuity": correction, "method": method}
            cases.append({"sample": name, "options": options, "statistic": float(r.statistic), "pValue": float(r.pvalue)})

listed = {name: {"x": list(x), **({} if y is None else {"y": list(y)})} for name, x, y in drawn}
write("statistics/wilcoxon", "SciPy", scipy.__version__, {"samples": listed, "cases": cases})
