"""The network of super-resolution, its loss and its scores."""

import keras
import numpy as np
import pytest
from photographs import photographs
from skimage.color import rgb2ycbcr
from skimage.metrics import peak_signal_noise_ratio

from models import super_resolution as models
from tfupsample import UPSAMPLERS
from tfupsample.repair.moved import moved
from train.data.degrade import imresize
from train.evaluation import enlarge, super_resolution
from train.networks.weights import in_float32


def network(**kwargs):
    return models.super_resolution(**{"width": 4, "blocks": 1} | kwargs)


def without_detail(scale):
    """Bicubic enlarging as a network."""
    images = keras.Input((None, None, 3))
    return keras.Model(images, models.bicubic_upsample(scale)(images))


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_without_detail_it_is_imresize(rng, scale):
    model = network(scale=scale)
    model.layers[-2].kernel.assign(0 * model.layers[-2].kernel)
    image = rng.uniform(-1, 1, size=(11, 14, 3)).astype("float32")
    expected = imresize(image, 11 * scale, 14 * scale)
    np.testing.assert_allclose(model(image[None])[0], expected, atol=1e-5)


@pytest.mark.parametrize("upsample", UPSAMPLERS)
def test_any_upsampler_adds_to_the_luma_alone(rng, upsample):
    model = network(scale=3, upsample=upsample)
    image = rng.uniform(-1, 1, size=(1, 9, 8, 3)).astype("float32")
    made = np.asarray(model(image))
    assert made.shape == (1, 27, 24, 3)
    detail = made - np.asarray(without_detail(3)(image))
    assert np.abs(detail).max() > 1e-3
    np.testing.assert_allclose(np.ptp(detail, axis=-1), 0, atol=1e-6)


def test_luma_is_that_of_ycbcr(rng):
    picture = rng.integers(0, 256, size=(8, 9, 3), dtype="uint8")
    expected = rgb2ycbcr(picture)[..., :1]
    np.testing.assert_allclose(
        16 + 219 / 255 * models.luma(picture.astype("float32")),
        expected,
        atol=0.01,  # the coefficients of ITU-R have three digits
    )
    made = super_resolution.luma_8_bit(picture)
    assert np.abs(made - expected).max() <= 0.51


def test_icnr_starts_flat_and_plain_sub_pixels_do_not():
    flat = super_resolution.flat_pattern
    assert flat(network()) < 1e-3
    assert flat(network(icnr=False)) > 1
    assert flat(network(upsample="deconv")) > 1
    assert flat(network(upsample="nearest", pad_mode="constant")) < 1e-3


def test_sixteen_bits_are_for_the_body_only(rng):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = network()
    finally:
        keras.config.set_dtype_policy("float32")
    image = rng.uniform(-1, 1, size=(1, 8, 8, 3)).astype("float32")
    exact = in_float32(model)
    assert {layer.compute_dtype for layer in exact.layers} == {"float32"}
    assert 0 < np.abs(exact(image) - model(image)).max() < 0.02
    for one, two in zip(model.weights, exact.weights, strict=True):
        np.testing.assert_array_equal(one, two)


def test_repair_says_how_far_kernels_moved_beside_the_fixed_filter():
    model = network()
    copy = in_float32(model)
    assert moved(model, copy) == {}
    copy.layers[1].kernel.assign(1.5 * copy.layers[1].kernel)
    assert list(moved(model, copy).values()) == [pytest.approx(0.5)]


def test_the_loss_is_of_the_luma(rng):
    low = np.zeros((2, 4, 4, 3), "float32")
    model = models.SuperResolution(network())
    true = rng.normal(size=(2, 8, 8, 3)).astype("float32")
    other = true + np.float32([0.587, -0.299, 0])  # of the same luma
    loss = model.compute_loss(low, true, other, training=False)
    np.testing.assert_allclose(loss, 1e-3, rtol=1e-3)
    loss = model.compute_loss(low, true, true + 0.5, training=False)
    np.testing.assert_allclose(loss, 0.5, rtol=1e-3)
    psnr = peak_signal_noise_ratio(true, true + 0.5, data_range=2)
    model.psnr.reset_state()
    model.compute_loss(low, true, true + 0.5, training=False)
    np.testing.assert_allclose(model.psnr.result(), psnr, rtol=1e-4)


@pytest.mark.slow
def test_training_lowers_the_loss(rng):
    model = models.SuperResolution(network())
    model.compile(keras.optimizers.Adam(1e-2), jit_compile=False)
    high = photographs()[0][:64, 40:104][None] / np.float32(127.5) - 1
    low = imresize(high[0], 32, 32)[None].astype("float32")
    first = model.train_on_batch(low, high)
    for _ in range(30):
        last = model.train_on_batch(low, high)
    assert last[0] < 0.7 * first[0]


def test_large_pictures_are_enlarged_in_tiles_alike(rng, monkeypatch):
    monkeypatch.setattr(enlarge, "TILE", 16)
    model = network(scale=3)
    image = rng.uniform(-1, 1, size=(50, 41, 3)).astype("float32")
    tiles = []
    made = enlarge.enlarge(model, image, lambda *count: tiles.append(count))
    np.testing.assert_allclose(made, model(image[None])[0], atol=1e-5)
    assert len(tiles) > 9


def test_bicubic_as_a_network_scores_as_bicubic():
    picture = photographs()[2][50:145, 100:201]
    tests = {"cat": super_resolution.luma_8_bit(picture)}
    rows = super_resolution.score(without_detail(2), tests)
    assert rows.keys() == {"cat", "mean"}
    assert rows["cat"]["network"] == pytest.approx(
        rows["cat"]["bicubic"], abs=1e-2
    )
    luma = tests["cat"][:94, :100]
    made = imresize(imresize(luma, 47, 50), 94, 100).round().clip(0, 255)
    inside = np.s_[2:-2, 2:-2]
    expected = peak_signal_noise_ratio(
        luma[inside], made[inside], data_range=255
    )
    assert rows["mean"]["bicubic"]["psnr_db"] == pytest.approx(expected)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"scale": 1}, "`scale` must be an integer of at least 2"),
        ({"upsample": "zoom"}, "`upsample` must be one of"),
        ({"upsample": "nearest", "icnr": False}, "`icnr` must be True"),
        ({"width": 0}, "`width` must be"),
    ],
)
def test_what_cannot_be_is_refused_by_name(change, message):
    with pytest.raises(ValueError, match=message):
        network(**change)


@pytest.mark.parametrize("shape", [(8, 8, 3), (None, None, 1), (5,)])
def test_other_models_are_no_super_resolution(shape):
    images = keras.Input(shape)
    model = keras.Model(images, keras.layers.ReLU()(images))
    with pytest.raises(ValueError, match="must enlarge colour images"):
        enlarge.scale_of(model)
