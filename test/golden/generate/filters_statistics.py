"""numpy's percentiles and histograms, and scikit-image's Otsu threshold. Voxels go in as float64, as they are summed here."""
import numpy as np
import skimage
from skimage.filters import threshold_otsu

from golden import array, write

rng = np.random.default_rng(3)
volume = np.concatenate([rng.normal(5, 4, 700), rng.gamma(9, 12, 500), np.zeros(144)]).astype(np.float32)
rng.shuffle(volume)
volume = volume.reshape(8, 14, 12)
wide = volume.astype(np.float64)
mask = wide > 20
QS = [0, 0.1, 5, 25, 50, 63.7, 95, 99.5, 100]


def histogram(values, bins, extent=None):
    counts, edges = np.histogram(values, bins, extent)
    return {"bins": bins, "range": extent, "counts": array(counts, "float64"), "low": float(edges[0]), "high": float(edges[-1])}


write("filters/statistics", "numpy, scikit-image", f"{np.__version__}, {skimage.__version__}", {
    "shape": [12, 14, 8],
    "volume": array(volume),
    "mask": array(mask, "uint8"),
    "qs": QS,
    "percentiles": np.percentile(wide, QS).tolist(),
    "maskedPercentiles": np.percentile(wide[mask], QS).tolist(),
    "histograms": [histogram(wide, 10), histogram(wide, 256), histogram(wide, 7, [0, 100]), histogram(wide, 1)],
    "maskedHistogram": histogram(wide[mask], 33),
    "otsu": [{"bins": b, "threshold": float(threshold_otsu(wide, b))} for b in (256, 64, 16)],
    "maskedOtsu": float(threshold_otsu(wide[mask], 256)),
})
