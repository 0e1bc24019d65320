"""JPEG 2000 codestreams of many kinds, made and decoded by OpenJPEG by way of Pillow."""
import io

import golden
import numpy as np
from PIL import Image, features

random = np.random.RandomState(20261121)


def picture(rows, columns, bits):
    y, x = np.mgrid[:rows, :columns]
    smooth = 0.5 + 0.3 * np.sin(x / 5) * np.cos(y / 7) + 0.1 * (np.hypot(x - columns / 2, y - rows / 2) < rows / 3)
    noisy = smooth + 0.03 * random.normal(size=smooth.shape)
    return (np.clip(noisy, 0, 1) * (2 ** bits - 1)).astype("uint8" if bits == 8 else "uint16")


frames = []


def add(name, array, **options):
    out = io.BytesIO()
    Image.fromarray(array).save(out, "JPEG2000", no_jp2=True, **{"irreversible": False, **options})
    content = out.getvalue()
    decoded = np.asarray(Image.open(io.BytesIO(content)))
    if not options.get("irreversible") and "quality_layers" not in options:
        assert (decoded == array).all()
    frames.append({"name": name, "rows": array.shape[0], "columns": array.shape[1], "lossless": not options.get("irreversible", False),
                   "bytes": golden.array(np.frombuffer(content, np.uint8), "uint8"), "values": golden.array(decoded.astype("<i4"), "int32")})


small = picture(61, 47, 16)
add("16 bits", small)
add("8 bits", picture(33, 64, 8))
for progression in ["LRCP", "RLCP", "RPCL", "PCRL", "CPRL"]:
    add(f"{progression}, precincts and small blocks", small, progression=progression, precinct_size=(16, 32), codeblock_size=(8, 4),
        num_resolutions=3, quality_layers=[20, 5, 0], quality_mode="rates")
add("one resolution", small, num_resolutions=1)
add("three columns", picture(5, 3, 16), num_resolutions=2)
add("one row", picture(1, 40, 16), num_resolutions=1)
add("one pixel", picture(1, 1, 16), num_resolutions=1)
add("large blocks", small, codeblock_size=(64, 64))
add("cut to a rate", small, quality_layers=[6], quality_mode="rates")
for layers in ([0], [8], [30, 4]):
    add(f"with loss, rates {layers}", small, irreversible=True, quality_layers=layers, quality_mode="rates")
add("with loss, 8 bits", picture(40, 40, 8), irreversible=True)
golden.write("io/jpeg2000", "Pillow with OpenJPEG", f"{Image.__version__}, {features.version('jpg_2000')}", {"frames": frames})
