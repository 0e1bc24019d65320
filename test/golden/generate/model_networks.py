"""The networks in PyTorch, written from the papers' descriptions: seeded weights, inputs and outputs at two sizes each.

float64 throughout, so that the outputs are those of the weights and not of an order of summation.
"""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

import golden


class ConditionalResidualBlock(nn.Module):
    """SiLU, conv, + Linear(SiLU(embedding)), SiLU, conv; skip by identity or 1x1x1 (Pinetz et al., no normalisation)."""

    def __init__(self, n_in, n_out, n_emb, mode):
        super().__init__()
        self.conv0 = nn.Conv3d(n_in, n_out, 3, padding=1, padding_mode=mode)
        self.condition = nn.Linear(n_emb, n_out)
        self.conv1 = nn.Conv3d(n_out, n_out, 3, padding=1, padding_mode=mode)
        self.skip = nn.Conv3d(n_in, n_out, 1) if n_in != n_out else None

    def forward(self, x, e):
        h = self.conv0(F.silu(x))
        h = h + self.condition(F.silu(e))[:, :, None, None, None]
        h = self.conv1(F.silu(h))
        return h + (x if self.skip is None else self.skip(x))


class Gate(nn.Module):
    def __init__(self, m, n_skip):
        super().__init__()
        self.gate0 = nn.Conv3d(m + n_skip, m, 1)
        self.value0 = nn.Conv3d(m, m, 1)
        self.gate1 = nn.Conv3d(m + n_skip, m, 1)
        self.value1 = nn.Conv3d(n_skip, m, 1)

    def forward(self, up, skip):
        both = torch.cat([up, skip], 1)
        return torch.sigmoid(self.gate0(both)) * self.value0(up) + torch.sigmoid(self.gate1(both)) * self.value1(skip)


def blur_pool(x):
    """[1 4 6 4 1]^3 / 4096, replicated border, every second voxel; one dense 5x5x5 kernel over the channels as a batch."""
    k = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0], dtype=x.dtype)
    kernel = torch.einsum("i,j,k->ijk", k, k, k) / 4096
    flat = F.pad(x.reshape(-1, 1, *x.shape[2:]), [2] * 6, mode="replicate")
    y = F.conv3d(flat, kernel[None, None], stride=2)
    return y.reshape(*x.shape[:2], *y.shape[2:])


class ConditionalUnet(nn.Module):
    def __init__(self, n_in, n_cond, features, scales, emb, mode):
        super().__init__()
        self.embedding = nn.ModuleList([nn.Linear(n_cond, emb), nn.Linear(emb, emb)])
        widths = [features * 2**s for s in range(scales)]
        self.stem = nn.Conv3d(n_in, features, 3, padding=1, padding_mode=mode)
        self.down, self.up, self.gates = nn.ModuleList(), nn.ModuleList(), nn.ModuleList()
        before = features
        for w in widths[:-1]:
            self.down.append(nn.ModuleList([ConditionalResidualBlock(n_in + before, w, emb, mode), ConditionalResidualBlock(w, w, emb, mode)]))
            before = w
        self.bottom = nn.ModuleList([
            ConditionalResidualBlock(n_in + before, widths[-1], emb, mode),
            ConditionalResidualBlock(widths[-1], widths[-2], emb, mode),
        ])
        for s in range(scales - 1):
            w = widths[s]
            self.gates.append(Gate(w, n_in + w))
            self.up.append(nn.ModuleList([ConditionalResidualBlock(w, w, emb, mode), ConditionalResidualBlock(w, widths[max(s - 1, 0)], emb, mode)]))
        self.head = nn.Conv3d(features, 1, 3, padding=1, padding_mode=mode)

    def forward(self, x, conditions):
        e = self.embedding[1](F.silu(self.embedding[0](conditions)))
        images, skips, f = [x], [], self.stem(x)
        for first, second in self.down:
            f = second(first(torch.cat([images[-1], f], 1), e), e)
            skips.append(torch.cat([images[-1], f], 1))
            f = blur_pool(f)
            images.append(blur_pool(images[-1]))
        f = self.bottom[1](self.bottom[0](torch.cat([images[-1], f], 1), e), e)
        for s in reversed(range(len(skips))):
            f = F.interpolate(f, size=skips[s].shape[2:], mode="trilinear", align_corners=False)
            f = self.gates[s](f, skips[s])
            f = self.up[s][1](self.up[s][0](f, e), e)
        return F.relu(self.head(f))


class ResidualModule(nn.Module):
    def __init__(self, width, n):
        super().__init__()
        self.convs = nn.ModuleList([nn.Conv3d(width, width, 3, padding=1) for _ in range(n)])

    def forward(self, x):
        h = x
        for i, conv in enumerate(self.convs):
            h = conv(h)
            if i + 1 < len(self.convs):
                h = F.leaky_relu(h, 0.2)
        return F.leaky_relu(h + x, 0.2)


class ResidualUnet(nn.Module):
    def __init__(self, n_in, base, counts):
        super().__init__()
        levels = len(counts)
        w = [base * 2**i for i in range(levels)]
        self.stem = nn.Conv3d(n_in, base, 3, padding=1)
        self.encoder = nn.ModuleList([ResidualModule(w[i], counts[i]) for i in range(levels)])
        self.down = nn.ModuleList([nn.Conv3d(w[i], w[i + 1], 2, stride=2) for i in range(levels - 1)])
        self.up = nn.ModuleList([
            nn.ConvTranspose3d(w[i + 1] if i == levels - 2 else 2 * w[i + 1], w[i], 2, stride=2) for i in range(levels - 1)
        ])
        self.decoder = nn.ModuleList([ResidualModule(2 * w[i], counts[i]) for i in range(levels - 1)])
        self.head = nn.Conv3d(2 * base, 1, 1)

    def forward(self, x):
        act = lambda v: F.leaky_relu(v, 0.2)
        f, skips = act(self.stem(x)), []
        for module, down in zip(self.encoder, self.down):
            f = module(f)
            skips.append(f)
            f = act(down(f))
        f = self.encoder[-1](f)
        for up, module, skip in reversed(list(zip(self.up, self.decoder, skips))):
            f = module(torch.cat([act(up(f)), skip], 1))
        return torch.sigmoid(self.head(f))


class PlanarUnet(nn.Module):
    """Three convolutions a level, max-pooling, a centre added to its input, nearest up-sampling; 2.5-D or residual 2-D."""

    def __init__(self, n_in, widths, residual):
        super().__init__()
        self.residual = residual
        three = lambda a, b: nn.ModuleList([nn.Conv2d(a if i == 0 else b, b, 3, padding=1) for i in range(3)])
        ins = [n_in, *widths]
        self.encoder = nn.ModuleList([three(a, b) for a, b in zip(ins, widths)])
        self.centre = nn.Conv2d(widths[-1], widths[-1], 3, padding=1)
        above = [*widths[1:], widths[-1]]
        self.decoder = nn.ModuleList([three(a + b, b) for a, b in zip(above, widths)])
        self.head = nn.Conv2d(widths[0], 1, 1)

    def forward(self, x):
        f, skips = x, []
        for level in self.encoder:
            for conv in level:
                f = F.relu(conv(f))
            skips.append(f)
            f = F.max_pool2d(f, 2)
        f = f + F.relu(self.centre(f))
        for level, skip in reversed(list(zip(self.decoder, skips))):
            f = torch.cat([F.interpolate(f, scale_factor=2, mode="nearest"), skip], 1)
            for conv in level:
                f = F.relu(conv(f))
        y = self.head(f)
        return y + x[:, -1:] if self.residual else y


class Bottleneck(nn.Module):
    def __init__(self, n_in, planes, stride):
        super().__init__()
        conv = lambda a, b, k, s=1: nn.Conv2d(a, b, k, stride=s, padding=k // 2, bias=False)
        norm = lambda n: nn.InstanceNorm2d(n, affine=True)
        self.conv = nn.ModuleList([conv(n_in, planes, 1), conv(planes, planes, 3, stride), conv(planes, 4 * planes, 1)])
        self.norm = nn.ModuleList([norm(planes), norm(planes), norm(4 * planes)])
        change = stride != 1 or n_in != 4 * planes
        self.shortcut = nn.Sequential(conv(n_in, 4 * planes, 1, stride), norm(4 * planes)) if change else nn.Identity()

    def forward(self, x):
        h = F.relu(self.norm[0](self.conv[0](x)))
        h = F.relu(self.norm[1](self.conv[1](h)))
        return F.relu(self.norm[2](self.conv[2](h)) + self.shortcut(x))


class Cones(nn.Module):
    def __init__(self, sources, blocks, planes, pyramid, width, layers):
        super().__init__()
        self.stem = nn.Conv2d(sources, planes, 7, padding=3, bias=False)
        self.stem_norm = nn.InstanceNorm2d(planes, affine=True)
        n, self.stages = planes, nn.ModuleList()
        for s, count in enumerate(blocks):
            stage = nn.ModuleList()
            for i in range(count):
                stage.append(Bottleneck(n, planes * 2**s, 2 if s and i == 0 else 1))
                n = 4 * planes * 2**s
            self.stages.append(stage)
        outs = [4 * planes * 2**s for s in range(len(blocks))]
        self.top = nn.Conv2d(outs[-1], pyramid, 1)
        self.lateral = nn.ModuleList([nn.Conv2d(c, pyramid, 1) for c in outs[:-1]])
        self.smooth = nn.ModuleList([nn.Conv2d(pyramid, pyramid, 3, padding=1) for _ in outs[:-1]])
        self.code = nn.Conv2d(pyramid, layers * width + 1, 1)
        sizes = [sources + 28] + [width] * layers + [1]
        self.mlp = nn.ModuleList([nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])])
        self.width = width

    def forward(self, x):
        f, outs = F.relu(self.stem_norm(self.stem(x))), []
        for stage in self.stages:
            for block in stage:
                f = block(f)
            outs.append(f)
        p = self.top(outs[-1])
        for s in reversed(range(len(self.lateral))):
            lateral = self.lateral[s](outs[s])
            p = self.smooth[s](F.interpolate(p, size=lateral.shape[2:], mode="bilinear", align_corners=False) + lateral)
        code = self.code(p).permute(0, 2, 3, 1)
        batch, _, h, w = x.shape
        encoding = torch.empty(h, w, 28, dtype=x.dtype)
        for row in range(h):
            for column in range(w):
                encoding[row, column] = torch.tensor([
                    wave(2**k * math.pi * at) for k in range(7) for at in (column / w, row / h) for wave in (math.cos, math.sin)
                ], dtype=x.dtype)
        value = torch.cat([x.permute(0, 2, 3, 1), encoding.expand(batch, -1, -1, -1)], -1)
        for i, layer in enumerate(self.mlp):
            value = layer(value) + code[..., i * self.width : i * self.width + layer.out_features]
            value = torch.tanh(value) if i == len(self.mlp) - 1 else F.leaky_relu(value, 0.01)
        return value.permute(0, 3, 1, 2)


class PatchDiscriminator(nn.Module):
    def __init__(self, n_in, base):
        super().__init__()
        w = [base, 2 * base, 4 * base, 8 * base]
        self.conv = nn.ModuleList([
            nn.Conv2d(n_in, w[0], 4, stride=2, padding=2),
            nn.Conv2d(w[0], w[1], 4, stride=2, padding=2, bias=False),
            nn.Conv2d(w[1], w[2], 4, stride=2, padding=2, bias=False),
            nn.Conv2d(w[2], w[3], 4, stride=1, padding=2, bias=False),
        ])
        self.out = nn.Conv2d(w[3], 1, 4, padding=2)

    def forward(self, x):
        for i, conv in enumerate(self.conv):
            x = conv(x)
            x = F.leaky_relu(F.instance_norm(x) if i else x, 0.2)
        return self.out(x)


class Discriminator(nn.Module):
    def __init__(self, n_in, base):
        super().__init__()
        self.scale = nn.ModuleList([PatchDiscriminator(n_in, base), PatchDiscriminator(n_in, base)])

    def forward(self, x):
        half = F.avg_pool2d(x, 3, stride=2, padding=1, count_include_pad=False)
        return self.scale[0](x), self.scale[1](half)


def seeded(net, seed, linear_as_conv=False):
    """Weights of the size that keeps values near 1 (and scales and offsets that are not 1 and 0), rounded to float32."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in net.named_parameters():
            fan_in = p[0].numel() if p.dim() > 1 else 10
            p.copy_((torch.randn(p.shape, generator=generator) / math.sqrt(fan_in) + (0.7 if p.dim() == 1 else 0)).float())
    return net.double().eval()


def inputs(seed, *shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).double()


def write(name, net, cases):
    runs = []
    for feeds in cases:
        with torch.no_grad():
            result = net(*feeds.values())
        outputs = result if isinstance(result, tuple) else (result,)
        runs.append({
            "inputs": {key: tensor(value) for key, value in feeds.items()},
            "outputs": [tensor(y) for y in outputs],
        })
    weights = {key: tensor(value) for key, value in net.state_dict().items()}
    golden.write(f"model/{name}", "PyTorch (float64)", torch.__version__, {"weights": weights, "runs": runs})


def tensor(value):
    return {"shape": list(value.shape), "data": golden.array(value.numpy())}


for mode in ("replicate", "zeros"):
    net = seeded(ConditionalUnet(3, 4, 2, 3, 4, mode), 1)
    write(f"conditional-{mode}", net, [
        {"x": inputs(2, 1, 3, 8, 12, 16), "conditions": inputs(3, 1, 4)},
        {"x": inputs(4, 2, 3, 7, 6, 9), "conditions": inputs(5, 2, 4)},
    ])

write("residual", seeded(ResidualUnet(2, 2, [1, 2, 3]), 6), [
    {"x": inputs(7, 1, 2, 8, 12, 16)},
    {"x": inputs(8, 2, 2, 4, 8, 4)},
])
write("planar", seeded(PlanarUnet(6, [3, 4, 5], False), 9), [
    {"x": inputs(10, 1, 6, 16, 24)},
    {"x": inputs(11, 3, 6, 8, 8)},
])
write("planar-residual", seeded(PlanarUnet(2, [3, 4, 5], True), 12), [
    {"x": inputs(13, 1, 2, 24, 16)},
    {"x": inputs(14, 2, 2, 8, 16)},
])
write("cones", seeded(Cones(2, [2, 1, 2, 1], 2, 6, 5, 4), 15), [
    {"x": inputs(16, 1, 2, 16, 24)},
    {"x": inputs(17, 2, 2, 19, 13)},
])
write("cones-discriminator", seeded(Discriminator(2, 3), 18), [
    {"x": inputs(19, 1, 2, 32, 40)},
    {"x": inputs(20, 2, 2, 21, 34)},
])
