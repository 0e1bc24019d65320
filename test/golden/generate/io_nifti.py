"""Small NIfTI files of every type, byte order and version, and what nibabel reads from them."""
import gzip
import struct

import golden
import nibabel as nib
import numpy as np

random = np.random.RandomState(20261121)
TYPES = ["uint8", "int8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"]
CLASSES = {1: (nib.Nifti1Image, nib.Nifti1Header), 2: (nib.Nifti2Image, nib.Nifti2Header)}
FIELDS = {1: {"slope": (112, "f"), "inter": (116, "f"), "sform_code": (254, "h"), "qform_code": (252, "h"), "pixdim": (76, "f")},
          2: {"slope": (176, "d"), "inter": (184, "d"), "sform_code": (348, "i"), "qform_code": (344, "i"), "pixdim": (104, "d")}}


def voxels(dtype, shape=(3, 4, 2)):
    kind = np.dtype(dtype)
    if kind.kind == "f":
        values = random.normal(0, 1000, shape)
        values.flat[:3] = [0, -1.5, 3e38 if dtype == "float32" else 1e300]
        return values.astype(kind)
    info = np.iinfo(kind)
    values = random.randint(0, 2**31, shape).astype("float64") / 2**31
    values = (info.min + values * (float(info.max) - info.min)).astype(kind)
    values.flat[:5] = [info.min, info.max, 0, 1, info.max // 3]
    return values


def rotation(angles):
    a, b, c = angles
    x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return z @ y @ x


def affine(angles=(0.1, -0.2, 0.3), zooms=(0.9, 1.1, 5.5), at=(-90, 120.5, 33)):
    matrix = np.eye(4)
    matrix[:3, :3] = rotation(angles) @ np.diag(zooms)
    matrix[:3, 3] = at
    return matrix


def make(name, data, version=1, endian="<", sform=None, qform=None, patch=(), compress=False, extension=None, sform_code=1, qform_code=1):
    image_class, header_class = CLASSES[version]
    header = header_class(endianness=endian)
    header.set_data_dtype(data.dtype)
    image = image_class(data, None, header)
    image.header.set_zooms([1.5, 2.5, 3.5, 1, 1, 1, 1][: data.ndim])
    image.set_qform(qform, qform_code if qform is not None else 0, update_affine=False)
    image.set_sform(sform, sform_code if sform is not None else 0, update_affine=False)
    image.header["descrip"] = b"made by nibabel"
    image.header.set_xyzt_units("mm", "sec")
    if extension:
        image.header.extensions.append(nib.nifti1.Nifti1Extension("comment", extension))
    content = bytearray(image.to_bytes())
    for field, value, *index in patch:
        offset, code = FIELDS[version][field]
        struct.pack_into(endian + code, content, offset + struct.calcsize(code) * (index[0] if index else 0), value)
    content = bytes(content)
    again = image_class.from_bytes(content)
    values = again.get_fdata(dtype=np.float64)
    with np.errstate(over="ignore"):
        stored = values.astype(np.float32)
    shape = list(again.shape[:3]) + [1] * (3 - again.ndim)
    return {
        "name": name,
        "bytes": golden.array(np.frombuffer(gzip.compress(content, mtime=0) if compress else content, np.uint8), "uint8"),
        "version": version,
        "littleEndian": endian == "<",
        "dtype": str(data.dtype),
        "dims": list(again.shape),
        "shape": shape,
        "affine": golden.array(again.affine, "float64"),
        "values": golden.array(stored.T),
    }


files = []
for version in (1, 2):
    for endian in "<>":
        for dtype in TYPES:
            name = f"{dtype} {'little' if endian == '<' else 'big'} NIfTI-{version}"
            files.append(make(name, voxels(dtype), version, endian, sform=affine(), compress=dtype in ("int16", "float32") and endian == "<"))

small = voxels("int16")
for version in (1, 2):
    make_one = lambda name, **options: files.append(make(f"{name}, NIfTI-{version}", options.pop("data", small), version, **options))
    make_one("qform only", qform=affine())
    make_one("qform only, left-handed", qform=affine(zooms=(-0.9, 1.1, 5.5)))
    make_one("qform only, half turn", qform=affine(angles=(0, 0, np.pi)))
    make_one("qform only, near a half turn", qform=affine(angles=(0.01, -0.02, 3.1)))
    make_one("sform before qform, though its code is smaller", sform=affine(), qform=affine((0, 0, 1)), sform_code=1, qform_code=4)
    sheared = affine()
    sheared[0, 1] += 0.4
    make_one("sform with shear", sform=sheared, qform=None)
    make_one("neither form")
    make_one("neither form, two axes", data=voxels("uint8", (4, 3)))
    make_one("neither form, one axis", data=voxels("uint8", (5,)))
    make_one("sform code out of range, so the qform", sform=affine(), qform=affine((0, 0, 1)), patch=[("sform_code", 9)])
    make_one("voxel sizes negative and zero, qfac 0", qform=affine(), patch=[("pixdim", 0, 0), ("pixdim", -2.0, 1), ("pixdim", 0, 2)])
    make_one("four axes, one volume", data=voxels("int16", (3, 2, 2, 1)), sform=affine())
    make_one("five axes, one volume", data=voxels("float32", (3, 2, 2, 1, 1)), sform=affine())
    make_one("extensions", sform=affine(), extension=b"some words " * 9)
    make_one("slope 0", sform=affine(), patch=[("slope", 0), ("inter", 5)])
    make_one("slope NaN", sform=affine(), patch=[("slope", np.nan), ("inter", 5)])
    make_one("slope infinite", sform=affine(), patch=[("slope", np.inf), ("inter", 5)])
    for dtype in ("uint8", "int16", "int32", "uint64", "float32", "float64"):
        make_one(f"{dtype} scaled", data=voxels(dtype), sform=affine(), patch=[("slope", 0.037152763), ("inter", -791.29)])
    make_one("scaled, big-endian", data=voxels("uint16"), endian=">", sform=affine(), patch=[("slope", -2.5), ("inter", 1)])
golden.write("io/nifti", "nibabel", nib.__version__, {"files": files})
