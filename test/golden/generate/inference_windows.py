"""Window placement and importance maps of nnU-Net v1 and MONAI, written anew from their published formulas, and a sliding window."""
import math

import numpy as np
import scipy
from scipy.ndimage import gaussian_filter

from golden import array, write


def nnunet_starts(length, size, step):
    if size >= length:
        return [0]
    steps = math.ceil((length - size) / (size * step)) + 1
    actual = (length - size) / (steps - 1) if steps > 1 else 0
    return [int(np.round(actual * i)) for i in range(steps)]


def monai_starts(length, size, overlap):
    if size >= length:
        return [0]
    interval = int(size * (1 - overlap))
    interval = interval if interval > 0 else 1
    number = next(d for d in range(math.ceil(length / interval)) if d * interval + size >= length) + 1
    return [d * interval - max(d * interval + size - length, 0) for d in range(number)]


def nnunet_map(size, fraction):
    impulse = np.zeros(size)
    impulse[tuple(n // 2 for n in size)] = 1
    importance = gaussian_filter(impulse, [n * fraction for n in size], 0, mode="constant", cval=0)
    importance /= importance.max()
    importance[importance == 0] = importance[importance != 0].min()
    return importance


def monai_map(size, fraction):
    axes = []
    for n in size:
        x = np.arange(-(n - 1) / 2, (n - 1) / 2 + 1)
        axes.append(np.exp(x**2 / (-2 * (fraction * n) ** 2)))
    importance = np.einsum("k,j,i->kji", *axes)
    return np.maximum(importance, max(importance[importance > 0].min(), 1e-3))


def sliding(volume, size, starts, importance, predict):
    total = np.zeros(volume.shape)
    weight = np.zeros(volume.shape)
    for k in starts[0]:
        for j in starts[1]:
            for i in starts[2]:
                at = (slice(k, k + size[0]), slice(j, j + size[1]), slice(i, i + size[2]))
                total[at] += importance * predict(volume[at])
                weight[at] += importance
    return total / weight


lengths = [(240, 96), (155, 96), (97, 96), (192, 96), (193, 96), (100, 7), (11, 4), (13, 5), (9, 2), (5, 1), (96, 96), (31, 10)]
# Fractions that float64 holds exactly, so that 1 − overlap is the step nnU-Net would be given.
overlaps = [0, 0.25, 0.5, 0.75, 0.875]
starts = [
    {"length": L, "size": P, "overlap": o, "nnunet": nnunet_starts(L, P, 1 - o), "monai": monai_starts(L, P, o)}
    for L, P in lengths
    for o in overlaps
    # Steps of less than a voxel would give the same window twice.
    if P * (1 - o) >= 1
]

# [k, j, i]; the last two need the floor: a Gaussian cut off inside the window, and MONAI's 0.001.
maps = [
    {"window": list(reversed(size)), "sigmaFraction": f, "nnunet": array(nnunet_map(size, f), "float64"), "monai": array(monai_map(size, f), "float64")}
    for size, f in [((8, 6, 10), 1 / 8), ((1, 16, 20), 1 / 8), ((5, 7, 9), 1 / 8), ((1, 1, 1), 1 / 8), ((9, 12, 16), 0.05), ((6, 8, 4), 0.5)]
]

chen = nnunet_map((1, 160, 128), 1 / 8)[0]
rng = np.random.default_rng(5)
volume = rng.normal(size=(11, 13, 17)).astype(np.float32)
window = (4, 6, 8)


def predict(patch):
    """Something that depends on the place within the window, so that placement and weights show: patch · ramp along i."""
    return patch * (1 + np.arange(patch.shape[2]))


def case(place, importance):
    s = [place(L, P, 0.5) for L, P in zip(volume.shape, window)]
    return array(sliding(volume.astype(np.float64), window, s, importance, predict))


write(
    "inference/windows",
    "numpy, scipy.ndimage.gaussian_filter",
    f"numpy {np.__version__}, scipy {scipy.__version__}",
    {
        "starts": starts,
        "maps": maps,
        "chen": {"centre": float(chen[80, 64]), "corner": float(chen[0, 0]), "edgeI": float(chen[80, 0]), "edgeJ": float(chen[0, 64])},
        "sliding": {
            "shape": [17, 13, 11],
            "window": [8, 6, 4],
            "volume": array(volume),
            "nnunet": case(nnunet_starts, nnunet_map(window, 1 / 8)),
            "monai": case(monai_starts, monai_map(window, 1 / 8)),
            "uniform": case(nnunet_starts, np.ones(window)),
        },
    },
)
