import keras
import numpy as np
import pytest
import reference
import tensorflow as tf

from tfupsample import Balanced, EqualPhaseGain, PhaseGainRegularizer
from tfupsample.ops.phase_gain import balanced, phase_gains

# Kernel of a transposed convolution, scale.
TRANSPOSED = [
    ((5, 3, 2), 2),
    ((4, 7, 2, 3), 3),
    ((5, 4, 3, 2), (2, 3)),
    ((3, 3, 1, 2), (1, 3)),
    ((3, 2, 4, 2, 2), 2),
]
# Kernel before a depth-to-space, scale.
SUBPIXEL = [
    ((3, 2, 6), 3),
    ((3, 2, 4, 8), 2),
    ((1, 3, 2, 12), (2, 3)),
    ((2, 1, 2, 2, 16), 2),
]
KERNELS = [(*k, True) for k in TRANSPOSED] + [(*k, False) for k in SUBPIXEL]


def per_axis(shape, scale):
    return (scale,) * (len(shape) - 2) if np.ndim(scale) == 0 else scale


def expected_gains(kernel, scale, transposed):
    scale = per_axis(kernel.shape, scale)
    if transposed:
        return reference.phase_gains(kernel, scale)
    return reference.subpixel_phase_gains(kernel, int(np.prod(scale)))


@pytest.mark.parametrize("shape, scale, transposed", KERNELS)
def test_gains_follow_their_definition(rng, shape, scale, transposed):
    kernel = rng.normal(size=shape)
    gains = phase_gains(kernel, scale, transposed)
    expected = expected_gains(kernel, scale, transposed)
    np.testing.assert_allclose(gains, expected, atol=1e-12)


def test_gains_are_what_a_flat_image_becomes(rng):
    """For whatever padding, up to the order of the phases."""
    layer = keras.layers.Conv2DTranspose(2, 5, 3, "same", use_bias=False)
    flat = np.ones((1, 6, 6, 1), "float32")
    tile = layer(flat).numpy()[0, 6:9, 6:9].reshape(9, 2)
    gains = phase_gains(layer.kernel, 3).numpy().reshape(9, 2)
    np.testing.assert_allclose(
        np.sort(tile, axis=0), np.sort(gains, axis=0), atol=1e-6
    )
    layer.kernel.assign(balanced(layer.kernel, 3))
    assert np.ptp(layer(flat)[0, 4:-4, 4:-4], axis=(0, 1)).max() < 1e-6


def difference_matrix(shape, scale, transposed):
    """Rows whose product with the kernel is 0 exactly for equal gains."""
    size = int(np.prod(shape))
    gains = np.array(
        [
            expected_gains(unit.reshape(shape), scale, transposed)
            for unit in np.eye(size)
        ]
    )
    return (gains[:, 1:] - gains[:, :1]).reshape(size, -1).T


@pytest.mark.parametrize("shape, scale, transposed", KERNELS)
def test_balanced_is_the_projection_on_equal_gains(
    rng, shape, scale, transposed
):
    kernel = rng.normal(size=shape)
    differences = difference_matrix(shape, scale, transposed)
    step = np.linalg.lstsq(differences, differences @ kernel.ravel())[0]
    assert np.abs(step).max() > 0.1
    expected = kernel - step.reshape(shape)
    actual = balanced(kernel, scale, transposed)
    np.testing.assert_allclose(actual, expected, atol=1e-9)
    again = balanced(actual, scale, transposed)
    np.testing.assert_allclose(again, actual, atol=1e-12)


@pytest.mark.parametrize("shape, scale, transposed", KERNELS)
def test_regularizer_sums_the_squares(rng, shape, scale, transposed):
    kernel = rng.normal(size=shape)
    regularizer = PhaseGainRegularizer(scale, 0.3, transposed)
    gains = expected_gains(kernel, scale, transposed)
    expected = 0.3 * np.sum((gains - gains.mean(axis=0)) ** 2)
    np.testing.assert_allclose(regularizer(kernel), expected)
    assert regularizer(balanced(kernel, scale, transposed)) < 1e-20


def test_regularizer_is_zero_for_equal_gains():
    kernel = np.ones((4, 4, 3, 2), "float32")
    assert PhaseGainRegularizer(2)(kernel) == 0
    kernel[0, 0] = 2
    assert PhaseGainRegularizer(2)(kernel) > 0


def test_descending_the_regularizer_balances_the_kernel(rng):
    kernel = tf.Variable(rng.normal(size=(5, 5, 3, 2)))
    regularizer = PhaseGainRegularizer(2, factor=1.0)
    before = regularizer(kernel)
    for _ in range(50):
        with tf.GradientTape() as tape:
            loss = regularizer(kernel)
        kernel.assign_sub(0.05 * tape.gradient(loss, kernel))
    assert regularizer(kernel) < 1e-6 * before


@pytest.mark.slow
@pytest.mark.parametrize("constraint", [None, EqualPhaseGain(2)])
def test_training_under_the_constraint_keeps_gains_equal(rng, constraint):
    layer = keras.layers.Conv2DTranspose(
        3,
        5,
        2,
        "same",
        kernel_initializer=Balanced("glorot_uniform", 2),
        kernel_constraint=constraint,
    )
    model = keras.Sequential([layer])
    x = rng.normal(size=(4, 4, 4, 2)).astype("float32")
    y = rng.normal(size=(4, 8, 8, 3)).astype("float32")
    model(x)
    start = layer.kernel.numpy()
    assert np.ptp(phase_gains(start, 2), axis=0).max() < 1e-6
    model.compile(keras.optimizers.Adam(0.01), "mse", jit_compile=True)
    model.fit(x, y, verbose=0)
    assert np.abs(layer.kernel - start).max() > 1e-3
    apart = np.ptp(phase_gains(layer.kernel, 2), axis=0).max()
    assert (apart < 1e-6) == (constraint is not None)


@pytest.mark.parametrize("shape, scale, transposed", KERNELS)
def test_initializer_starts_balanced(shape, scale, transposed):
    kernel = Balanced("random_normal", scale, transposed)(shape)
    gains = expected_gains(np.asarray(kernel), scale, transposed)
    assert np.ptp(gains, axis=0).max() < 1e-6
    assert np.std(kernel) > 1e-3


@pytest.mark.parametrize(
    "thing",
    [
        EqualPhaseGain((2, 3), transposed=False),
        PhaseGainRegularizer((2, 3), 0.5, transposed=False),
        Balanced("he_normal", (2, 3), transposed=False),
    ],
)
def test_config_holds_every_argument(thing):
    config = keras.saving.serialize_keras_object(thing)
    clone = keras.saving.deserialize_keras_object(config)
    assert type(clone) is type(thing)
    assert clone.get_config() == thing.get_config()


@pytest.mark.parametrize("make", [EqualPhaseGain, PhaseGainRegularizer])
def test_kernels_without_all_phases_are_refused(make):
    with pytest.raises(ValueError, match="at least `scale=.2, 3.` taps"):
        make((2, 3))(np.ones((2, 2, 1, 1)))
    with pytest.raises(ValueError, match="multiple of 4 output channels"):
        make(2, transposed=False)(np.ones((3, 3, 2, 6)))
    with pytest.raises(ValueError, match="`scale` must be one value or 2"):
        make((2, 2, 2))(np.ones((3, 3, 2, 4)))


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match="`scale` must be an integer"):
        EqualPhaseGain(0)
    with pytest.raises(ValueError, match="`scale` must be an integer"):
        Balanced(scale=(2, 1.5))
    with pytest.raises(ValueError, match="`factor` must be a finite"):
        PhaseGainRegularizer(2, -1)
