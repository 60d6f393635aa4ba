import keras
import numpy as np
import pytest

from tfupsample import PaddedConv2D, ResizeConv2D
from tfupsample.measures.border import border_deviation, border_error


@pytest.fixture
def image(rng):
    return rng.normal(size=(80, 80, 1)).astype("float32")


@pytest.mark.parametrize("depth, kernel_size", [(1, 3), (1, 7), (3, 5)])
def test_error_is_as_wide_as_the_reach_of_the_padding(
    image, depth, kernel_size
):
    model = keras.Sequential(
        [
            PaddedConv2D(1, kernel_size, pad_mode="constant")
            for _ in range(depth)
        ]
    )
    psnr, width = border_error(model, image, 40)
    reach = depth * (kernel_size // 2)
    assert len(psnr) == 20
    assert 0 < width <= reach
    assert (psnr[reach:] > 120).all()
    assert (psnr[:reach] < 120).all()


def test_one_ring_has_the_error_of_what_it_misses(image):
    """A kernel that reads one pixel to the left of its own."""

    def left(x):
        return np.pad(x, [(0, 0), (0, 0), (1, 0), (0, 0)])[:, :, :-1]

    psnr, width = border_error(left, image, 40)
    window = image[20:60, 19:59, 0].astype("float64")
    outer = 4 * 40 - 4
    expected = -10 * np.log10(
        np.sum(window[:, 0] ** 2) / outer / np.ptp(window) ** 2
    )
    assert psnr[0] == pytest.approx(expected)
    assert np.isposinf(psnr[1:]).all()
    assert width == 1


def test_a_model_without_padding_error_has_no_border(image):
    psnr, width = border_error(PaddedConv2D(2, 1), image, 40)
    assert width == 0
    assert (psnr > 120).all()


def test_rings_count_pixels_of_the_output(image):
    model = ResizeConv2D(1, 3, scale=2, pad_mode="constant")
    psnr, width = border_error(model, image, 40)
    assert len(psnr) == 40
    assert width == 1


def test_strided_models_keep_their_phase(image):
    model = keras.Sequential(
        [
            PaddedConv2D(2, 4, strides=4, pad_mode="edge"),
            ResizeConv2D(1, 1, scale=4),
        ]
    )
    assert border_error(model, image, 40, multiple=4).width <= 4
    with pytest.raises(ValueError, match="by whole pixels"):
        border_error(PaddedConv2D(1, 3, strides=4), image, 38)


def test_unusable_images_are_named(image):
    with pytest.raises(ValueError, match="larger than size=80"):
        border_error(PaddedConv2D(1, 3), image, 80)
    with pytest.raises(ValueError, match="must have the shape"):
        border_deviation(image)
    with pytest.raises(ValueError, match="at least two"):
        border_deviation(image[None])


def test_noise_has_no_border(rng):
    mean, spread = border_deviation(rng.normal(size=(300, 32, 32, 3)))
    assert len(mean) == len(spread) == 8
    assert mean.max() < 0.03
    assert spread.max() < 0.03


@pytest.mark.parametrize("unit, offset", [(1, 0), (255, 100)])
def test_a_planted_border_is_measured_in_deviations(rng, unit, offset):
    images = rng.normal(size=(300, 32, 32, 3))
    images[:, 0] += 0.5  # a quarter of the ring, but for the corners
    images[:, 2:-2, [1, -2]] *= 3
    mean, spread = border_deviation(unit * images + offset)
    assert mean[0] == pytest.approx(0.5 * 32 / 124, abs=0.02)
    assert mean[1:].max() < 0.03
    assert spread[1] == pytest.approx(2 * 56 / 116, rel=0.05)
    assert max(spread[0], spread[2:].max()) < 0.03


def test_channels_do_not_cancel(rng):
    images = rng.normal(size=(300, 32, 32, 2))
    images[:, 0] += [0.5, -0.5]
    assert border_deviation(images).mean[0] > 0.1
