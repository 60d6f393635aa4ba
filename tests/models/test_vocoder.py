"""The vocoder and its loss."""

import itertools

import keras
import numpy as np
import pytest

from models.vocoder import UPSAMPLERS_1D, SpectrogramLoss, vocoder


@pytest.mark.parametrize("upsample", UPSAMPLERS_1D)
def test_every_frame_becomes_as_many_samples(rng, upsample):
    network = vocoder(5, 8, (4, 3), upsample)
    assert network.input_shape == (None, None, 5)
    for frames in (1, 7):
        waves = network(rng.normal(size=(2, frames, 5)).astype("float32"))
        assert waves.shape == (2, 12 * frames, 1)
        assert np.abs(waves).max() <= 1


def test_only_the_transposed_convolution_whistles_on_flat_frames(rng):
    """Untrained: flat frames become a flat wave whatever the weights."""
    frames = np.broadcast_to(rng.normal(size=(1, 1, 5)), (1, 64, 5))
    for upsample in UPSAMPLERS_1D:
        keras.utils.set_random_seed(0)
        network = vocoder(5, 16, (4, 2), upsample)
        wave = np.asarray(network(frames.astype("float32")))[0, 128:-128, 0]
        ripple = np.ptp(wave)
        assert (ripple > 1e-3) == (upsample == "deconv"), (upsample, ripple)


def test_nearest_and_transposed_have_as_many_weights():
    """A kernel of scale + 1 resized is one of 2 * scale."""
    nearest, deconv = (
        vocoder(5, 16, (8, 4), up) for up in ("nearest", "deconv")
    )
    for stage, scale in enumerate((8, 4), start=1):
        names = f"up_{stage}"
        assert nearest.get_layer(names).kernel.shape[0] == scale + 1
        assert deconv.get_layer(names).kernel.shape[0] == 2 * scale


def test_loss_is_zero_for_equal_waves_and_grows_with_the_difference(rng):
    real = rng.normal(size=(2, 2048, 1)).astype("float32")
    other = rng.normal(size=real.shape).astype("float32")
    loss = SpectrogramLoss()
    losses = [
        float(loss(real, real + amount * other)) for amount in (0, 0.1, 0.5, 1)
    ]
    assert losses[0] == pytest.approx(0, abs=1e-3)
    assert all(one < two for one, two in itertools.pairwise(losses))


def test_loss_sees_magnitudes_only(rng):
    """A wave upside down sounds the same; one backwards does not."""
    real = rng.normal(size=(2, 2048, 1)).astype("float32")
    loss = SpectrogramLoss()
    assert float(loss(real, -real)) == pytest.approx(0, abs=1e-3)
    assert float(loss(real, real[:, ::-1])) > 0.5


@pytest.mark.parametrize(
    "bad, message",
    [
        ({"upsample": "bicubic"}, "`upsample` must be one of"),
        ({"factors": (4, 0)}, "`factors` must be"),
        ({"bands": 0}, "`bands` must be"),
        ({"width": 2.5}, "`width` must be"),
    ],
)
def test_wrong_arguments_are_named(bad, message):
    with pytest.raises(ValueError, match=message):
        vocoder(**bad)


@pytest.mark.parametrize("factors", [4, (), (2, 0), (2, 1.5), "42"])
def test_factors_are_checked(factors):
    with pytest.raises(ValueError, match="`factors` must be"):
        vocoder(factors=factors)
