"""Resize- and sub-pixel convolutions of any rank, size, scale and border."""

import numpy as np
import reference
import tensorflow as tf
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import tfupsample
from tfupsample import PAD_MODES
from tfupsample.arguments import INTERPOLATIONS

settings.register_profile(
    "default", deadline=None, max_examples=60, derandomize=True
)
settings.load_profile("default")


@st.composite
def cases(draw, kind):
    """Class, arguments and input shape of a layer in float64, without bias."""
    rank = draw(st.integers(1, 3))
    biggest = {1: 7, 2: 5, 3: 3}[rank]
    each = {"min_size": rank, "max_size": rank}
    sizes = draw(st.lists(st.integers(1, biggest), **each))
    scale = draw(st.lists(st.integers(1, {1: 8, 2: 5, 3: 3}[rank]), **each))
    kernel_size = draw(st.lists(st.integers(1, biggest), **each))
    pad_mode = draw(st.lists(st.sampled_from(PAD_MODES), **each))
    arguments = {
        "filters": draw(st.integers(1, 3)),
        "kernel_size": kernel_size,
        "scale": scale,
        "pad_mode": pad_mode,
        "use_bias": False,
        "dtype": "float64",
        "data_format": draw(
            st.sampled_from(["channels_last", "channels_first"])
        ),
    }
    if kind == "ResizeConv":
        arguments["interpolation"] = draw(st.sampled_from(INTERPOLATIONS))
    else:
        arguments["kernel_initializer"] = "glorot_uniform"
    return f"{kind}{rank}D", arguments, (2, *sizes, 2), draw(st.integers(0, 99))


def made(case):
    """The layer, and a channels-last input."""
    name, arguments, shape, seed = case
    x = np.random.default_rng(seed).normal(size=shape)
    return getattr(tfupsample, name)(**arguments), x


def oracle(layer, x):
    kernel = layer.kernel.numpy()
    if isinstance(layer, tfupsample.layers.resize_conv.ResizeConv):
        return reference.resize_conv(
            x, kernel, layer.scale, layer.interpolation, layer.pad_mode
        )
    return reference.subpixel_conv(x, kernel, layer.scale, layer.pad_mode)


def apply(layer, x):
    """Channels-last in and out, whatever the layer's own format."""
    if layer.data_format == "channels_last":
        return layer(x)
    return tf.experimental.numpy.moveaxis(layer(np.moveaxis(x, -1, 1)), 1, -1)


@given(cases("ResizeConv"))
def test_resize_conv_follows_its_definition(case):
    layer, x = made(case)
    y = apply(layer, x)
    np.testing.assert_allclose(y, oracle(layer, x), atol=1e-11)


@given(cases("SubpixelConv"))
def test_subpixel_conv_follows_its_definition(case):
    layer, x = made(case)
    y = apply(layer, x)
    np.testing.assert_allclose(y, oracle(layer, x), atol=1e-11)


@given(cases("ResizeConv"), st.integers(0, 99))
def test_gradients_are_the_adjoints(case, seed):
    """<A x, y> = <x, A' y>, for input and for kernel, in float64."""
    layer, x = made(case)
    x = tf.constant(
        x if layer.data_format == "channels_last" else np.moveaxis(x, -1, 1)
    )
    with tf.GradientTape() as tape:
        tape.watch(x)
        forward = layer(x)
        target = np.random.default_rng(seed).normal(size=forward.shape)
        product = tf.reduce_sum(forward * target)
    by_input, by_kernel = tape.gradient(product, [x, layer.kernel.value])
    scale = np.abs(target).sum() * np.abs(x).max() * 1e-12
    assume(scale > 0)
    for gradient, variable in ((by_input, x), (by_kernel, layer.kernel.value)):
        pulled = tf.reduce_sum(gradient * variable)
        assert abs(pulled - product) <= max(scale, 1e-12)


@given(cases("ResizeConv"))
def test_flat_stays_flat(case):
    """For any weights, up to the edge, unless zeros are padded."""
    layer, x = made(case)
    assume("constant" not in layer.pad_mode)
    flat = np.ones_like(x) * x[:1, :1, ..., :1].ravel()[0]
    y = np.asarray(apply(layer, flat))
    axes = tuple(range(1, y.ndim - 1))
    assert np.ptp(y, axis=axes).max() < 1e-11 * max(1, np.abs(y).max())
