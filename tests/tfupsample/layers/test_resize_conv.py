import itertools

import numpy as np
import pytest
import reference
import tensorflow as tf

from tfupsample import PAD_MODES, ResizeConv2D
from tfupsample.arguments import INTERPOLATIONS

# Scale, kernel size.
GEOMETRIES = itertools.cycle(
    itertools.product([1, 2, 3, (2, 4)], [1, 2, 3, 4, 5, (3, 6)])
)
# Every interpolation in every mode with some of these, and each of these with
# some. Exactness for each triple is the business of `test_phase_form.py`, any
# rank and size that of `test_properties.py`.
FORMS = [
    (interpolation, pad_mode, list(itertools.islice(GEOMETRIES, 5)))
    for interpolation, pad_mode in itertools.product(INTERPOLATIONS, PAD_MODES)
]


@pytest.fixture
def x(rng):
    return rng.normal(size=(2, 5, 4, 3)).astype("float32")


def gradients(layer, x, target):
    """Output and both gradients of a quadratic loss."""
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
        loss = tf.reduce_mean((y - target) ** 2)
    return y, *tape.gradient(loss, [x, layer.kernel.value])


@pytest.mark.parametrize("interpolation, pad_mode, geometries", FORMS)
def test_layer_follows_its_definition(x, interpolation, pad_mode, geometries):
    for scale, kernel_size in geometries:
        layer = ResizeConv2D(
            6, kernel_size, scale, interpolation, pad_mode, use_bias=False
        )
        y = layer(x)
        expected = reference.resize_conv(
            x, layer.kernel.numpy(), layer.scale, interpolation, layer.pad_mode
        )
        np.testing.assert_allclose(y, expected, atol=1e-5)


@pytest.mark.parametrize("interpolation, pad_mode, geometries", FORMS)
def test_phase_form_equals_the_plain_one(
    rng, x, interpolation, pad_mode, geometries
):
    for scale, kernel_size in geometries:
        check_phase_form(
            rng, x, (6, kernel_size, scale, interpolation, pad_mode)
        )


def check_phase_form(rng, x, arguments):
    """Outputs and both gradients, or a clear refusal where it is not exact."""
    *_, interpolation, pad_mode = arguments
    try:
        phase = ResizeConv2D(*arguments, implementation="phase")
    except ValueError as error:
        assert "is not exact" in str(error)
        assert interpolation == "bicubic" or pad_mode not in (
            "symmetric",
            "edge",
        )
        return
    plain = ResizeConv2D(*arguments, implementation="plain")
    plain.build(x.shape)
    phase.build(x.shape)
    phase.set_weights(plain.get_weights())
    target = rng.normal(size=phase.compute_output_shape(x.shape))
    target = target.astype("float32")
    for actual, expected in zip(
        gradients(phase, x, target), gradients(plain, x, target)
    ):
        np.testing.assert_allclose(actual, expected, atol=1e-5)


def test_auto_never_changes_the_result_where_phases_would(rng, x):
    """Mirroring far: extending the input in any mode gives other pixels."""
    auto = ResizeConv2D(3, 7, 2, pad_mode="reflect")
    with pytest.raises(ValueError, match="`implementation='phase'` is not"):
        ResizeConv2D(3, 7, 2, pad_mode="reflect", implementation="phase")
    assert not auto.uses_phases
    assert ResizeConv2D(3, 3, 2, pad_mode="reflect").uses_phases


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_flat_image_stays_flat(interpolation):
    """No checkerboard and no border, whatever the kernel."""
    for pad_mode, kernel_size in itertools.product(PAD_MODES[:-1], (3, 4, 5)):
        layer = ResizeConv2D(4, kernel_size, 2, interpolation, pad_mode)
        y = layer(np.ones((1, 8, 8, 3), "float32")).numpy()
        assert np.ptp(y, axis=(1, 2)).max() < 1e-5


def test_zero_padding_draws_a_border():
    layer = ResizeConv2D(4, 5, pad_mode="constant")
    y = layer(np.ones((1, 8, 8, 3), "float32")).numpy()
    assert np.ptp(y, axis=(1, 2)).max() > 1e-2


def test_nearest_is_a_transposed_convolution_with_a_summed_kernel(x):
    """Scale 2, 3×3: the 4×4 sum of four shifted flipped kernels."""
    layer = ResizeConv2D(6, 3, pad_mode="constant", use_bias=False)
    y = layer(x)
    flipped = layer.kernel.numpy()[::-1, ::-1]
    summed = np.zeros((4, 4, 3, 6), "float32")
    for i, j in np.ndindex(2, 2):
        summed[i : i + 3, j : j + 3] += flipped
    expected = tf.nn.conv2d_transpose(
        x, summed.transpose(0, 1, 3, 2), (2, 10, 8, 6), 2, "SAME"
    )
    np.testing.assert_allclose(y, expected, atol=1e-5)


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
def test_channels_first_is_channels_last_moved(x, interpolation):
    last = ResizeConv2D(6, 3, 3, interpolation, data_format="channels_last")
    first = ResizeConv2D(6, 3, 3, interpolation, data_format="channels_first")
    y = last(x).numpy()
    first.build((2, 3, 5, 4))
    first.set_weights(last.get_weights())
    moved = first(x.transpose(0, 3, 1, 2)).numpy()
    assert first.compute_output_shape((2, 3, 5, 4)) == moved.shape
    np.testing.assert_array_equal(moved.transpose(0, 2, 3, 1), y)


@pytest.mark.parametrize(
    "bad, message",
    [
        ({"filters": 0}, "`filters` must be an integer of at least 1"),
        ({"filters": 2.5}, "Received: 2.5"),
        ({"filters": True}, "Received: True"),
        ({"kernel_size": 0}, "`kernel_size` must be an integer of at least 1"),
        ({"kernel_size": (3, 3, 3)}, "`kernel_size` must be one value or 2"),
        ({"scale": 0}, "`scale` must be an integer of at least 1. Received: 0"),
        ({"scale": "two"}, "Received: 'two'"),
        ({"interpolation": "cubic"}, "`interpolation` must be one of"),
        ({"pad_mode": "wrap"}, "`pad_mode` must be one of .*Received: 'wrap'"),
        ({"pad_mode": None}, "`pad_mode` must be one of"),
        ({"pad_mode": ("edge",)}, "`pad_mode` must be one value or 2"),
        ({"implementation": "fast"}, "`implementation` must be one of"),
        ({"data_format": "NCHW"}, "`data_format` must be one of"),
    ],
)
def test_wrong_arguments_are_named(bad, message):
    with pytest.raises(ValueError, match=message):
        ResizeConv2D(**{"filters": 8} | bad)


def test_unknown_channels_are_refused():
    with pytest.raises(ValueError, match="channels of the input must be known"):
        ResizeConv2D(8).build((None, 4, 4, None))


def test_wrong_rank_is_refused():
    with pytest.raises(ValueError, match="expected ndim=4"):
        ResizeConv2D(8)(np.zeros((4, 4, 3), "float32"))
