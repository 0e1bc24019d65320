"""What nibabel reads from each NIfTI file of the shared data: shape, affine, and a hash of each volume's float32 voxels."""
import hashlib
import pathlib

import golden
import nibabel as nib
import numpy as np

DATA = pathlib.Path(__file__).resolve().parents[4] / "shared" / "data"
REFUSED = {"io/nifti/not-nifti.nii": "bad-file", "io/nifti/nifti1.hdr": "unsupported"}


def volumes(image):
    values = image.get_fdata(dtype=np.float64)
    with np.errstate(over="ignore"):
        values = values.astype("<f4").reshape(image.shape[:3] + (-1,), order="F")
    return [values[..., n] for n in range(values.shape[3])]


def describe(path):
    name = str(path.relative_to(DATA))
    if name in REFUSED:
        return {"name": name, "code": REFUSED[name]}
    image = nib.load(path)
    parts = volumes(image)
    return {
        "name": name,
        "dims": list(image.shape),
        "dtype": image.get_data_dtype().newbyteorder("=").name,
        "version": 2 if isinstance(image, nib.Nifti2Image) else 1,
        "littleEndian": image.header.endianness == "<",
        "affine": golden.array(image.affine, "float64"),
        "sums": golden.array([v.sum(dtype=np.float64) for v in parts], "float64"),
        "sha256": [hashlib.sha256(v.tobytes(order="F")).hexdigest() for v in parts],
    }


paths = sorted(p for p in DATA.rglob("*") if p.name.endswith((".nii", ".nii.gz", ".hdr")))
golden.write("io/samples", "nibabel", nib.__version__, {"files": [describe(p) for p in paths]})
