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
    names = {"np": np}
    for block in doc_pages.blocks(text):
        if "def from" in block.code:
            exec(block.code, names)
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


def reassembled(x, weights, scale, size, groups):
    """CARAFE of its paper in PyTorch: softmax over taps, then sums of them."""
    functional = torch.nn.functional
    compressor, compressor_bias, encoder, bias = map(torch.tensor, weights)
    x = torch.tensor(np.moveaxis(x, -1, 1))
    batch, channels, height, width = x.shape
    content = functional.conv2d(x, compressor, compressor_bias)
    mask = functional.conv2d(content, encoder, bias, padding=1)
    mask = functional.pixel_shuffle(mask, scale)
    big = batch, groups, 1, size**2, scale * height, scale * width
    mask = mask.view(big).softmax(3)
    patches = functional.unfold(x, size, padding=size // 2)
    patches = functional.interpolate(
        patches.view(batch, -1, height, width), scale_factor=scale
    )
    patches = patches.view(batch, groups, channels // groups, *big[3:])
    y = (patches * mask).sum(3).reshape(batch, channels, *big[4:])
    return np.moveaxis(y.numpy(), 1, -1)


@pytest.mark.parametrize(("scale", "groups"), [(2, 1), (3, 2)])
def test_carafe_takes_the_weights_of_mmcv(convert, rng, x, scale, groups):
    shapes = (3, 4, 1, 1), (3,), (groups * 25 * scale**2, 3, 3, 3)
    weights = [rng.normal(size=n).astype("float32") for n in shapes]
    weights.append(rng.normal(size=len(weights[2])).astype("float32"))
    expected = reassembled(x, weights, scale, 5, groups)
    layer = tfupsample.Carafe2D(
        scale, compressed_channels=3, groups=groups, pad_mode="constant"
    )
    converted = convert["from_carafe"](weights, scale, groups)
    assert_layer_is(layer, x, converted, expected)


def resampled(x, offset, scope, scale, groups):
    """DySample of its paper ("lp") in PyTorch, by `grid_sample`."""
    functional = torch.nn.functional
    x = torch.tensor(np.moveaxis(x, -1, 1))
    batch, channels, height, width = x.shape
    moved = functional.conv2d(x, *map(torch.tensor, offset))
    if scope is None:
        moved = 0.25 * moved
    else:
        reach = functional.conv2d(x, torch.tensor(scope))
        moved = 0.5 * moved * reach.sigmoid()
    moved = functional.pixel_shuffle(moved, scale)
    big = scale * height, scale * width
    moved = moved.view(batch, 2, groups, *big)
    rows, columns = torch.meshgrid(
        *((torch.arange(n) + 0.5) / scale for n in big), indexing="ij"
    )
    places = torch.stack([columns, rows])[None, :, None] + moved
    sides = torch.tensor([width, height]).view(1, 2, 1, 1, 1)
    grid = (2 * places / sides - 1).permute(0, 2, 3, 4, 1)
    y = functional.grid_sample(
        x.reshape(batch * groups, -1, height, width),
        grid.flatten(0, 1),
        padding_mode="border",
        align_corners=False,
    )
    return np.moveaxis(y.view(batch, channels, *big).numpy(), 1, -1)


@pytest.mark.parametrize("dynamic", [False, True])
@pytest.mark.parametrize("scale", [2, 3])
def test_dysample_takes_the_published_weights(convert, rng, x, scale, dynamic):
    count = 2 * 2 * scale**2  # two coordinates, two groups
    weight = rng.normal(size=(count, 4, 1, 1)).astype("float32")
    bias = rng.normal(size=count).astype("float32")
    scope = rng.normal(size=(count, 4, 1, 1)).astype("float32")
    used = scope if dynamic else None
    expected = resampled(x, (weight, bias), used, scale, 2)
    layer = tfupsample.DySample2D(
        scale, groups=2, dynamic_scope=dynamic, pad_mode="edge"
    )
    given = [weight, bias, scope] if dynamic else [weight, bias]
    converted = [convert["from_dysample"](w, scale, 2) for w in given]
    assert_layer_is(layer, x, converted, expected)
