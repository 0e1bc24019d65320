"""Interpolation of random volumes on rotated, scaled, permuted and tiny grids, by SciPy's map_coordinates of order 0, 1 and 3."""
import numpy as np
import scipy
from scipy import ndimage

import golden

ORDERS = {"nearest": 0, "linear": 1, "cubic": 3}
OUTSIDE = -7.0
rng = np.random.default_rng(20241)


def rotation(a, b, c):
    turn = np.eye(3)
    for axis, angle in enumerate((a, b, c)):
        i, j = [n for n in range(3) if n != axis]
        r = np.eye(3)
        r[i, i] = r[j, j] = np.cos(angle)
        r[i, j], r[j, i] = -np.sin(angle), np.sin(angle)
        turn = turn @ r
    return turn


def affine(matrix, offset):
    a = np.eye(4)
    a[:3, :3], a[:3, 3] = matrix, offset
    return a


def about_middle(matrix, shape):
    return affine(matrix, -matrix @ ((np.array(shape) - 1) / 2))


def case(name, old_shape, old, new_shape, new, transform=np.eye(4)):
    v = rng.normal(100, 30, old_shape).astype(np.float32)
    to_old = np.linalg.inv(old) @ transform @ new
    at = np.stack(np.meshgrid(*[np.arange(n) for n in new_shape], indexing="ij")).reshape(3, -1)
    at = to_old[:3, :3] @ at + to_old[:3, 3:]
    end = np.array(old_shape)[:, None] - 1
    inside = ((at >= -0.5) & (at <= end + 0.5)).all(0)
    result = {"name": name, "oldShape": old_shape, "oldAffine": golden.array(old, "float64"), "newShape": new_shape,
              "newAffine": golden.array(new, "float64"), "transform": golden.array(transform, "float64"),
              "voxels": golden.array(v.transpose(2, 1, 0))}
    for interpolation, order in ORDERS.items():
        # SciPy's default mode knows nothing beyond the outermost centres; NaN marks that.
        default = ndimage.map_coordinates(v.astype(float), at, order=order, cval=np.nan).reshape(new_shape)
        box = ndimage.map_coordinates(v.astype(float), np.clip(at, 0, end), order=order, mode="mirror")
        box = np.where(inside, box, OUTSIDE).reshape(new_shape)
        result[interpolation] = {"default": golden.array(default.transpose(2, 1, 0)), "box": golden.array(box.transpose(2, 1, 0))}
    return result


anisotropic = about_middle(rotation(0.2, -0.3, 0.1) @ np.diag([1, 0.8, 3]), (14, 16, 7))
oblique = about_middle(rotation(-0.4, 0.5, 1.2) @ np.diag([1.3, 1.1, 0.9]), (12, 13, 15))
shear = affine(np.array([[1, 0.1, 0], [0, 1, -0.05], [0.02, 0, 1.05]]), [0.3, -1.2, 0.7])
permuted = np.array([[0, 0, -1.7], [0.6, 0, 0], [0, 1.1, 0]])
CASES = [
    case("rotated", (14, 16, 7), anisotropic, (12, 13, 15), oblique),
    case("rotated, with a transform", (14, 16, 7), anisotropic, (12, 13, 15), oblique, shear),
    case("finer, shifted", (9, 8, 7), np.eye(4), (15, 19, 9), affine(np.diag([0.61, 0.5, 0.9]), [-0.4, -0.3, -0.45])),
    case("coarser, permuted, reversed", (20, 11, 13), np.eye(4), (17, 11, 7), affine(permuted, [12.3, 0.2, 1.1])),
    case("one axis finer", (8, 9, 6), affine(np.diag([1, 1, 3]), [0, 0, 0]), (8, 9, 18), affine(np.eye(3), [0, 0, -1])),
    case("shifted by a part of a voxel", (9, 8, 7), np.eye(4), (9, 8, 7), affine(np.eye(3), [0.3, -0.2, 0])),
    case("turned about x", (9, 8, 7), np.eye(4), (8, 9, 6), affine(rotation(0.2, 0, 0) * 1.07, [0.4, -0.3, 0.2])),
    case("turned about y", (9, 8, 7), np.eye(4), (8, 9, 6), affine(rotation(0, 0.2, 0) * 0.93, [-0.4, 0.3, 0.2])),
    case("axes of 1, 2 and 3 voxels", (1, 2, 3), np.eye(4), (5, 6, 7), affine(np.diag([0.2, 0.3, 0.35]), [-0.4, -0.41, -0.4])),
    case("axes of 3, 1 and 2 voxels, rotated", (3, 1, 2), np.eye(4), (6, 5, 7), affine(rotation(0.1, 0.2, 0.3) * 0.4, [0, -0.3, -0.2])),
]
golden.write("geometry/resample", "SciPy ndimage.map_coordinates", scipy.__version__, {"outside": OUTSIDE, "cases": CASES})
