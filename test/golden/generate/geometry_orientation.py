"""Axis codes of random oblique and sheared affines, and volumes brought to the closest canonical orientation, by nibabel.

Needs nibabel 5.4 or later: from there on the strongest axis is named first, so that the answer doesn't depend on their order.
"""
import nibabel
import numpy as np

import golden

rng = np.random.default_rng(7)


def random_affine(shear):
    q, r = np.linalg.qr(rng.normal(size=(3, 3)))
    matrix = q * np.sign(np.diag(r)) @ (np.eye(3) + shear * rng.uniform(-1, 1, (3, 3)))
    a = np.eye(4)
    a[:3, :3] = matrix * rng.uniform(0.3, 6, 3)
    a[:3, 3] = rng.uniform(-200, 200, 3)
    return a


affines = np.array([random_affine(0 if n < 200 else 0.4) for n in range(400)])
codes = ["".join(nibabel.aff2axcodes(a)) for a in affines]

canonical = []
for _ in range(12):
    shape = tuple(int(n) for n in rng.integers(1, 6, 3))
    voxels = np.arange(1, np.prod(shape) + 1, dtype=np.float32).reshape(shape)
    a = random_affine(0.1)
    image = nibabel.as_closest_canonical(nibabel.Nifti1Image(voxels, a))
    canonical.append({"shape": shape, "affine": golden.array(a, "float64"), "voxels": golden.array(voxels.transpose(2, 1, 0)),
                      "canonicalShape": image.shape, "canonicalAffine": golden.array(image.affine, "float64"),
                      "canonicalVoxels": golden.array(image.get_fdata().transpose(2, 1, 0))})
golden.write("geometry/orientation", "nibabel", nibabel.__version__,
             {"affines": golden.array(affines, "float64"), "codes": codes, "canonical": canonical})
