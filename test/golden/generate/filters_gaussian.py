"""SciPy's Gaussian and uniform filters, and the discrete Gaussian's weights from its Bessel functions."""
import numpy as np
import scipy
from scipy import ndimage
from scipy.special import ive

from golden import array, write

rng = np.random.default_rng(1)
volume = (rng.normal(0, 30, (9, 14, 17)) + np.linspace(-50, 400, 17)).astype(np.float32)  # [k, j, i]
MODES = {"replicate": "nearest", "reflect": "reflect", "zero": "constant"}


def gaussian(sigma, boundary, truncate=4.0):
    """sigma is (i, j, k)."""
    blurred = ndimage.gaussian_filter(volume.astype(np.float64), sigma[::-1], mode=MODES[boundary], truncate=truncate)
    return {"sigma": sigma, "boundary": boundary, "truncate": truncate, "expected": array(blurred, "float64")}


def discrete(sigma, mass):
    weights = ive(np.arange(400), sigma**2)
    held = weights[0] + 2 * np.concatenate([[0], np.cumsum(weights[1:])])
    radius = int(np.argmax(held >= mass))
    kernel = weights[: radius + 1] / held[radius]
    return {"sigma": sigma, "mass": mass, "radius": radius, "held": float(held[radius]), "half": array(kernel, "float64")}


write("filters/gaussian", "scipy", scipy.__version__, {
    "shape": [17, 14, 9],
    "volume": array(volume),
    "gaussian": [gaussian([1, 1, 1], b) for b in MODES] + [gaussian([0.4, 2.5, 0], b, 3.0) for b in MODES]
    + [gaussian([7, 9, 6], b) for b in MODES],
    "discrete": [discrete(16, 0.99), discrete(1, 0.99), discrete(0.3, 0.999), discrete(40, 0.9999)],
    "uniform": [{"boundary": b, "expected": array(ndimage.uniform_filter(volume.astype(np.float64), 3, mode=m), "float64")}
                for b, m in MODES.items()],
    "uniformWide": array(ndimage.uniform_filter(volume.astype(np.float64), (5, 1, 41), mode="nearest"), "float64"),
})
