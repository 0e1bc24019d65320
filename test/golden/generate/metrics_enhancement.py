"""The contrast-enhancing region by SciPy's Gaussian filter."""
import numpy as np
import scipy
import scipy.ndimage as ndi

from golden import array, write

rng = np.random.default_rng(5)
shape = (10, 12, 14)
pre = (0.6 + 0.1 * rng.standard_normal(shape)).astype(np.float32)
post = (pre + np.maximum(0, 0.6 * ndi.gaussian_filter(rng.standard_normal(shape), 1.5) * 3) + 0.05 * rng.standard_normal(shape)).astype(np.float32)
brain = ndi.binary_dilation(rng.random(shape) > 0.97, iterations=2)
smooth = ndi.gaussian_filter(post.astype(float) - pre.astype(float), 1, mode="nearest", truncate=4)
# No voxel may lie so near the threshold that float32 could tip it.
assert np.abs(smooth - 0.1).min() > 1e-6
region = brain & (smooth > 0.1)
error = np.abs(pre.astype(float) - post.astype(float))[region].mean()
write(
    "metrics/enhancement",
    "SciPy",
    scipy.__version__,
    {"shape": [14, 12, 10], "pre": array(pre), "post": array(post), "brain": array(brain, "uint8"), "region": array(region, "uint8"), "error": error},
)
