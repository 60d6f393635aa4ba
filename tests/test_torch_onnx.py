"""Networks of PyTorch, exported to ONNX, with verdicts that are known by hand.

Widths are small; kernels, strides, padding and activations are those published.
"""

import numpy as np
import onnxruntime
import pytest

from tfupsample.fuse.onnx.fuse import fuse_onnx
from tfupsample.inspection.onnx.inspect import inspect_onnx

torch = pytest.importorskip("torch")
nn = torch.nn
pytestmark = [
    pytest.mark.torch,
    # Of the exporter that needs no further package.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Constant folding"),
    pytest.mark.filterwarnings("ignore:ONNX export mode"),
    pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning"),
]


def dcgan():
    """PyTorch's DCGAN tutorial: 4×4 kernels of stride 2."""
    return nn.Sequential(
        nn.ConvTranspose2d(8, 16, 4, 1, 0, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(True),
        nn.ConvTranspose2d(16, 8, 4, 2, 1, bias=False),
        nn.BatchNorm2d(8),
        nn.ReLU(True),
        nn.ConvTranspose2d(8, 3, 4, 2, 1, bias=False),
        nn.Tanh(),
    )


class Pix2Pix(nn.Module):
    """One level of the U-Net of pix2pix, and its end."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 4, 2, 1)
        self.down = nn.Sequential(
            nn.LeakyReLU(0.2), nn.Conv2d(8, 16, 4, 2, 1), nn.BatchNorm2d(16)
        )
        self.up = nn.Sequential(
            nn.ReLU(), nn.ConvTranspose2d(16, 8, 4, 2, 1), nn.BatchNorm2d(8)
        )
        self.last = nn.Sequential(
            nn.ReLU(), nn.ConvTranspose2d(16, 3, 4, 2, 1), nn.Tanh()
        )

    def forward(self, x):
        x = self.first(x)
        return self.last(torch.cat([x, self.up(self.down(x))], 1))


def srresnet():
    """The end of SRResNet: a convolution before each PixelShuffle."""
    return nn.Sequential(
        nn.Conv2d(3, 8, 9, padding=4),
        nn.PReLU(),
        nn.Conv2d(8, 32, 3, padding=1),
        nn.PixelShuffle(2),
        nn.PReLU(),
        nn.Conv2d(8, 32, 3, padding=1),
        nn.PixelShuffle(2),
        nn.PReLU(),
        nn.Conv2d(8, 3, 9, padding=4),
    )


def fast_neural_style():
    """PyTorch's example: reflected padding, nearest upsampling."""
    return nn.Sequential(
        nn.ReflectionPad2d(4),
        nn.Conv2d(3, 4, 9),
        nn.InstanceNorm2d(4, affine=True),
        nn.ReLU(),
        nn.ReflectionPad2d(1),
        nn.Conv2d(4, 8, 3, 2),
        nn.InstanceNorm2d(8, affine=True),
        nn.ReLU(),
        nn.Upsample(scale_factor=2, mode="nearest"),
        nn.ReflectionPad2d(1),
        nn.Conv2d(8, 4, 3),
        nn.InstanceNorm2d(4, affine=True),
        nn.ReLU(),
        nn.ReflectionPad2d(4),
        nn.Conv2d(4, 3, 9),
    )


class UNet(nn.Module):
    """One level of a U-Net: 2×2 kernels of stride 2, or bilinear."""

    def __init__(self, up):
        super().__init__()
        self.first = nn.Sequential(
            nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU()
        )
        self.down = nn.Sequential(
            nn.MaxPool2d(2), nn.Conv2d(4, 8, 3, padding=1), nn.ReLU()
        )
        self.up = up
        self.last = nn.Conv2d(4 + (4 if _transposes(up) else 8), 2, 1)

    def forward(self, x):
        x = self.first(x)
        return self.last(torch.cat([x, self.up(self.down(x))], 1))


def _transposes(layer):
    return isinstance(layer, nn.ConvTranspose2d)


def hifi_gan():
    """Two stages of HiFi-GAN's generator: sound, kernels twice the stride."""
    norm = nn.utils.parametrizations.weight_norm
    return nn.Sequential(
        norm(nn.Conv1d(8, 16, 7, padding=3)),
        nn.LeakyReLU(0.1),
        norm(nn.ConvTranspose1d(16, 8, 16, 8, padding=4)),
        nn.LeakyReLU(0.1),
        norm(nn.ConvTranspose1d(8, 4, 4, 2, padding=1)),
        nn.LeakyReLU(0.1),
        norm(nn.Conv1d(4, 1, 7, padding=3)),
        nn.Tanh(),
    )


IMAGE = (1, 3, 32, 32)
GAIN = "unequal gain"
# The network, what goes in, what paints with which period, and what the
# gradient is noted for.
NETWORKS = {
    "dcgan": (dcgan, (1, 8, 1, 1), [(GAIN, 2), (GAIN, 4)]),
    "pix2pix": (Pix2Pix, IMAGE, [(GAIN, 2), (GAIN, 4)]),
    "srresnet": (srresnet, IMAGE, [("no ICNR", 2), ("no ICNR", 4)]),
    "fast neural style": (fast_neural_style, IMAGE, []),
    "unet": (
        lambda: UNet(nn.ConvTranspose2d(8, 4, 2, 2)),
        IMAGE,
        [(GAIN, 2)],
    ),
    "bilinear unet": (
        lambda: UNet(nn.Upsample(scale_factor=2, mode="bilinear")),
        IMAGE,
        [],
    ),
    "hifi-gan": (hifi_gan, (1, 8, 32), [(GAIN, 2), (GAIN, 16)]),
}


def export(network, shape, path, open_axes=None):
    torch.onnx.export(
        network.eval(),
        (torch.zeros(shape),),
        path,
        input_names=["x"],
        output_names=["y"],
        dynamic_axes={"x": open_axes, "y": open_axes} if open_axes else None,
        dynamo=False,
    )


@pytest.mark.parametrize("open_sizes", [False, True], ids=["fixed", "open"])
@pytest.mark.parametrize("name", NETWORKS)
def test_verdicts(name, open_sizes, tmp_path):
    torch.manual_seed(0)
    build, shape, expected = NETWORKS[name]
    open_axes = {0: "batch"}
    if shape is IMAGE:
        open_axes |= {2: "height", 3: "width"}
    path = tmp_path / "model.onnx"
    export(build(), shape, path, open_axes if open_sizes else None)
    inspection = inspect_onnx(path, 4)
    # What a layer paints, later layers may dampen or leave.
    kinds = ("uneven overlap", "unequal gain", "no ICNR")
    found = [(f.kind, f.period) for f in inspection.findings if f.kind in kinds]
    assert sorted(found) == expected
    assert inspection.has("paints") == bool(expected)
    assert "skipped" not in inspection.probe


@pytest.mark.parametrize("open_sizes", [False, True], ids=["fixed", "open"])
def test_decoders_are_fused(open_sizes, tmp_path):
    """What PyTorch's upsamplings and paddings become is seen through."""
    network = nn.Sequential(
        nn.Conv2d(4, 8, 3, padding=1),
        nn.Upsample(scale_factor=2),
        nn.Conv2d(8, 8, 3, padding=1),
        nn.ReLU(),
        nn.Upsample(scale_factor=2),
        nn.ReflectionPad2d(1),
        nn.Conv2d(8, 8, 3),
        nn.Upsample(scale_factor=2, mode="bilinear"),
        nn.ReplicationPad2d(2),
        nn.Conv2d(8, 3, 5),
        nn.Upsample(scale_factor=2, mode="bilinear"),
        nn.Conv2d(3, 3, 5, padding=2),
    )
    path, shape = tmp_path / "model.onnx", (1, 4, 9, 7)
    axes = {0: "batch", 2: "height", 3: "width"}
    export(network, shape, path, axes if open_sizes else None)
    result = fuse_onnx(path)
    assert [pair.interpolation for pair in result.pairs] == [
        *("nearest", "nearest", "bilinear")
    ]
    assert ["after bilinear" in reason for _, reason in result.left] == [True]
    x = torch.randn(shape)
    content = result.model.SerializeToString()
    session = onnxruntime.InferenceSession(content)
    (found,) = session.run(None, {"x": x.numpy()})
    with torch.no_grad():
        np.testing.assert_allclose(found, network(x).numpy(), atol=1e-5)
