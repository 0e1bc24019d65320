"""Gradients of the networks of model_networks.py by PyTorch's autograd, in float64: with the weights and inputs of the golden files of the models, and at real
patch sizes with weights and inputs that are a formula, as norms and checksums. Ten steps of AdamW."""
import numpy as np
import torch
import torch.nn.functional as F

import golden

write, golden.write = golden.write, lambda *_: None
import model_networks as networks  # noqa: E402  (its own golden files are not made anew)


def wave(n, step):
    """The same numbers in any language: sin(step · i²), rounded to float32."""
    i = np.arange(n, dtype=np.float64)
    return torch.from_numpy(np.sin(step * i * i).astype(np.float32).astype(np.float64))


def gradients(net, feeds, loss):
    net.zero_grad()
    value = loss(net(*feeds))
    value.backward()
    return float(value.detach()), {name: p.grad for name, p in net.named_parameters()}


def mse(y):
    """Mean squares of all outputs against a wave, added."""
    return sum(((v - wave(v.numel(), 0.9).reshape(v.shape)) ** 2).mean() for v in (y if isinstance(y, tuple) else (y,)))


def huber(y):
    return F.huber_loss(y, wave(y.numel(), 0.9).reshape(y.shape), delta=0.5)


def small(net, feeds, loss):
    value, grads = gradients(net, feeds, loss)
    return {"loss": value, "gradients": {name: {"shape": list(g.shape), "data": golden.array(g.numpy())} for name, g in grads.items()}}


def checked(net, feeds, loss):
    """Of each gradient its Euclidean norm, and its product with a wave, which sees every element."""
    value, grads = gradients(net, feeds, loss)
    sums = {
        name: {"shape": list(g.shape), "norm": float(g.norm()), "product": float((g.flatten() * wave(g.numel(), 1.3)).sum())}
        for name, g in grads.items()
    }
    return {"loss": value, "sums": sums}


def formula(net):
    """Weights of the size that keeps values near 1."""
    with torch.no_grad():
        for k, p in enumerate(net.parameters()):
            fan_in = p[0].numel() if p.dim() > 1 else 10
            p.copy_((wave(p.numel(), 0.7 + 0.1 * k).reshape(p.shape) * (2 / fan_in) ** 0.5).float())
        net.head.bias.fill_(1)  # or its ReLU might let nothing through
    return net.double()


n = networks
cases = {}
for mode in ("replicate", "zeros"):
    net = n.seeded(n.ConditionalUnet(3, 4, 2, 3, 4, mode), 1)
    cases[f"conditional-{mode}"] = [
        small(net, [n.inputs(2, 1, 3, 8, 12, 16), n.inputs(3, 1, 4)], huber),
        small(net, [n.inputs(4, 2, 3, 7, 6, 9), n.inputs(5, 2, 4)], huber),
    ]
net = n.seeded(n.ResidualUnet(2, 2, [1, 2, 3]), 6)
cases["residual"] = [small(net, [n.inputs(7, 1, 2, 8, 12, 16)], mse), small(net, [n.inputs(8, 2, 2, 4, 8, 4)], mse)]
net = n.seeded(n.PlanarUnet(6, [3, 4, 5], False), 9)
cases["planar"] = [small(net, [n.inputs(10, 1, 6, 16, 24)], mse), small(net, [n.inputs(11, 3, 6, 8, 8)], mse)]
net = n.seeded(n.PlanarUnet(2, [3, 4, 5], True), 12)
cases["planar-residual"] = [small(net, [n.inputs(13, 1, 2, 24, 16)], mse), small(net, [n.inputs(14, 2, 2, 8, 16)], mse)]
net = n.seeded(n.Cones(2, [2, 1, 2, 1], 2, 6, 5, 4), 15)
cases["cones"] = [small(net, [n.inputs(16, 1, 2, 16, 24)], mse), small(net, [n.inputs(17, 2, 2, 19, 13)], mse)]
net = n.seeded(n.Discriminator(2, 3), 18)
cases["cones-discriminator"] = [small(net, [n.inputs(19, 1, 2, 32, 40)], mse), small(net, [n.inputs(20, 2, 2, 21, 34)], mse)]
write("training/gradients", "PyTorch autograd (float64)", torch.__version__, {"cases": cases})

patches = {}
for size in (32, 48):
    net = formula(n.ConditionalUnet(3, 4, 8, 3, 16, "replicate"))
    x = wave(2 * 3 * size**3, 0.3).reshape(2, 3, size, size, size)
    patches[size] = checked(net, [x, wave(8, 0.5).reshape(2, 4)], huber)
write("training/patches", "PyTorch autograd (float64)", torch.__version__, {"patches": patches})

net = formula(n.ConditionalUnet(3, 4, 2, 2, 4, "replicate"))
optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2, betas=(0.9, 0.99), eps=1e-6, weight_decay=0.1)
steps = []
for step in range(10):
    for group in optimizer.param_groups:
        group["lr"] = 1e-2 / (step + 1)
    x = wave(2 * 3 * 8**3, 0.3 + 0.01 * step).reshape(2, 3, 8, 8, 8)
    # A truth about 1, or the ReLU at the end would fall silent.
    value, _ = gradients(net, [x, wave(8, 0.5).reshape(2, 4)], lambda y: F.huber_loss(y, 1 + wave(y.numel(), 0.9).reshape(y.shape), delta=0.5))
    norm = torch.nn.utils.clip_grad_norm_(net.parameters(), 0.3)
    optimizer.step()
    steps.append([value, float(norm)])
weights = {name: {"shape": list(p.shape), "data": golden.array(p.detach().numpy())} for name, p in net.named_parameters()}
x, y = torch.stack([wave(15 * 13, 0.3), wave(15 * 13, 0.9)]).reshape(2, 1, 1, 15, 13)
y.requires_grad_(True)
kernel = torch.exp(-((torch.arange(11, dtype=torch.float64) - 5) ** 2) / (2 * 1.5**2))
kernel = torch.outer(kernel, kernel)[None, None] / kernel.sum() ** 2
local = lambda v: F.conv2d(v, kernel)
mx, my = local(x), local(y)
vx, vy, vxy = local(x * x) - mx**2, local(y * y) - my**2, local(x * y) - mx * my
c1, c2 = (0.01 * 2) ** 2, (0.03 * 2) ** 2
ssim = ((2 * mx * my + c1) * (2 * vxy + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))).mean()
loss = 0.6 * (y - x).abs().mean() + 0.4 * (1 - ssim)
loss.backward()
write("training/ssim", "PyTorch (float64)", torch.__version__, {"loss": float(loss.detach()), "ssim": float(ssim.detach()), "gradient": golden.array(y.grad.numpy())})

write("training/adamw", "PyTorch AdamW and clip_grad_norm_ (float64)", torch.__version__, {"steps": steps, "weights": weights})
