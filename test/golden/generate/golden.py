"""Writes golden files: numbers with a birth certificate. Python and its packages are needed only to make them anew."""
import base64
import json
import pathlib
import sys

import numpy as np

FOLDER = pathlib.Path(__file__).resolve().parent.parent


def array(values, dtype="float32"):
    """An array as the tests read it: C order of [k, j, i], so that i runs fastest."""
    a = np.ascontiguousarray(values, dtype=np.dtype(dtype).newbyteorder("<"))
    return {"dtype": dtype, "shape": list(a.shape), "base64": base64.b64encode(a.tobytes()).decode()}


def write(name, tool, version, content):
    """`name` is the path below test/golden without .json; `tool` and `version` name the independent program."""
    path = FOLDER / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    command = "python3 test/golden/generate/" + pathlib.Path(sys.argv[0]).name
    path.write_text(json.dumps({"tool": tool, "version": version, "command": command, **content}, indent=1) + "\n")
    print("wrote", path.relative_to(FOLDER.parent.parent))
