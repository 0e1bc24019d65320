"""MS-SSIM by scikit-image's SSIM map at each scale, with MONAI's rules: means of 2x2(x2) voxels, ReLU, Gaussian of 11 taps."""
import numpy as np
import scipy.ndimage as ndi
import skimage
from skimage import metrics

from golden import array, write

rng = np.random.default_rng(8)
WEIGHTS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]


def factor(a, b, data_range, luminance):
    pad = 5
    mean = lambda v: ndi.gaussian_filter(v, 1.5, truncate=3.5)
    ma, mb = mean(a), mean(b)
    va, vb, cov = mean(a * a) - ma**2, mean(b * b) - mb**2, mean(a * b) - ma * mb
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    cs = (2 * cov + c2) / (va + vb + c2)
    whole = cs * (2 * ma * mb + c1) / (ma**2 + mb**2 + c1)
    inner = tuple(slice(pad, n - pad) for n in a.shape)
    assert np.isclose(whole[inner].mean(), metrics.structural_similarity(a, b, data_range=data_range, gaussian_weights=True, use_sample_covariance=False))
    return (whole if luminance else cs)[inner].mean()


def halved(a):
    even = a[tuple(slice(0, n // 2 * 2) for n in a.shape)]
    for axis in range(a.ndim):
        even = (np.take(even, range(0, even.shape[axis], 2), axis) + np.take(even, range(1, even.shape[axis], 2), axis)) / 2
    return even


def ms_ssim(a, b, data_range, weights):
    product = 1
    for n, w in enumerate(weights):
        product *= max(0, factor(a, b, data_range, n == len(weights) - 1)) ** w
        a, b = halved(a), halved(b)
    return product


def case(shape, weights, scale):
    smooth = 1 + scale * ndi.gaussian_filter(rng.standard_normal(shape), 2)
    a, b = ((smooth + 0.1 * rng.standard_normal(shape)).astype(np.float32) for _ in range(2))
    value = ms_ssim(a.astype(float), b.astype(float), 2.0, weights)
    full = list(a.shape[::-1]) + [1] * (3 - a.ndim)
    return {"shape": full, "reference": array(a), "test": array(b), "dataRange": 2.0, "weights": weights, "value": value}


write(
    "metrics/msssim",
    "scikit-image",
    skimage.__version__,
    {"volume": case((23, 26, 25), [0.3, 0.7], 3), "slice": case((90, 97), WEIGHTS[:4], 2)},
)
