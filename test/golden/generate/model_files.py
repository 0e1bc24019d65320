"""Files of other programs: weights by the safetensors library, a small network by PyTorch's ONNX exporter.

The network: 3^3 convolution of three channels, LeakyReLU, transposed convolution after a strided one, mean over space, sigmoid gate.
"""
import hashlib
import io
import pathlib

import numpy as np
import safetensors
import torch
import torch.nn as nn
from safetensors.numpy import save

import golden

rng = np.random.default_rng(1)
tensors = {
    "encoder.weight": rng.standard_normal((3, 2, 2), dtype=np.float32),
    "half": rng.standard_normal(5).astype(np.float16),
    "double": rng.standard_normal((2, 1)),
    "steps": np.array([-(2**40), 7], dtype=np.int64),
    "flags": np.array([True, False, True]),
    "scalar": np.array(2.5, dtype=np.float32),
    "none": np.zeros((0, 4), dtype=np.float32),
}
blob = np.frombuffer(save(tensors, metadata={"trained on": "nothing"}), dtype=np.uint8)
golden.write("model/safetensors", "safetensors", safetensors.__version__, {
    "file": golden.array(blob, "uint8"),
    "tensors": {
        name: {"shape": list(a.shape), "values": golden.array(a.astype(np.float64).reshape(-1), "float64")} for name, a in tensors.items()
    },
})

# float16, rounding to the nearest and ties to even, of numbers of every size.
bits = np.concatenate([
    rng.integers(0, 2**32, 2000, dtype=np.uint32),
    (rng.integers(0, 2**16, 2000).astype(np.uint16).view(np.float16).astype(np.float32) * np.float32(1 + 2**-11)).view(np.uint32),
    np.array([0, 0x80000000, 0x33000000, 0x33000001, 0x33800000, 0x387FFFFF, 0x38800000, 0x477FEFFF, 0x7F800000], dtype=np.uint32),
])
values = bits.view(np.float32)
with np.errstate(over="ignore"):
    values = values[np.isfinite(values.astype(np.float16)) | ~np.isfinite(values)]
    values = values[~np.isnan(values)]
golden.write("model/float16", "NumPy", np.__version__, {
    "values": golden.array(values),
    "bits": golden.array(values.astype(np.float16).view(np.uint16), "int32"),
})


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv3d(2, 3, 3, padding=1)
        self.down = nn.Conv3d(3, 4, 2, stride=2)
        self.up = nn.ConvTranspose3d(4, 3, 2, stride=2)
        self.last = nn.Conv3d(6, 1, 1)

    def forward(self, x):
        f = torch.nn.functional.leaky_relu(self.first(x), 0.2)
        g = self.up(torch.relu(self.down(f)))
        y = self.last(torch.cat([f, g], 1))
        return y * torch.sigmoid(y.mean((2, 3, 4), keepdim=True)) + x[:, 1:]


torch.manual_seed(3)
net = Small().eval()
x = torch.randn(1, 2, 4, 6, 8)
file = io.BytesIO()
axes = {0: "batch", 2: "k", 3: "j", 4: "i"}
torch.onnx.export(net, x, file, opset_version=16, input_names=["x"], output_names=["y"], dynamic_axes={"x": axes, "y": axes})
path = golden.FOLDER / "model" / "pytorch-small.onnx"
path.write_bytes(file.getvalue())
golden.write("model/pytorch-small", "PyTorch, torch.onnx.export", torch.__version__, {
    "sha256": hashlib.sha256(file.getvalue()).hexdigest(),
    "input": golden.array(x.numpy()),
    "output": golden.array(net(x).detach().numpy()),
})
