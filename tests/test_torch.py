"""Against PyTorch: `Upsample`, then `Conv2d` with a `padding_mode`."""

import numpy as np
import pytest
import tensorflow as tf

import tfupsample

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

# The words of PyTorch. It has none for "symmetric".
PADDING_MODES = {
    "constant": "zeros",
    "reflect": "reflect",
    "edge": "replicate",
    "circular": "circular",
}
RESIZED = [("nearest", rank) for rank in (1, 2, 3)] + [("bilinear", 2)]


def values(layer, x):
    """Output; then gradients of the squares by input, kernel and bias."""
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
        loss = tf.reduce_sum(y**2)
    weights = [layer.kernel.value, layer.bias.value]
    return [np.asarray(a) for a in (y, *tape.gradient(loss, [x, *weights]))]


def torch_values(layer, x, scale, interpolation, padding_mode):
    """The same of the layer's definition in PyTorch, channels first."""
    rank = layer.rank
    convolution = getattr(torch.nn, f"Conv{rank}d")(
        x.shape[-1],
        layer.filters,
        layer.kernel_size,
        padding=[k // 2 for k in layer.kernel_size],
        padding_mode=padding_mode,
        dtype=torch.float64,
    )
    kernel, bias = (torch.tensor(w) for w in layer.get_weights())
    convolution.weight.data = kernel.permute(-1, -2, *range(rank))
    convolution.bias.data = bias
    x = torch.tensor(np.moveaxis(x, -1, 1), requires_grad=True)
    aligned = {"align_corners": False} if interpolation == "bilinear" else {}
    y = convolution(
        torch.nn.Upsample(scale_factor=scale, mode=interpolation, **aligned)(x)
    )
    (y**2).sum().backward()
    by_kernel = convolution.weight.grad.permute(*range(2, rank + 2), 1, 0)
    return [
        np.moveaxis(y.detach().numpy(), 1, -1),
        np.moveaxis(x.grad.numpy(), 1, -1),
        by_kernel.numpy(),
        convolution.bias.grad.numpy(),
    ]


@pytest.mark.parametrize("pad_mode", PADDING_MODES)
@pytest.mark.parametrize("interpolation, rank", RESIZED)
@pytest.mark.parametrize("kernel_size", [3, 5])
@pytest.mark.parametrize("scale", [2, 3])
def test_resize_conv_is_that_of_pytorch(
    rng, scale, kernel_size, interpolation, rank, pad_mode
):
    layer = getattr(tfupsample, f"ResizeConv{rank}D")(
        4,
        kernel_size,
        scale,
        interpolation,
        pad_mode,
        bias_initializer="ones",
        dtype="float64",
    )
    x = rng.normal(size=(2, *(4, 5, 3)[:rank], 3))
    actual = values(layer, x)
    expected = torch_values(
        layer, x, scale, interpolation, PADDING_MODES[pad_mode]
    )
    for a, b in zip(actual, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-10)
