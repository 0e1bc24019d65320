"""Networks whose sizes are computed at run time, by PyTorch's ONNX exporter: each with all sizes free.

scaled: trilinear interpolation by a factor, as a number and as a size that is computed; fitted: to the size of another, with a flattened attention;
shuffled: channels laid out as voxels by view and permute, group normalisation; padded: the border filled up to a multiple of four, and cut off again.
"""
import hashlib
import io

import torch
import torch.nn as nn
import torch.nn.functional as F

import golden


class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.Conv3d(1, 2, 3, stride=2, padding=1)
        self.last = nn.Conv3d(4, 1, 1)

    def forward(self, x):
        f = self.down(x)
        a = F.interpolate(f, scale_factor=2, mode="trilinear", align_corners=False)
        b = F.interpolate(f, size=[f.shape[2] * 2, f.shape[3] * 2, f.shape[4] * 2], mode="nearest")
        return self.last(torch.cat([a, b], 1))


class Fitted(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.Conv3d(1, 3, 3, stride=2, padding=1)
        self.mix = nn.Conv3d(3, 3, 1)

    def forward(self, x):
        f = self.down(x)
        flat = f.view(f.size(0), 3, -1)
        weights = torch.softmax(torch.bmm(flat, flat.transpose(1, 2)) / flat.shape[2], -1)
        f = f + torch.bmm(weights, flat).view(f.shape)
        return x + F.interpolate(self.mix(f), size=x.shape[2:], mode="trilinear", align_corners=False).mean(1, keepdim=True)


class Shuffled(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.Conv3d(1, 4, 2, stride=2)
        self.norm = nn.GroupNorm(2, 4)
        self.up = nn.Conv3d(4, 8, 1)

    def forward(self, x):
        f = self.up(torch.relu(self.norm(self.down(x))))
        n, c, d, h, w = f.shape
        f = f.view(n, c // 8, 2, 2, 2, d, h, w).permute(0, 1, 5, 2, 6, 3, 7, 4)
        return x + f.reshape(n, c // 8, d * 2, h * 2, w * 2)


class Padded(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.Conv3d(1, 2, 4, stride=4)
        self.up = nn.ConvTranspose3d(2, 1, 4, stride=4)

    def forward(self, x):
        d, h, w = x.shape[2:]
        f = F.pad(x, [0, -w % 4, 0, -h % 4, 0, -d % 4])
        return self.up(torch.tanh(self.down(f)))[:, :, :d, :h, :w]


axes = {0: "batch", 2: "k", 3: "j", 4: "i"}
for n, (name, net) in enumerate({"scaled": Scaled(), "fitted": Fitted(), "shuffled": Shuffled(), "padded": Padded()}.items()):
    torch.manual_seed(n)
    for p in net.parameters():
        nn.init.normal_(p, std=0.3)
    net.eval()
    x = torch.randn(2, 1, 6, 4, 8)
    file = io.BytesIO()
    torch.onnx.export(net, x, file, opset_version=16, input_names=["x"], output_names=["y"], dynamic_axes={"x": axes, "y": axes})
    path = golden.FOLDER / "model" / f"dynamic-{name}.onnx"
    path.write_bytes(file.getvalue())
    if name == "padded":  # It is read by nobody, and refused.
        continue
    other = torch.randn(1, 1, 8, 12, 10)
    golden.write(f"model/dynamic-{name}", "PyTorch, torch.onnx.export", torch.__version__, {
        "sha256": hashlib.sha256(file.getvalue()).hexdigest(),
        "inputs": [golden.array(v.numpy()) for v in (x, other)],
        "outputs": [golden.array(net(v).detach().numpy()) for v in (x, other)],
    })
