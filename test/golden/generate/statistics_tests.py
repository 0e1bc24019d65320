"""Two-sample tests by SciPy."""
import itertools
import warnings

import mpmath
import numpy as np
import scipy
from scipy import stats

from golden import write

warnings.simplefilter("ignore")
rng = np.random.default_rng(21)
SIDES = ["two-sided", "greater", "less"]

samples = {
    "normal": (rng.standard_normal(12), rng.standard_normal(12) + 0.5),
    "unequal sizes": (rng.standard_normal(5), rng.standard_normal(40) * 3),
    "two each": (np.array([1.0, 2.0]), np.array([2.5, 7.0])),
    "ties": (rng.integers(0, 4, 25).astype(float), rng.integers(0, 5, 25).astype(float)),
    "far apart": (rng.standard_normal(60), rng.standard_normal(60) + 20),
    "tiny": (1e-200 * rng.standard_normal(15), 1e-200 * rng.standard_normal(15)),
    "huge": (1e140 * rng.standard_normal(15), 1e140 * rng.standard_normal(15)),
    "far from zero": (1e8 + rng.standard_normal(20), 1e8 + rng.standard_normal(20)),
    "skewed": (np.exp(2 * rng.standard_normal(30)), np.exp(2 * rng.standard_normal(30))),
}

# SciPy squares as they are, which under- or overflows: scaled samples have the same t.
unit = lambda v: v / 10.0 ** np.floor(np.log10(np.abs(v).max())) if np.abs(v).max() < 1e-100 or np.abs(v).max() > 1e100 else v

t_tests = []
for (name, (x, y)), side in itertools.product(samples.items(), SIDES):
    scale = 1 if unit(x) is x else 10.0 ** np.floor(np.log10(np.abs(np.r_[x, y]).max()))
    x, y = x / scale, y / scale
    runs = {"equal-variances": stats.ttest_ind(x, y, alternative=side), "welch": stats.ttest_ind(x, y, equal_var=False, alternative=side)}
    if len(x) == len(y):
        runs["paired"] = stats.ttest_rel(x, y, alternative=side)
    for design, r in runs.items():
        t_tests.append({"sample": name, "design": design, "alternative": side, "t": float(r.statistic), "pValue": float(r.pvalue)})

u_tests = []
for (name, (x, y)), side in itertools.product(samples.items(), SIDES):
    plain = np.unique(np.r_[x, y]).size == len(x) + len(y)
    for method, correction in [("approximate", True), ("approximate", False)] + ([("exact", True)] if plain and len(x) + len(y) <= 60 else []):
        r = stats.mannwhitneyu(x, y, use_continuity=correction, alternative=side, method="asymptotic" if method == "approximate" else "exact")
        options = {"alternative": side, "method": method, "continuity": correction}
        u_tests.append({"sample": name, "options": options, "u": float(r.statistic), "pValue": float(r.pvalue)})

fisher = []
for table in [[[58, 49], [41, 38]], [[3, 1], [1, 3]], [[0, 5], [7, 2]], [[1000, 20], [900, 60]], [[2, 300], [40, 5]], [[10, 10], [10, 10]], [[8, 2], [1, 5]]]:
    for side in SIDES:
        fisher.append({"table": table, "alternative": side, "pValue": stats.fisher_exact(table, alternative=side)[1]})

mcnemar = []
for b, c in [(8, 3), (6, 3), (0, 1), (0, 12), (5, 5), (1, 300), (480, 520), (40, 2)]:
    n, k = b + c, min(b, c)
    below, equal = stats.binom.cdf(k - 1, n, 0.5) if k else 0.0, stats.binom.pmf(k, n, 0.5)
    mcnemar.append({"b": b, "c": c, "exact": min(1.0, 2 * (below + equal)), "midP": 1.0 if b == c else 2 * below + equal})

def t_quantile(p, df):
    """SciPy's own is off by up to 1e-9."""
    mpmath.mp.dps = 30
    tail = lambda u: mpmath.betainc(mpmath.mpf(df) / 2, 0.5, 0, df / (df + u * u), regularized=True) / 2 - p
    return float(mpmath.findroot(tail, stats.t.isf(p, df)))


intervals = []
for name in ["normal", "ties", "far from zero"]:
    x = samples[name][0]
    for level in [0.95, 0.99]:
        half = t_quantile((1 - level) / 2, len(x) - 1) * stats.sem(x)
        low, high = x.mean() - half, x.mean() + half
        intervals.append({"sample": name, "level": level, "low": low, "high": high})

write(
    "statistics/tests",
    "SciPy",
    scipy.__version__,
    {
        "samples": {n: {"x": list(x), "y": list(y)} for n, (x, y) in samples.items()},
        "tTests": t_tests,
        "uTests": u_tests,
        "fisher": fisher,
        "mcnemar": mcnemar,
        "intervals": intervals,
    },
)
