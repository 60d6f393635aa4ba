import keras
import numpy as np
import pytest
import reference

from tfupsample import PAD_MODES, AliasFreeConv2D, FilteredActivation
from tfupsample.measures.equivariance import equivariance, translated

SHAPES = [
    {},
    {"scale": 3, "cutoff": 0.3, "half_width": 0.4},
    {"scale": (1, 4), "attenuation": 60},
]


@pytest.fixture
def x(rng):
    return rng.normal(size=(2, 6, 5, 3)).astype("float32")


def upsampled(x, layer):
    """Zeros inserted and filtered, by one matrix for each axis."""
    axes = zip(layer.scale, layer.taps, layer.pad_mode)
    for axis, (s, taps, mode) in enumerate(axes, 1):
        matrix = reference.scatter_matrix(x.shape[axis], s, taps * s, mode)
        x = reference.along(matrix, x, axis)
    return x


def downsampled(x, layer):
    axes = zip(layer.scale, layer.taps, layer.pad_mode)
    for axis, (s, taps, mode) in enumerate(axes, 1):
        lead = (len(taps) - s) // 2
        weights = dict(enumerate(taps))
        matrix = reference.sampled_matrix(x.shape[axis], s, weights, mode, lead)
        x = reference.along(matrix, x, axis)
    return x


@pytest.mark.parametrize("pad_mode", [*PAD_MODES, ("constant", "reflect")])
@pytest.mark.parametrize("arguments", SHAPES)
def test_convolution_follows_its_definition(x, arguments, pad_mode):
    layer = AliasFreeConv2D(
        4, (3, 2), pad_mode=pad_mode, use_bias=False, **arguments
    )
    y = layer(x)
    padded = reference.pad_same(upsampled(x, layer), (3, 2), layer.pad_mode)
    expected = reference.convolve(padded, layer.kernel.numpy())
    assert layer.compute_output_shape(x.shape) == y.shape == expected.shape
    np.testing.assert_allclose(y, expected, atol=2e-6)


@pytest.mark.parametrize("pad_mode", [*PAD_MODES, ("constant", "reflect")])
@pytest.mark.parametrize("arguments", SHAPES)
def test_activation_follows_its_definition(x, arguments, pad_mode):
    layer = FilteredActivation("relu", pad_mode=pad_mode, **arguments)
    expected = downsampled(np.maximum(upsampled(x, layer), 0), layer)
    y = layer(x)
    assert layer.compute_output_shape(x.shape) == y.shape == x.shape
    np.testing.assert_allclose(y, expected, atol=2e-6)


@pytest.mark.parametrize("pad_mode", PAD_MODES)
@pytest.mark.parametrize("arguments", SHAPES)
def test_flat_stays_flat(arguments, pad_mode):
    """For any weights; only zeros beyond the border draw one."""
    x = np.full((1, 9, 8, 3), 0.7, "float32")
    for layer in (
        AliasFreeConv2D(4, pad_mode=pad_mode, **arguments),
        FilteredActivation("tanh", pad_mode=pad_mode, **arguments),
    ):
        flat = np.ptp(layer(x), axis=(1, 2)).max() < 1e-6
        assert flat == (pad_mode != "constant")
    assert np.allclose(layer(x), np.tanh(0.7)) == (pad_mode != "constant")


def smooth(rng, side=16, highest=5):
    """Noise without frequencies above `highest / side`."""
    spectrum = np.fft.fft2(rng.normal(size=(2, side, side, 3)), axes=(1, 2))
    rows, columns = np.meshgrid(*[np.abs(np.fft.fftfreq(side, 1 / side))] * 2)
    low = (rows <= highest) & (columns <= highest)
    return np.fft.ifft2(spectrum * low[..., None], axes=(1, 2)).real


def test_it_enlarges_as_fourier_does(rng):
    """What the filter passes, to its attenuation of 60 dB."""
    x = smooth(rng)
    layer = AliasFreeConv2D(3, 1, 2, 0.5, 0.15, 60, "circular")
    layer.build(x.shape)
    layer.kernel.assign(np.eye(3)[None, None])
    y = np.asarray(layer(x))
    for row, column in np.ndindex(2, 2):
        # The centres of the phases lie a quarter pixel beside those of `x`.
        expected = translated(x, (0.25 - row / 2, 0.25 - column / 2))
        np.testing.assert_allclose(y[:, row::2, column::2], expected, atol=6e-3)


def moved(layer, x):
    return equivariance(layer, x, cyclic=True)


def test_it_follows_fractions_of_a_pixel(rng):
    x = smooth(rng, highest=4)
    keras.utils.set_random_seed(0)
    steep = AliasFreeConv2D(3, 3, 2, 0.5, 0.25, 80, "circular")
    assert moved(steep, x) > 60


def test_a_filtered_activation_makes_fewer_aliases(rng):
    """By half a pixel of an image that a plain one turns into edges."""
    x = smooth(rng)
    plain = keras.layers.ReLU()
    filtered = FilteredActivation(
        "relu", 4, cutoff=0.35, half_width=0.15, pad_mode="circular"
    )
    errors = []
    for layer in (plain, filtered):
        y = np.asarray(layer(x))
        shifted = np.asarray(layer(translated(x, (0.5, 0.5))))
        errors.append(np.std(shifted - translated(y, (0.5, 0.5))))
    assert errors[1] < errors[0] / 5


def test_scale_1_is_the_activation_alone(x):
    layer = FilteredActivation("relu", 1)
    np.testing.assert_array_equal(layer(x), np.maximum(x, 0))


@pytest.mark.parametrize(
    "bad, message",
    [
        ({"scale": 1.5}, "`scale` must be an integer"),
        ({"cutoff": 0.6}, "`cutoff` must be a finite number of at least 0.1 a"),
        ({"half_width": 0}, "`half_width` must be a finite number of at least"),
        ({"attenuation": 200}, "`attenuation` must be a finite number of at l"),
        ({"pad_mode": "same"}, "`pad_mode` must be one of"),
        ({"activation": "bend"}, "`activation` must be one of"),
    ],
)
@pytest.mark.parametrize("layer_class", [AliasFreeConv2D, FilteredActivation])
def test_wrong_arguments_are_named(layer_class, bad, message):
    given = {"filters": 2} if layer_class is AliasFreeConv2D else {}
    with pytest.raises(ValueError, match=message):
        layer_class(**given | bad)
