"""What docs/migration.md says of PyTorch, against PyTorch."""

import doc_pages
import keras
import numpy as np
import pytest

import tfupsample

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

PAGE = doc_pages.ROOT / "docs/migration.md"


@pytest.fixture
def convert():
    """The functions that the page defines, by name."""
    text = PAGE.read_text("utf-8")
    code = next(b.code for b in doc_pages.blocks(text) if "def from" in b.code)
    names = {"np": np}
    exec(code, names)
    return names


@pytest.fixture
def x(rng):
    return rng.normal(size=(2, 5, 6, 4)).astype("float32")


def torch_output(x, *modules):
    """Of modules one after the other, channels last."""
    with torch.no_grad():
        y = torch.nn.Sequential(*modules)(torch.tensor(np.moveaxis(x, -1, 1)))
    return np.moveaxis(y.numpy(), 1, -1)


def arrays(module):
    """Weight and bias."""
    return module.weight.detach().numpy(), module.bias.detach().numpy()


def assert_layer_is(layer, x, weights, expected):
    layer.build(x.shape)
    layer.set_weights(weights)
    np.testing.assert_allclose(layer(x), expected, atol=1e-5)


def test_resize_conv_is_upsample_and_conv(convert, x):
    module = torch.nn.Conv2d(4, 6, 3, padding=1, padding_mode="replicate")
    expected = torch_output(x, torch.nn.Upsample(scale_factor=2), module)
    weight, bias = arrays(module)
    layer = tfupsample.ResizeConv2D(6, 3, pad_mode="edge")
    assert_layer_is(layer, x, [convert["from_conv"](weight), bias], expected)


def test_padded_conv_is_reflection_pad_and_conv(convert, x):
    module = torch.nn.Conv2d(4, 6, 5)
    expected = torch_output(x, torch.nn.ReflectionPad2d(2), module)
    weight, bias = arrays(module)
    layer = tfupsample.PaddedConv2D(6, 5, pad_mode="reflect")
    assert_layer_is(layer, x, [convert["from_conv"](weight), bias], expected)


@pytest.mark.parametrize("scale", [2, 3])
def test_subpixel_conv_is_conv_and_pixel_shuffle(convert, x, scale):
    module = torch.nn.Conv2d(4, scale * scale * 3, 3, padding=1)
    with torch.no_grad():  # the layer has one bias for all phases
        module.bias[:] = module.bias[:3].repeat_interleave(scale * scale)
    expected = torch_output(x, module, torch.nn.PixelShuffle(scale))
    layer = tfupsample.SubpixelConv2D(3, 3, scale, pad_mode="constant")
    weights = convert["from_pixel_shuffle"](*arrays(module), scale)
    assert_layer_is(layer, x, weights, expected)


def test_transposed_convolutions_are_those_of_keras(convert, x):
    module = torch.nn.ConvTranspose2d(4, 6, 4, stride=2, padding=1)
    layer = keras.layers.Conv2DTranspose(6, 4, 2, padding="same")
    weight, bias = arrays(module)
    weights = [convert["from_conv_transpose"](weight), bias]
    assert_layer_is(layer, x, weights, torch_output(x, module))


def test_kernels_of_three_are_a_pixel_off(convert, x):
    module = torch.nn.ConvTranspose2d(4, 6, 3, 2, padding=1, output_padding=1)
    layer = keras.layers.Conv2DTranspose(6, 3, 2, padding="same")
    weight, bias = arrays(module)
    layer.build(x.shape)
    layer.set_weights([convert["from_conv_transpose"](weight), bias])
    expected, y = torch_output(x, module), np.asarray(layer(x))
    assert y.shape == expected.shape
    np.testing.assert_allclose(y[:, 1:, 1:], expected[:, :-1, :-1], atol=1e-5)
