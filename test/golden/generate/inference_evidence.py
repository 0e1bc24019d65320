"""A signal that stays above a bound only where the low dose has evidence of it, by SciPy's Gaussian."""
import numpy as np
import scipy
from scipy.ndimage import gaussian_filter

from golden import array, write

rng = np.random.default_rng(20261122)
shape, dose, noise, above = (12, 14, 16), 0.2, 0.1, 0.18
k, j, i = np.indices(shape)
truth = np.where((i - 5) ** 2 + (j - 7) ** 2 + (k - 6) ** 2 < 10, 0.9, np.where(i >= 10, 0.35, 0.0))
truth[1, 3, 2] = 3
pre = rng.uniform(0.5, 1, shape).astype(np.float32)
low = (pre + dose * truth + noise * rng.standard_normal(shape)).astype(np.float32)
claimed = (truth + 0.3 * rng.standard_normal(shape)).astype(np.float32)
brain = np.ones(shape, np.uint8)
brain[:, :2] = 0

# The weights of a mean about a voxel: what a Gaussian makes of a single 1.
impulse = np.zeros((25, 25, 25))
impulse[12, 12, 12] = 1
sigma = np.sqrt(1 - dose**2) * noise / dose
y = (low - pre).astype(np.float64) / dose
means = {width: gaussian_filter(y, width, mode="nearest") for width in (1, 2)}
sd = {width: sigma * np.sqrt((gaussian_filter(impulse, width, mode="constant") ** 2).sum()) for width in (1, 2)}
by = [y >= above + 4 * sigma, means[1] >= 0.05 + 3 * sd[1], means[2] >= above + 3 * sd[2]]
evident = by[0] | by[1] | by[2]
print("evident by one alone", [int((b & (sum(by) == 1)).sum()) for b in by])
expected = np.where((brain > 0) & (claimed > above) & ~evident, np.float32(above), claimed)
print("bounded", int((expected != claimed).sum()), "kept above", int((expected > above).sum()))

write(
    "inference/evidence",
    "numpy, scipy.ndimage.gaussian_filter",
    f"numpy {np.__version__}, scipy {scipy.__version__}",
    {
        "dose": dose,
        "noise": noise,
        "pre": array(pre),
        "low": array(low),
        "given": array(claimed),
        "brain": array(brain, "uint8"),
        "signal": array(expected),
    },
)
