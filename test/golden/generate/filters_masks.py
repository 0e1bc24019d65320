"""SciPy's distance transform, labels, morphology and hole filling of one mask on an anisotropic grid."""
import numpy as np
import scipy
from scipy import ndimage

from golden import array, write

rng = np.random.default_rng(2)
SPACING = [0.9375, 0.75, 5.5]  # i, j, k
smooth = ndimage.gaussian_filter(rng.normal(size=(10, 20, 24)), (0.7, 1.3, 1.3))
mask = smooth > 0.05
sparse = smooth > 0.4
shells = np.abs(np.sqrt(sum((x - c) ** 2 for x, c in zip(np.indices((10, 20, 24)), (5, 9, 12)))) - 4) < 0.9
holes = shells | (rng.random(shells.shape) < 0.3)
STRUCTURE = {6: 1, 18: 2, 26: 3}


def labels(connectivity):
    found, n = ndimage.label(sparse, ndimage.generate_binary_structure(3, STRUCTURE[connectivity]))
    sizes = np.bincount(found.ravel())[1:]
    order = sorted(range(n), key=lambda c: (-sizes[c], c))
    rank = np.zeros(n + 1, int)
    for new, old in enumerate(order):
        rank[old + 1] = new + 1
    return {"connectivity": connectivity, "labels": array(rank[found], "int32"), "sizes": [int(sizes[c]) for c in order]}


def morphology(connectivity, iterations):
    how = {"structure": ndimage.generate_binary_structure(3, STRUCTURE[connectivity]), "iterations": iterations}
    return {
        "connectivity": connectivity,
        "iterations": iterations,
        "dilate": array(ndimage.binary_dilation(mask, **how), "uint8"),
        # Of a padded mask: the growing mask isn't cut off at the grid's edge.
        "close": array(ndimage.binary_closing(np.pad(mask, iterations), **how)[(slice(iterations, -iterations),) * 3], "uint8"),
        "erode": array(ndimage.binary_erosion(mask, border_value=1, **how), "uint8"),
    }


write("filters/masks", "scipy", scipy.__version__, {
    "shape": [24, 20, 10],
    "spacingMm": SPACING,
    "mask": array(mask, "uint8"),
    "sparse": array(sparse, "uint8"),
    "holes": array(holes, "uint8"),
    "distance": array(ndimage.distance_transform_edt(~sparse, sampling=SPACING[::-1]), "float64"),
    "labels": [labels(c) for c in STRUCTURE],
    "morphology": [morphology(c, n) for c in STRUCTURE for n in (1, 2)],
    "filled": [{"connectivity": c, "mask": array(ndimage.binary_fill_holes(holes, ndimage.generate_binary_structure(3, s)), "uint8")}
               for c, s in STRUCTURE.items()],
})
