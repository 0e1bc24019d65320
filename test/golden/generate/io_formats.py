"""Small NRRD, MetaImage and MGH files, and what is in them; and what an independent reader finds in the shared samples.

MGH is nibabel's. NRRD and MetaImage are written and read here, from their definitions, with numpy alone.
"""
import binascii
import gzip
import hashlib
import io
import pathlib
import re
import zlib

import golden
import nibabel as nib
import numpy as np

DATA = pathlib.Path(__file__).resolve().parents[4] / "shared" / "data" / "io"
random = np.random.RandomState(20261121)
TYPES = ["uint8", "int8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"]
NRRD = {"uint8": "uchar", "int8": "signed char", "int16": "short", "uint16": "unsigned short", "int32": "int", "uint32": "uint32_t",
        "int64": "long long", "uint64": "ulonglong", "float32": "float", "float64": "double"}
META = {"uint8": "UCHAR", "int8": "CHAR", "int16": "SHORT", "uint16": "USHORT", "int32": "INT", "uint32": "UINT", "int64": "LONG_LONG",
        "uint64": "ULONG_LONG", "float32": "FLOAT", "float64": "DOUBLE"}
SHAPE = (3, 4, 2)
LPS = np.diag([-1.0, -1.0, 1.0])


def voxels(dtype, shape=SHAPE):
    kind = np.dtype(dtype)
    if kind.kind == "f":
        values = random.normal(0, 1000, shape)
        values.flat[:3] = [0, -1.5, 3e38]
        return values.astype(kind)
    info = np.iinfo(kind)
    values = random.randint(0, 2**31, shape).astype("float64") / 2**31
    values = (info.min + values * (float(info.max) - info.min)).astype(kind)
    values.flat[:5] = [info.min, info.max, 0, 1, info.max // 3]
    return values


def oblique():
    a, b = 0.3, -0.2
    turn = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    tilt = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    return turn @ tilt


def affine(steps, origin):
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = steps, origin
    return matrix


files = []


def add(name, fmt, content, data, matrix, dtype, extra=None, volume_index=None):
    with np.errstate(over="ignore"):
        stored = data.astype("float64").astype("<f4")
    files.append({"name": f"{fmt}: {name}", "format": fmt, "dtype": dtype, "shape": list(data.shape) + [1] * (3 - data.ndim),
                  "bytes": golden.array(np.frombuffer(content, np.uint8), "uint8"),
                  **({"data": golden.array(np.frombuffer(extra, np.uint8), "uint8")} if extra is not None else {}),
                  **({"volumeIndex": volume_index} if volume_index is not None else {}),
                  "affine": golden.array(matrix, "float64"), "values": golden.array(stored.T)})


def raw(data, endian="<"):
    return data.astype(data.dtype.newbyteorder(endian)).tobytes(order="F")


def text(data):
    return " ".join(repr(v) for v in data.ravel(order="F").tolist()).encode()


def coded(data, encoding, endian):
    plain = raw(data, endian)
    return {"raw": lambda: plain, "gzip": lambda: gzip.compress(plain, mtime=0), "hex": lambda: binascii.hexlify(plain).upper(),
            "ascii": lambda: text(data)}[encoding]()


def nrrd(name, data, *, endian="<", encoding="raw", space="left-posterior-superior", steps=None, origin=None, fields=(), drop=(),
         expect=None, before=b"", line="\n", detached=False, whole=None, volume_index=None, version=4):
    steps = oblique() * [0.9, 1.1, 5.5] if steps is None else steps
    origin = np.array([-90, 120.5, 33]) if origin is None else origin
    whole = data if whole is None else whole
    vector = lambda v: "(" + ",".join(repr(float(x)) for x in v) + ")"
    all_fields = {"type": NRRD[str(data.dtype)], "dimension": whole.ndim, "space": space, "sizes": " ".join(map(str, whole.shape)),
                  "space directions": " ".join(vector(v) for v in np.asarray(steps).T), "space origin": vector(origin),
                  "endian": {"<": "little", ">": "big"}[endian], "encoding": encoding, **dict(fields)}
    lines = [f"NRRD000{version}", "# a comment: not a field", "some key:=some: value"]
    lines += [f"{k}: {v}" for k, v in all_fields.items() if k not in drop]
    body = before + coded(whole, {"txt": "ascii", "gz": "gzip"}.get(encoding.lower(), encoding.lower()), endian)
    if detached:
        content, extra = (line.join(lines) + line + "data file: voxels.raw" + line).encode(), body
    else:
        content, extra = (line.join(lines) + line * 2).encode() + body, None
    matrix = expect if expect is not None else affine(LPS @ steps, LPS @ origin)
    add(name, "nrrd", content, data, matrix, str(data.dtype), extra, volume_index)


for dtype in TYPES:
    for endian in "<>":
        for encoding in ("raw", "gzip", "hex"):
            nrrd(f"{dtype} {encoding} {endian}", voxels(dtype), endian=endian, encoding=encoding)
    if dtype not in ("int64", "uint64"):
        nrrd(f"{dtype} text", voxels(dtype), encoding="ascii", drop=("endian",))
small = voxels("int16")
S, O = oblique() * [0.9, 1.1, 5.5], np.array([-90, 120.5, 33])
for space, signs in {"right-anterior-superior": (1, 1, 1), "RAS": (1, 1, 1), "left-anterior-superior": (-1, 1, 1), "LAS": (-1, 1, 1), "LPS": (-1, -1, 1),
                     "scanner-xyz": (-1, -1, 1), "3D-right-handed": (-1, -1, 1), "3D-left-handed": (-1, -1, 1), "Left-Posterior-Superior": (-1, -1, 1)}.items():
    nrrd(f"space {space}", small, space=space, expect=affine(np.diag(signs) @ S, np.diag(signs) @ O))
nrrd("line ends of Windows", small, line="\r\n")
nrrd("detached", small, detached=True)
nrrd("detached gzip", small, detached=True, encoding="gz")
nrrd("detached, bytes from the end", small, detached=True, before=b"some header\n", fields=[("byte skip", -1)])
nrrd("line and byte skip", small, before=b"one\ntwo\n123", fields=[("line skip", 2), ("byteskip", 3)])
nrrd("text after lines", small, before=b"one\ntwo\n", encoding="TXT", fields=[("line skip", 2)])
nrrd("space dimension alone", small, fields=[("space dimension", 3)], drop=("space",))
nrrd("no origin", small, drop=("space origin",), expect=affine(LPS @ S, [0, 0, 0]))
nrrd("spacings alone", small, fields=[("spacings", "0.9 NaN 5.5")], drop=("space", "space directions", "space origin"),
     expect=affine(LPS * [0.9, 1, 5.5], [0, 0, 0]))
nrrd("spacings, axis mins, node-centred", small, fields=[("spacings", "0.9 1.1 5.5"), ("axis mins", "1 2 3"), ("centers", "node node cell")],
     drop=("space", "space directions", "space origin"), expect=affine(LPS * [0.9, 1.1, 5.5], LPS @ [1, 2, 3 + 5.5 / 2]))
nrrd("centimetres", small, fields=[("space units", '"cm" "cm" "cm"')], expect=affine(LPS @ S * 10, LPS @ O * 10))
listed = lambda m: " ".join("(" + ",".join(repr(float(x)) for x in v) + ")" for v in m.T)
nrrd("first axis of one value", small, whole=small[None], fields=[("space directions", "none " + listed(S)), ("kinds", "vector domain domain domain")])
nrrd("last axis of one value", small, whole=small[..., None], fields=[("space directions", listed(S) + " none")])
series = np.stack([voxels("uint8") for _ in range(3)], axis=-1)
for n in range(3):
    nrrd(f"list, volume {n}", series[..., n], whole=series, fields=[("space directions", listed(S) + " none"), ("kinds", "domain domain domain list")], volume_index=n)
four = np.zeros((4, 4))
four[:3, :3], four[3, 3] = S, 1.5
nrrd("space with time", series[..., 1], whole=series, space="LPST", fields=[("space directions", listed(four)), ("space origin", "(-90,120.5,33,0)")], volume_index=1)
flat = voxels("uint16", (5, 3))
nrrd("two axes", flat, fields=[("spacings", "2 3")], drop=("space", "space directions", "space origin"), expect=affine(np.diag([-2, -3, 1.0]), [0, 0, 0]))
two = S[:, :2]
normal = np.cross(two[:, 0], two[:, 1])
nrrd("two axes in space", flat, steps=two, expect=affine(LPS @ np.column_stack([two, normal / np.linalg.norm(normal)]), LPS @ O))
nrrd("one axis", voxels("uint8", (6,)), fields=[("spacings", "2")], drop=("space", "space directions", "space origin"), expect=affine(np.diag([-2, -1, 1.0]), [0, 0, 0]))


def meta(name, data, *, endian="<", compress=False, binary=True, fields=(), drop=(), expect=None, whole=None, detached=False, before=b"", volume_index=None,
         line="\n", body=None):
    turn, sizes, origin = oblique(), np.array([0.9, 1.1, 5.5]), np.array([-90, 120.5, 33])
    whole = data if whole is None else whole
    body = body if body is not None else raw(whole, endian) if binary else text(whole)
    body = before + (zlib.compress(body) if compress else body)
    numbers = lambda v: " ".join(repr(float(x)) for x in np.ravel(v))
    all_fields = {"ObjectType": "Image", "NDims": whole.ndim, "BinaryData": binary, "BinaryDataByteOrderMSB": endian == ">", "CompressedData": compress,
                  "TransformMatrix": numbers(turn.T), "Offset": numbers(origin), "CenterOfRotation": "0 0 0", "AnatomicalOrientation": "RAI",
                  "ElementSpacing": numbers(sizes), "DimSize": " ".join(map(str, whole.shape)), "ElementType": "MET_" + META[str(data.dtype)],
                  **({"CompressedDataSize": len(body)} if compress else {}), **dict(fields), "ElementDataFile": "voxels.raw" if detached else "LOCAL"}
    head = line.join(f"{k} = {v}" for k, v in all_fields.items() if k not in drop) + line
    matrix = expect if expect is not None else affine(LPS @ (turn * sizes), LPS @ origin)
    content, extra = (head.encode(), body) if detached else (head.encode() + body, None)
    add(name, "metaimage", content, data, matrix, str(data.dtype), extra, volume_index)


for dtype in TYPES:
    for endian in "<>":
        for compress in (False, True):
            meta(f"{dtype} {'zlib' if compress else 'raw'} {endian}", voxels(dtype), endian=endian, compress=compress)
    if dtype not in ("int64", "uint64"):
        meta(f"{dtype} text", voxels(dtype), binary=False)
meta("long is four bytes", voxels("int32"), fields=[("ElementType", "MET_LONG")])
meta("compressed size not said", small, compress=True, drop=("CompressedDataSize",))
meta("detached", small, detached=True)
meta("detached after a header", small, detached=True, before=b"12345", fields=[("HeaderSize", 5)])
meta("detached at the end", small, detached=True, before=b"1234567", fields=[("HeaderSize", -1)])
meta("line ends of Windows", small, line="\r\n")
meta("other names, other order", small, fields=[("Rotation", " ".join(map(str, oblique().T.ravel()))), ("Position", "-90 120.5 33"), ("ElementSize", "0.9 1.1 5.5")],
     drop=("TransformMatrix", "Offset", "ElementSpacing", "ObjectType"))
meta("no geometry", small, drop=("TransformMatrix", "Offset", "ElementSpacing"), expect=affine(LPS, [0, 0, 0]))
eye4 = " ".join(map(str, np.eye(4).ravel()))
meta("four axes", series[..., 2], whole=series, fields=[("TransformMatrix", eye4), ("Offset", "1 2 3 0"), ("ElementSpacing", "1 2 3 4")],
     expect=affine(LPS @ np.diag([1.0, 2, 3]), LPS @ [1, 2, 3]), volume_index=2)
meta("two axes", flat, fields=[("TransformMatrix", "0 1 -1 0"), ("Offset", "5 6"), ("ElementSpacing", "2 3")],
     expect=affine(LPS @ np.array([[0, -3, 0], [2, 0, 0], [0, 0, 1.0]]), LPS @ [5, 6, 0]))


def mgh(name, data, matrix, compress=False, volume_index=None):
    image = nib.freesurfer.MGHImage(data, matrix)
    content = image.to_bytes()
    again = nib.freesurfer.MGHImage.from_bytes(content)
    values = np.asarray(again.dataobj)
    values = values[..., volume_index] if volume_index is not None else values
    add(name, "mgh", gzip.compress(content, mtime=0) if compress else content, values, again.affine, str(data.dtype), None, volume_index)


for dtype in ("uint8", "int16", "int32", "float32"):
    for compress in (False, True):
        mgh(f"{dtype}{' gzip' if compress else ''}", voxels(dtype), affine(S, O), compress)
mgh("left-handed", small, affine(S * [-1, 1, 1], O))
mgh("sheared", small, affine(S + [[0, 0.4, 0], [0, 0, 0], [0, 0, 0]], O))
for n in range(2):
    mgh(f"frame {n}", np.stack([small, small[::-1].copy()], axis=-1), affine(S, O), volume_index=n)


def read_nrrd(path):
    content = path.read_bytes()
    end = content.find(b"\n\n")
    head = content[:end] if end >= 0 else content
    body = content[end + 2:]
    fields = dict(re.findall(r"^([a-z ]+): (.*)$", head.decode(), re.M))
    if "data file" in fields:
        body = (path.parent / fields["data file"]).read_bytes()
    for _ in range(int(fields.get("line skip", 0))):
        body = body[body.index(b"\n") + 1:]
    encoding = fields["encoding"].lower()
    if encoding == "bzip2":
        return None
    body = gzip.decompress(body) if encoding == "gzip" else body
    kind = np.dtype({"short": "<i2", "int16": "<i2", "unsigned char": "u1", "unsigned short": "<u2"}[fields["type"]])
    shape = [int(n) for n in fields["sizes"].split()]
    count = int(np.prod(shape))
    values = np.array(body.split(), dtype=kind) if encoding == "ascii" else np.frombuffer(body[len(body) - count * kind.itemsize:], kind)
    values = values.reshape(shape + [1] * (3 - len(shape)), order="F")
    if "space directions" in fields:
        steps = np.array([[float(x) for x in v.split(",")] for v in re.findall(r"\(([^)]*)\)", fields["space directions"])]).T
        origin = np.array([float(x) for x in fields["space origin"].strip("()").split(",")])
    else:
        steps, origin = np.diag([float(x) for x in fields["spacings"].split()] + [1.0]), np.zeros(3)
    return values, affine(LPS @ steps, LPS @ origin), kind.newbyteorder("=").name


def read_meta(path):
    content = path.read_bytes()
    end = content.index(b"\n", content.index(b"ElementDataFile")) + 1
    fields = dict(re.findall(r"^(\w+) = (.*?)\s*$", content[:end].decode(), re.M))
    body = zlib.decompress(content[end:]) if fields["CompressedData"] == "True" else content[end:]
    shape = [int(n) for n in fields["DimSize"].split()]
    values = np.frombuffer(body, "<i2").reshape(shape, order="F")
    numbers = lambda name: np.array([float(x) for x in fields[name].split()])
    return values, affine(LPS @ (numbers("TransformMatrix").reshape(3, 3).T * numbers("ElementSpacing")), LPS @ numbers("Offset")), "int16"


def read_mgh(path):
    image = nib.load(path)
    values = np.asarray(image.dataobj)
    return values, image.affine, values.dtype.newbyteorder("=").name


samples = []
for folder, ends, read in (("nrrd", (".nrrd", ".nhdr"), read_nrrd), ("metaimage", (".mha",), read_meta), ("mgh", (".mgz",), read_mgh)):
    for path in sorted((DATA / folder).iterdir()):
        if not path.name.endswith(ends):
            continue
        found = read(path)
        name = f"io/{folder}/{path.name}"
        if found is None:
            samples.append({"name": name, "code": "unsupported"})
            continue
        values, matrix, dtype = found
        values = values.reshape(values.shape[:3] + (-1,), order="F")
        samples.append({"name": name, "format": folder, "dtype": dtype, "shape": list(values.shape[:3]), "affine": golden.array(matrix, "float64"),
                        "sha256": [hashlib.sha256(values[..., n].astype("<f4").tobytes(order="F")).hexdigest() for n in range(values.shape[3])]})
golden.write("io/formats", "nibabel and numpy", f"{nib.__version__} and {np.__version__}", {"files": files, "samples": samples})
