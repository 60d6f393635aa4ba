"""What counts as worse after a repair."""

import numpy as np
import pytest

from tfupsample.repair.quality import Quality, measure, objections, psnr


def quality(prominence_db=5.0, coherent=0.05, spread=1.0, border=0.2):
    row = {
        "coherent": coherent,
        "prominence_db": prominence_db,
        "worst_db": prominence_db,
    }
    return Quality({2: row}, spread, border)


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


def test_what_is_no_picture_is_not_measured_and_not_clean(rng):
    found = measure(rng.normal(size=(16, 10)), None, [2])
    assert not found.measured and not found.clean
    assert found.spread == pytest.approx(1, abs=0.3)


def test_psnr_refers_to_the_range_given(rng):
    images = rng.uniform(size=(4, 8, 8, 1))
    assert psnr(images + 0.1, images, 1.0) == pytest.approx(20)
    assert psnr(images + 0.1, images, 10.0) == pytest.approx(40)
    assert psnr(images, images, 1.0) == np.inf
