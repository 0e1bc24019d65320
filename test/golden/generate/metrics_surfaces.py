"""Surface distances on the whole grid by SciPy: border voxels (MedPy, MONAI) and corners with marching-cubes areas (surface-distance)."""
import itertools

import numpy as np
import scipy
import scipy.ndimage as ndi

from golden import array, write

rng = np.random.default_rng(3)
CORNERS = np.array(list(itertools.product([0, 1], repeat=3)))  # corner n = (n >> 2 & 1, n >> 1 & 1, n & 1), as array axes k, j, i
NEIGHBOURS = lambda a, b: bin(a ^ b).count("1") == 1


def components(corners):
    rest = set(corners)
    while rest:
        group, front = set(), {rest.pop()}
        while front:
            group |= front
            front = {n for n in rest if any(NEIGHBOURS(n, g) for g in front)}
            rest -= front
        yield sorted(group)


def loop(group):
    """Middles of the cut edges around a connected group of corners, in the order in which the faces link them."""
    cuts = [(s, t) for s in group for t in range(8) if NEIGHBOURS(s, t) and t not in group]
    links = {c: [] for c in cuts}
    for axis, side in itertools.product(range(3), (0, 1)):
        face = [c for c in cuts if CORNERS[c[0]][axis] == side and CORNERS[c[1]][axis] == side]
        # Two groups of the fewer kind on a face's diagonal stay apart.
        for a, b in itertools.combinations(face, 2):
            if len(face) == 2 or a[0] == b[0]:
                links[a].append(b)
                links[b].append(a)
    path = [cuts[0], links[cuts[0]][0]]
    while len(path) < len(cuts):
        path.append(next(c for c in links[path[-1]] if c != path[-2]))
    return np.array([(CORNERS[s] + CORNERS[t]) / 2 for s, t in path])


def triangles(points):
    """Flat polygons in any way; else the flat part is split off (5 corners), or every second corner cut (6)."""
    n = len(points)
    fan = [(0, m, m + 1) for m in range(1, n - 1)]
    flat = np.linalg.matrix_rank(points - points[0]) == 2
    if flat:
        return fan
    if n == 6:
        return [(0, 1, 2), (2, 3, 4), (4, 5, 0), (0, 2, 4)]
    for s in range(5):  # the quadrilateral that is flat
        quad = [(s + m) % 5 for m in range(4)]
        if np.linalg.matrix_rank(points[quad] - points[quad[0]]) == 2:
            return [tuple(quad[:3]), (quad[0], quad[2], quad[3]), (quad[0], quad[3], (s + 4) % 5)]


def areas(spacing):
    table = np.zeros(256)
    for code in range(256):
        inside = [n for n in range(8) if code >> n & 1]
        fewer = inside if len(inside) <= 4 else [n for n in range(8) if n not in inside]
        for group in components(fewer):
            points = loop(group)
            for a, b, c in triangles(points):
                p, q, r = (points[m] * spacing for m in (a, b, c))
                table[code] += np.linalg.norm(np.cross(q - p, r - p)) / 2
    return table


def border(mask):
    return mask & ~ndi.binary_erosion(mask)


def directed(a, b, spacing):
    return ndi.distance_transform_edt(~border(b), sampling=spacing)[border(a)]


def codes(mask):
    padded = np.pad(mask, 1).astype(int)
    out = np.zeros([n + 1 for n in mask.shape], int)
    for n, (z, y, x) in enumerate(CORNERS):
        out += padded[z : z + out.shape[0], y : y + out.shape[1], x : x + out.shape[2]] << n
    return out


def elements(a, b, spacing):
    ca, cb = codes(a), codes(b)
    table = areas(np.array(spacing))
    on_a, on_b = (ca > 0) & (ca < 255), (cb > 0) & (cb < 255)
    d = ndi.distance_transform_edt(~on_b, sampling=spacing)[on_a]
    order = np.argsort(d, kind="stable")
    return d[order], table[ca[on_a]][order]


def robust(d, w, percent):
    share = np.cumsum(w) / w.sum()
    return d[min(np.searchsorted(share, percent / 100), len(d) - 1)]


def case(a, b, spacing):
    f, g = directed(a, b, spacing), directed(b, a, spacing)
    (df, wf), (dg, wg) = elements(a, b, spacing), elements(b, a, spacing)
    within = lambda d, w: float(w[d <= 1.5 * (1 + 1e-9)].sum())
    return {
        "shape": list(a.shape[::-1]),
        "spacing": list(spacing[::-1]),
        "reference": array(a, "uint8"),
        "test": array(b, "uint8"),
        "medpy": {"hd": max(f.max(), g.max()), "hd95": np.percentile(np.hstack([f, g]), 95), "asd": g.mean(), "assd": np.hstack([f, g]).mean()},
        "monai": {"hd": max(f.max(), g.max()), "hd95": max(np.percentile(f, 95), np.percentile(g, 95)), "asd": g.mean(), "assd": np.hstack([f, g]).mean()},
        "surface-distance": {
            "hd": max(df.max(), dg.max()),
            "hd95": max(robust(df, wf, 95), robust(dg, wg, 95)),
            "asd": (dg * wg).sum() / wg.sum(),
            "assd": ((df * wf).sum() + (dg * wg).sum()) / (wf.sum() + wg.sum()),
            "dice": (within(df, wf) + within(dg, wg)) / (wf.sum() + wg.sum()),
            "area": wf.sum(),
        },
        "voxelDice": float((np.sum(f <= 1.5 * (1 + 1e-9)) + np.sum(g <= 1.5 * (1 + 1e-9))) / (f.size + g.size)),
    }


def blob(shape, level):
    smooth = ndi.gaussian_filter(rng.standard_normal(shape), 2)
    return smooth > np.quantile(smooth, level)


def ball(shape, center, radius):
    return sum((g - c) ** 2 for g, c in zip(np.ogrid[tuple(slice(n) for n in shape)], center)) <= radius**2


shape = (12, 16, 20)
noise = lambda level: rng.random(shape) > level
near = ball(shape, (6, 8, 7), 4)
pairs = {
    "blobs": (blob(shape, 0.7), blob(shape, 0.7), (3.0, 0.9, 0.7)),
    "scattered voxels": (noise(0.95), noise(0.9), (1.0, 1.0, 1.0)),
    "dense noise": (noise(0.5), noise(0.5), (2.0, 1.5, 1.0)),
    "small far component": (near, near | ball(shape, (10, 14, 18), 1), (1.0, 1.0, 1.0)),
    "at the border": (ball(shape, (0, 0, 0), 6), ball(shape, (0, 2, 0), 6), (1.0, 2.0, 0.5)),
}
write(
    "metrics/surfaces",
    "SciPy",
    scipy.__version__,
    {
        "cases": {name: case(*pair) for name, pair in pairs.items()},
        "areas": {"spacing": [0.7, 1.3, 2.1], "table": array(areas(np.array([2.1, 1.3, 0.7])), "float64")},
    },
)
