import keras
import numpy as np
import pytest

from tfupsample import PaddedConv2D, ResizeConv2D, make_upsampler
from tfupsample.measures.equivariance import equivariance, translated


@pytest.fixture
def images(rng):
    return rng.normal(size=(2, 16, 24, 3)).astype("float32")


def convolution(pad_mode):
    return PaddedConv2D(2, 3, pad_mode=pad_mode, activation="relu")


def waves(side, rows, columns, phase):
    y, x = np.indices((side, side)) / side
    return np.cos(2 * np.pi * (rows * y + columns * x) + phase)


@pytest.mark.parametrize("move", [(1, 0), (0.5, -1.25), (2.75, 7)])
def test_waves_move_as_their_formula_says(move):
    image = waves(16, 3, -5, 0.4) + waves(16, 0, 2, 1)
    moved = waves(
        16, 3, -5, 0.4 - 2 * np.pi * (3 * move[0] - 5 * move[1]) / 16
    ) + waves(16, 0, 2, 1 - 2 * np.pi * 2 * move[1] / 16)
    found = translated(image[None, ..., None], move)
    np.testing.assert_allclose(found[0, ..., 0], moved, atol=1e-12)


def test_a_circular_convolution_follows_its_input(images):
    assert equivariance(convolution("circular"), images, cyclic=True) > 120


def test_zeros_beyond_the_border_break_it_up_to_their_reach(images):
    model = convolution("constant")
    assert equivariance(model, images) < 60
    assert equivariance(model, images, margin=1) > 120


def test_it_is_the_psnr_of_the_pixels_that_both_show(rng):
    """A function that knows where its pixels are: nothing of it moves."""
    mask = rng.normal(size=(1, 12, 10, 1))
    images = rng.normal(size=(3, 12, 10, 2))
    moves = [(2, -3), (0, 4)]
    squares = []
    for down, right in moves:
        errors = []
        for y in range(1, 11):
            for x in range(1, 9):
                source = (y - down, x - right)
                margin = (1 + max(down, 0), 1 + max(right, 0))
                last = (10 + min(down, 0), 8 + min(right, 0))
                if margin[0] <= y <= last[0] and margin[1] <= x <= last[1]:
                    pixel = images[:, source[0], source[1]]
                    there = mask[0, y, x] * pixel
                    errors.append(there - mask[0][source] * pixel)
        squares.append(np.mean(np.square(errors)))
    expected = 10 * np.log10(9 / np.mean(squares))
    found = equivariance(
        lambda x: mask * x, images, translations=moves, margin=1, peak=3
    )
    assert found == pytest.approx(expected, rel=1e-5)


def test_a_transposed_convolution_follows_only_multiples_of_its_stride(images):
    model = keras.Sequential(
        [
            PaddedConv2D(4, 4, 4, "circular"),
            keras.layers.Conv2DTranspose(2, 4, 4),
        ]
    )
    moved = [
        equivariance(model, images, translations=[move], cyclic=True)
        for move in ((4, -8), (1, 0), (2, 3))
    ]
    assert moved[0] > 120
    assert max(moved[1:]) < 25


def test_phases_show_at_fractions_of_an_input_pixel():
    """Nearest is the worst of the resizings, and bicubic the best."""
    smooth = waves(16, 1, 2, 0)[None, ..., None]

    def moved(interpolation, move):
        keras.utils.set_random_seed(0)
        layer = ResizeConv2D(1, 3, 4, interpolation, "circular")
        return equivariance(layer, smooth, translations=[move], cyclic=True)

    assert moved("nearest", (4, 8)) > 120
    fractions = [moved(i, (1, 2)) for i in ("nearest", "bilinear", "bicubic")]
    assert fractions == sorted(fractions)
    assert fractions[0] + 10 < fractions[2]


def test_features_of_a_generator_are_moved(rng):
    keras.utils.set_random_seed(0)
    latents = x = keras.Input((5,))
    x = keras.layers.Dense(8 * 8 * 2)(x)
    x = keras.layers.Reshape((8, 8, 2), name="start")(x)
    style = keras.layers.Dense(2)(latents)
    x = x * keras.layers.Reshape((1, 1, 2))(style)
    layer = make_upsampler("nearest", 3, pad_mode="circular")
    model = keras.Model(latents, layer(x))
    inputs = rng.normal(size=(2, 5))
    found = [
        equivariance(model, inputs, "start", [move], cyclic=True)
        for move in ((2, 4), (1, 0))
    ]
    assert found[0] > 120 > 40 > found[1]


def test_outputs_may_be_smaller(images):
    model = PaddedConv2D(2, 3, 2, "circular")
    assert equivariance(model, images, cyclic=True) > 120


@pytest.mark.parametrize(
    "bad, message",
    [
        ({"model": 3}, "`model` must be a function"),
        ({"layer": "start"}, "`layer` must be the name of a layer of `model`"),
        ({"translations": [(1.5, 0)]}, "`translations` must be pairs of integ"),
        ({"translations": []}, "`translations` must be pairs of integers"),
        ({"translations": [(16, 0)]}, "must leave something of the output's"),
        ({"margin": 8}, "must leave something of the output's"),
        ({"peak": 0}, "`peak` must be a finite number"),
        ({"model": np.mean}, "`output of model` must have the shape"),
    ],
)
def test_wrong_arguments_are_named(images, bad, message):
    given = {"model": np.asarray, "inputs": images} | bad
    with pytest.raises((TypeError, ValueError), match=message):
        equivariance(**given)
