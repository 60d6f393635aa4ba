import numpy as np
import pytest
import reference
import tensorflow as tf

from tfupsample import PAD_MODES, BlurDownsample2D, BlurUpsample2D

UPSAMPLINGS = [
    (1, 3),
    (2, 2),
    (2, 3),
    (2, (1, 3, 3, 1)),
    (2, (1, 2, 3, 2)),
    (3, (1, 1, 1)),
    (3, (1, 2, 3, 2, 1)),
    (3, (1, 2, 3, 3, 2, 1)),
    (4, (1, 2, 2, 2, 1)),
    ((1, 2), 5),
]
DOWNSAMPLINGS = [*UPSAMPLINGS, (3, 4), (2, 1), (4, 2), (2, (3, -1, 0, 5))]


@pytest.fixture
def x(rng):
    return rng.normal(size=(2, 5, 4, 3)).astype("float32")


def taps(kernel):
    binomials = {1: [1], 2: [1, 1], 3: [1, 2, 1], 4: [1, 3, 3, 1]}
    binomials[5] = [1, 4, 6, 4, 1]
    return binomials[kernel] if isinstance(kernel, int) else kernel


@pytest.mark.parametrize("pad_mode", PAD_MODES)
@pytest.mark.parametrize(
    "layer_class, oracle, filters",
    [
        (BlurUpsample2D, reference.blur_upsample, UPSAMPLINGS),
        (BlurDownsample2D, reference.blur_downsample, DOWNSAMPLINGS),
    ],
)
def test_layer_follows_its_definition(
    x, layer_class, oracle, filters, pad_mode
):
    for scale, kernel in filters:
        layer = layer_class(scale, kernel, pad_mode)
        expected = oracle(x, layer.scale, taps(kernel), layer.pad_mode)
        y = layer(x)
        assert layer.compute_output_shape(x.shape) == y.shape == expected.shape
        np.testing.assert_allclose(y, expected, atol=2e-6)


def correlated(x, taps, scale):
    """Every `scale`-th place where the taps fit, along both axes."""
    for axis in (1, 2):
        windows = np.lib.stride_tricks.sliding_window_view(x, len(taps), axis)
        x = windows.swapaxes(axis, 0)[::scale].swapaxes(axis, 0) @ taps
    return x


def padded(x, before, after, mode):
    return np.pad(x, [(0, 0), (before, after), (before, after), (0, 0)], mode)


def blur_pool(x, taps, scale):
    """`BlurPool` of antialiased-cnns, Zhang 2019."""
    reach = (len(taps) - 1) / 2
    x = padded(x, int(np.floor(reach)), int(np.ceil(reach)), "reflect")
    return correlated(x, taps, scale)


def downsample_2d(x, taps, scale):
    """That of StyleGAN2: `upfirdn_2d` with its padding, a convolution."""
    excess = len(taps) - scale
    x = padded(x, (excess + 1) // 2, excess // 2, "constant")
    return correlated(x, taps[::-1], scale)


def blur_pool_2d(x, taps, scale):
    """That of kornia: as much on both sides."""
    reach = (len(taps) - 1) // 2
    return correlated(padded(x, reach, reach, "constant"), taps, scale)


@pytest.mark.parametrize("scale", [1, 2, 3, 4])
@pytest.mark.parametrize("length", [4, 5, 6, 7])
def test_alignments_are_those_of_other_libraries(rng, length, scale):
    x = rng.normal(size=(2, 12, 24, 3)).astype("float32")
    taps = rng.uniform(1, 2, length)
    taps /= taps.sum()
    for align, kernel, pad_mode, other in (
        ("first", taps, "reflect", blur_pool),
        ("before", taps[::-1], "constant", downsample_2d),
        ("first", taps, "constant", blur_pool_2d),
    ):
        layer = BlurDownsample2D(scale, kernel, pad_mode, align=align)
        expected = other(x, taps, scale)
        y = layer(x)[:, : expected.shape[1], : expected.shape[2]]
        np.testing.assert_allclose(y, expected, atol=2e-6)


def test_three_taps_are_mirrored_by_default(x):
    x = np.concatenate([x, x], axis=2)[:, :4]
    for align, same in (("before", True), ("first", True), ("after", False)):
        layer = BlurDownsample2D(2, 3, "edge", align=align)
        mirrored = BlurDownsample2D(2, 3, "edge")(x[:, ::-1, ::-1])
        y = mirrored[:, ::-1, ::-1]
        assert np.allclose(layer(x), y, atol=1e-6) == same


@pytest.mark.parametrize("pad_mode", ["edge", "symmetric"])
def test_upsampling_by_the_default_is_bilinear(x, pad_mode):
    y = BlurUpsample2D(2, (1, 3, 3, 1), pad_mode)(x)
    expected = tf.image.resize(x, (10, 8), "bilinear")
    np.testing.assert_allclose(y, expected, atol=2e-6)


@pytest.mark.parametrize("layer_class", [BlurUpsample2D, BlurDownsample2D])
@pytest.mark.parametrize("pad_mode", PAD_MODES)
def test_flat_image_keeps_its_value(layer_class, pad_mode):
    for kernel in (3, (1, 3, 3, 1), 7):
        y = layer_class(2, kernel, pad_mode)(np.ones((1, 8, 7, 3), "float32"))
        flat = np.abs(y - 1).max() < 1e-6
        assert flat == (pad_mode != "constant")


def test_upsampling_is_the_transpose_of_downsampling(rng):
    """<down(x), y> * 4 = <x, up(y)>, with zeros beyond the border."""
    x = rng.normal(size=(1, 10, 8, 2)).astype("float32")
    y = rng.normal(size=(1, 5, 4, 2)).astype("float32")
    kernel = (1, 2, 3, 2)
    down = BlurDownsample2D(2, kernel, "constant")(x)
    up = BlurUpsample2D(2, kernel, "constant")(y)
    np.testing.assert_allclose(4 * np.vdot(down, y), np.vdot(x, up), rtol=1e-4)


@pytest.mark.parametrize(
    "kernel, period", [((1, 3, 3, 1), 2), ((1, 2, 3, 2, 1), 3)]
)
def test_downsampling_lets_no_pattern_of_its_period_through(kernel, period):
    pattern = np.cos(2 * np.pi * np.arange(12) / period).astype("float32")
    x = np.tile(pattern[:, None, None], (1, 1, 12, 1))
    y = BlurDownsample2D(period, kernel, "circular")(x)
    assert np.abs(y).max() < 1e-6
    assert np.abs(BlurDownsample2D(period, 1)(x)).max() > 0.4


def penalty(layer, x):
    """The gradient of a gradient penalty, which needs second derivatives."""
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            score = tf.reduce_sum(layer(x) ** 3)
        loss = tf.reduce_sum(inner.gradient(score, x) ** 2)
    return outer.gradient(loss, x)


@pytest.mark.parametrize(
    "pad_mode, jit_compile",
    [*[(mode, False) for mode in PAD_MODES], ("reflect", True)],
)
@pytest.mark.parametrize(
    "layer_class, oracle",
    [
        (BlurUpsample2D, reference.blur_upsample),
        (BlurDownsample2D, reference.blur_downsample),
    ],
)
def test_second_derivatives(rng, layer_class, oracle, pad_mode, jit_compile):
    """Against the layer written as one matrix `a`: score is `sum((a x)**3)`."""
    layer = layer_class(pad_mode=pad_mode)
    x = rng.normal(size=(1, 4, 3, 1)).astype("float32")
    unit = np.eye(x.size).reshape(-1, *x.shape[1:])
    a = oracle(unit, layer.scale, (1, 3, 3, 1), layer.pad_mode)
    a = a.reshape(x.size, -1).T
    y = a @ x.ravel()
    first = a.T @ (3 * y**2)
    expected = a.T @ (6 * y * (a @ (2 * first)))
    gradient = penalty
    if jit_compile:
        gradient = tf.function(penalty, jit_compile=True)
    actual = gradient(layer, tf.constant(x))
    np.testing.assert_allclose(
        np.ravel(actual), expected, rtol=1e-4, atol=1e-4 * np.ptp(expected)
    )


@pytest.mark.parametrize("layer_class", [BlurUpsample2D, BlurDownsample2D])
def test_channels_first_is_channels_last_moved(x, layer_class):
    layer = layer_class((2, 1), data_format="channels_first")
    y = layer(x.transpose(0, 3, 1, 2)).numpy()
    assert layer.compute_output_shape((2, 3, 5, 4)) == y.shape
    last = layer_class((2, 1))(x)
    np.testing.assert_array_equal(y.transpose(0, 2, 3, 1), last)


@pytest.mark.parametrize(
    "scale, kernel", [(2, 1), (2, (1, 2)), (3, 3), (4, 6), ((2, 3), 4)]
)
def test_a_filter_that_paints_a_checkerboard_is_refused(scale, kernel):
    BlurDownsample2D(scale, kernel)
    with pytest.raises(ValueError, match="phases of equal sums"):
        BlurUpsample2D(scale, kernel)


@pytest.mark.parametrize(
    "bad, message",
    [
        ({"kernel": 0}, "`kernel` must be an integer of at least 1"),
        ({"kernel": (1, -1)}, "`kernel` must be .* a positive sum"),
        ({"kernel": ()}, "`kernel` must be .* a positive sum"),
        ({"kernel": ("a", 1)}, "Received: .'a', 1."),
        ({"kernel": (1, np.inf)}, "finite numbers"),
        ({"scale": 0}, "`scale` must be an integer of at least 1"),
        ({"pad_mode": "wrap"}, "`pad_mode` must be one of"),
    ],
)
@pytest.mark.parametrize("layer_class", [BlurUpsample2D, BlurDownsample2D])
def test_wrong_arguments_are_named(layer_class, bad, message):
    with pytest.raises(ValueError, match=message):
        layer_class(**bad)


def test_unknown_alignment_is_named():
    with pytest.raises(ValueError, match="`align` must be one of"):
        BlurDownsample2D(align="middle")
