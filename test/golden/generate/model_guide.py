"""The network of docs/guides/bring-your-own-model.md, as its Python block makes it: one weight, which is ten."""
import pathlib
import warnings

import torch

warnings.filterwarnings("ignore")
net = torch.nn.Conv3d(1, 1, 1, bias=False)
torch.nn.init.constant_(net.weight, 10)
net.eval()
axes = {0: "batch", 2: "k", 3: "j", 4: "i"}
path = pathlib.Path(__file__).resolve().parent.parent / "model" / "ten-times.onnx"
torch.onnx.export(net, torch.zeros(1, 1, 32, 32, 32), str(path), opset_version=16,
                  input_names=["x"], output_names=["y"], dynamic_axes={"x": axes, "y": axes})
