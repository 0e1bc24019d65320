"""Image metrics by scikit-image, on float64: in float32 its own variances lose up to 1e-4."""
import numpy as np
import scipy.ndimage as ndi
import scipy.signal
import skimage
from skimage import metrics

from golden import array, write

rng = np.random.default_rng(20221)
SHAPE = (12, 14, 17)  # k, j, i


def scan(offset, scale):
    smooth = ndi.gaussian_filter(rng.standard_normal(SHAPE), 2)
    return (offset + scale * (4 * smooth + 0.2 * rng.standard_normal(SHAPE))).astype(np.float32)


def ssim(a, b, data_range, **options):
    return metrics.structural_similarity(a.astype(float), b.astype(float), data_range=data_range, **options)


def valid_gaussian(a, b, data_range):
    """MONAI's convention: dense 11-tap Gaussian, valid convolution, population covariance, mean of the map."""
    a, b = a.astype(float), b.astype(float)
    taps = np.exp(-np.arange(-5, 6) ** 2 / (2 * 1.5**2))
    taps /= taps.sum()
    kernel = taps[:, None, None] * taps[None, :, None] * taps[None, None, :]
    mean = lambda v: scipy.signal.correlate(v, kernel, "valid", method="direct")
    ma, mb = mean(a), mean(b)
    va, vb, cov = mean(a * a) - ma**2, mean(b * b) - mb**2, mean(a * b) - ma * mb
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    return ((2 * ma * mb + c1) * (2 * cov + c2) / ((ma**2 + mb**2 + c1) * (va + vb + c2))).mean()


def case(name, a, b, data_range):
    gaussian = dict(gaussian_weights=True, sigma=1.5)
    _, uniform_map = ssim(a, b, data_range, full=True)
    _, gaussian_map = ssim(a, b, data_range, full=True, use_sample_covariance=False, **gaussian)
    slices = lambda **options: float(np.mean([ssim(a[k], b[k], data_range, **options) for k in range(a.shape[0])]))
    return {
        "name": name,
        "shape": list(a.shape[::-1]),
        "reference": array(a),
        "test": array(b),
        "dataRange": data_range,
        "mse": metrics.mean_squared_error(a.astype(float), b.astype(float)),
        "mae": float(np.abs(a.astype(float) - b.astype(float)).mean()),
        "psnr": metrics.peak_signal_noise_ratio(a.astype(float), b.astype(float), data_range=data_range),
        "uniform7": ssim(a, b, data_range),
        "uniform7Population": ssim(a, b, data_range, use_sample_covariance=False),
        "uniform5": ssim(a, b, data_range, win_size=5),
        "gaussian": ssim(a, b, data_range, use_sample_covariance=False, **gaussian),
        "gaussianSample": ssim(a, b, data_range, **gaussian),
        "gaussianSigma1": ssim(a, b, data_range, use_sample_covariance=False, gaussian_weights=True, sigma=1),
        "k1k2": ssim(a, b, data_range, K1=0.02, K2=0.05),
        "valid": valid_gaussian(a, b, data_range),
        "slicesUniform7": slices(),
        "slicesGaussian": slices(use_sample_covariance=False, **gaussian),
        "uniform7Map": array(uniform_map, "float64"),
        "gaussianMap": array(gaussian_map, "float64"),
    }


a = scan(3, 1)
stripped = scan(3, 1)
stripped[:, :4], stripped[:3], stripped[..., 9:] = 0, 0, 0
noisy = np.where(stripped == 0, 0, stripped + 0.3 * rng.standard_normal(SHAPE)).astype(np.float32)
write(
    "metrics/image",
    "scikit-image",
    skimage.__version__,
    {
        "cases": [
            case("positive", a, (a + 0.3 * rng.standard_normal(SHAPE)).astype(np.float32), 5.0),
            case("sign changes", scan(0, 1), scan(0, 1), 2.0),
            case("offset 4000", scan(4000, 1), scan(4000, 1), 10.0),
            case("stripped", stripped, noisy, 6.0),
        ]
    },
)
