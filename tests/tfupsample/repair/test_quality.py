"""What counts as worse after a repair."""

import numpy as np
import pytest

from tfupsample.repair.inputs import flat_inputs
from tfupsample.repair.quality import Quality, measure, objections, psnr


def quality(prominence_db=5.0, coherent=0.05, spread=1.0, border=0.2, flat=0.1):
    row = {
        "coherent": coherent,
        "prominence_db": prominence_db,
        "worst_db": prominence_db,
    }
    return Quality({2: row}, spread, border, flat)


@pytest.mark.parametrize(
    "changes, psnr_db, words",
    [
        ({"prominence_db": 5.4}, 30, None),
        ({"prominence_db": 5.6}, 30, "period 2 grew from 5.0 to 5.6 dB"),
        ({"coherent": 0.055}, 30, None),
        ({"coherent": 0.07}, 30, "coherent score"),
        ({"spread": 0.91}, 30, None),
        ({"spread": 0.89}, 30, "diversity"),
        ({"spread": 1.11}, 30, "diversity"),
        ({"border": 0.22}, 30, None),
        ({"border": 0.24}, 30, "border deviates"),
        ({"flat": 0.12}, 30, None),
        ({"flat": 0.14}, 30, "flat images become deviates by 0.14"),
        ({"prominence_db": -3.0}, 27.9, "27.9 dB"),
        ({"prominence_db": -3.0}, float("nan"), "nan dB"),
    ],
)
def test_each_measure_that_gets_worse_is_named(changes, psnr_db, words):
    found = objections(quality(), quality(**changes), psnr_db, 28)
    assert len(found) == (words is not None)
    assert words is None or words in found[0]


def test_a_planted_pattern_is_measured_at_its_period(rng):
    images = rng.normal(size=(32, 48, 48, 1))
    clean = measure(images, images, [2, 4])
    assert clean.clean and clean.measured
    images[:, ::2] += 0.5
    images[:, :, ::2] += 0.5
    painted = measure(images, images, [2, 4])
    assert not painted.clean
    assert painted.excess > 5
    assert painted.periods[2]["coherent"] > 0.2


def test_small_pictures_are_judged_by_the_coherent_score(rng):
    images = rng.normal(size=(512, 12, 12, 1))
    images[:, ::4] += 1
    found = measure(images, images, [4])
    assert found.periods[4]["prominence_db"] is None
    assert not found.clean


@pytest.mark.parametrize("axis", [1, -1])
def test_a_border_that_pictures_hide_is_seen_on_flat_images(rng, axis):
    channels_last = rng.normal(size=(64, 16, 16, 3)).astype("float32")
    images = np.moveaxis(channels_last, -1, axis)
    labels = np.zeros((64, 2), "float32")
    flat, same = flat_inputs([images, labels], axis)
    flat = np.moveaxis(flat, axis, -1)
    np.testing.assert_array_equal(
        flat, np.broadcast_to(channels_last[:, 8:9, 8:9], flat.shape)
    )
    np.testing.assert_array_equal(same, labels)
    framed = flat.copy()
    framed[:, [0, -1]] += 0.5
    clean, seen = (
        measure(flat, flat, [2], x).flat_border for x in (flat, framed)
    )
    assert clean == pytest.approx(0, abs=1e-6)
    assert seen > 0.2


def test_latents_and_indices_have_no_flat_images():
    assert flat_inputs(np.zeros((4, 8), "float32"), -1) is None
    assert flat_inputs({"a": np.zeros((4, 8, 8, 1), "int32")}, -1) is None


def test_what_is_no_picture_is_not_measured_and_not_clean(rng):
    found = measure(rng.normal(size=(16, 10)), None, [2])
    assert not found.measured and not found.clean
    assert found.spread == pytest.approx(1, abs=0.3)


def test_psnr_refers_to_the_range_given(rng):
    images = rng.uniform(size=(4, 8, 8, 1))
    assert psnr(images + 0.1, images, 1.0) == pytest.approx(20)
    assert psnr(images + 0.1, images, 10.0) == pytest.approx(40)
    assert psnr(images, images, 1.0) == np.inf
