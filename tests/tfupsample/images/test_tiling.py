"""Tiles of a picture against the whole picture."""

import keras
import numpy as np
import pytest

from tfupsample import PaddedConv2D, make_upsampler
from tfupsample.images.tiling import apply_tiled


def network(upsample="nearest", scale=2, pad_mode="symmetric"):
    """Two 3×3 convolutions and an upsampling: a reach of 4 at most."""
    images = keras.Input((None, None, 3))
    x = PaddedConv2D(8, 3, pad_mode=pad_mode, activation="tanh")(images)
    x = PaddedConv2D(8, 3, pad_mode=pad_mode, activation="tanh")(x)
    x = make_upsampler(upsample, 2, 3, scale, pad_mode)(x)
    return keras.Model(images, x)


@pytest.mark.parametrize("pad_mode", ["symmetric", "reflect", "constant"])
@pytest.mark.parametrize("upsample, scale", [("subpixel", 3), ("bicubic", 2)])
def test_tiled_equals_whole(rng, upsample, scale, pad_mode):
    model = network(upsample, scale, pad_mode)
    image = rng.normal(size=(53, 38, 3)).astype("float32")
    tiled = apply_tiled(model, image, 24, context=5, blend=3, scale=scale)
    np.testing.assert_allclose(tiled, model(image[None])[0], atol=1e-5)


def test_too_little_context_is_seen(rng):
    model = network()
    image = rng.normal(size=(53, 38, 3)).astype("float32")
    tiled = apply_tiled(model, image, 24, context=1, blend=1, scale=2)
    assert np.abs(tiled - model(image[None])[0]).max() > 1e-2


@pytest.mark.parametrize("height, width", [(40, 32), (43, 34)])
def test_strided_networks_see_the_same_cells(rng, height, width):
    images = keras.Input((None, None, 3))
    x = PaddedConv2D(4, 3, strides=2, activation="tanh")(images)
    x = PaddedConv2D(4, 3, strides=2, activation="tanh")(x)
    x = make_upsampler("nearest", 3, 3, 4)(x)
    model = keras.Model(images, x)
    image = rng.normal(size=(height, width, 3)).astype("float32")

    def cropped(part):
        return model(part)[:, : part.shape[1], : part.shape[2]]

    whole = cropped(image[None])[0]
    tiled = apply_tiled(cropped, image, 26, context=8, blend=2, multiple=4)
    np.testing.assert_allclose(tiled, whole, atol=1e-5)
    askew = apply_tiled(cropped, image, 25, context=8, blend=2)
    assert np.abs(askew - whole).max() > 1e-2


@pytest.mark.parametrize("multiple", [1, 4])
@pytest.mark.parametrize("scale", [1, 3])
@pytest.mark.parametrize("size", [1, 16, 17, 18, 31, 64])
def test_any_size_is_covered_once(size, scale, multiple):
    """The identity stays the identity, whatever is shared."""
    image = np.arange(size * 20.0).reshape(size, 20, 1)
    seen = set()

    def enlarged(part):
        assert max(part.shape) <= 16
        seen.add(part.shape)
        return part.repeat(scale, 1).repeat(scale, 2)

    tiled = apply_tiled(
        enlarged, image, 16, context=2, blend=3, scale=scale, multiple=multiple
    )
    expected = image.repeat(scale, 0).repeat(scale, 1)
    np.testing.assert_allclose(tiled, expected, rtol=1e-6)
    assert len(seen) <= 4


def test_tiles_fade_into_each_other():
    """Two tiles that disagree: the step between them becomes a ramp."""
    values = iter([0.0, 1.0])

    def constant(part):
        return np.full_like(part, next(values))

    row = apply_tiled(constant, np.zeros((1, 24, 1)), 16, context=2, blend=4)
    expected = np.r_[[0] * 10, 0.125, 0.375, 0.625, 0.875, [1] * 10]
    np.testing.assert_allclose(row[0, :, 0], expected, atol=1e-6)


def test_progress_counts_the_tiles():
    calls = []
    apply_tiled(
        lambda part: part,
        np.zeros((40, 20, 3)),
        16,
        context=2,
        blend=4,
        progress=lambda *counts: calls.append(counts),
    )
    assert calls == [(i + 1, 8) for i in range(8)]


@pytest.mark.parametrize(
    "change, message",
    [
        ({"image": np.zeros((8, 8))}, "`image` must have"),
        ({"tile": 12}, "`tile` must be larger"),
        ({"context": -1}, "`context` must be an integer"),
        ({"blend": 0}, "`blend` must be"),
        ({"scale": 0.5}, "`scale` must be"),
        ({"scale": 2}, "`function` must turn"),
        ({"multiple": 0}, "`multiple` must be"),
    ],
)
def test_what_cannot_be_is_refused_by_name(change, message):
    arguments = {
        "function": lambda part: part,
        "image": np.zeros((8, 8, 1)),
        "tile": 16,
        "context": 4,
        "blend": 4,
    }
    with pytest.raises(ValueError, match=message):
        apply_tiled(**(arguments | change))
