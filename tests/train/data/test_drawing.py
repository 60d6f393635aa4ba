"""What the drawn shapes look like."""

import numpy as np
import pytest

from train.data.drawing import OUTLINES, SHAPES, coverage, draw
from train.data.shapes import choose_factors

SIZE = 0.25


def factors(count=1, **changed):
    plain = dict(
        shape=0,
        hue=0.0,
        background=0.5,
        size=SIZE,
        angle=0.0,
        x=0.5,
        y=0.5,
        light=0.1,
    )
    return {
        name: np.broadcast_to(value, count)
        for name, value in (plain | changed).items()
    }


def opacity(name, pixels=512):
    place = (np.arange(pixels) + 0.5) / pixels - 0.5
    distance = OUTLINES[name](place[None, :], place[:, None], SIZE)
    return coverage(distance, pixels)


@pytest.mark.parametrize(
    ("name", "area"),
    [
        ("circle", np.pi * SIZE**2),
        ("ring", np.pi * SIZE**2 * (1 - 0.45**2)),
        ("square", 2 * SIZE**2),
        ("triangle", 3 * np.sqrt(3) / 4 * SIZE**2),
        # Ten triangles between centre, a tip and the notch beside it.
        (
            "star",
            5
            * SIZE**2
            * np.sin(np.pi / 5)
            * (np.cos(2 * np.pi / 5) / np.cos(np.pi / 5)),
        ),
        ("cross", 4 * 0.3 * (2 * 0.95 - 0.3) * SIZE**2),
    ],
)
def test_each_shape_covers_the_area_geometry_gives_it(name, area):
    assert opacity(name).mean() == pytest.approx(area, rel=0.003)


@pytest.mark.parametrize("name", SHAPES)
def test_each_shape_stays_within_its_radius(name):
    place = (np.arange(256) + 0.5) / 256 - 0.5
    far = np.hypot(place[None, :], place[:, None]) > SIZE + 0.01
    assert opacity(name, 256)[far].max() == 0


def test_shape_appears_where_its_labels_say():
    picture = draw(factors(x=0.3, y=0.6, size=0.15), 64)[0].astype(float)
    # The shape is red, the ground cyan.
    redness = np.clip(picture[..., 0] - picture[..., 2], 0, None)
    place = (np.arange(64) + 0.5) / 64
    x = (redness.sum(axis=0) * place).sum() / redness.sum()
    y = (redness.sum(axis=1) * place).sum() / redness.sum()
    # Light shifts the weights within the shape a little.
    assert (x, y) == pytest.approx((0.3, 0.6), abs=0.02)


def test_shifting_by_whole_pixels_shifts_the_outline_exactly():
    def red_over_blue(x):
        picture = draw(factors(x=x, shape=4), 64)[0].astype(int)
        return picture[..., 0] > picture[..., 2]

    still, moved = red_over_blue(0.5), red_over_blue(0.5 + 5 / 64)
    assert still.any()
    np.testing.assert_array_equal(np.roll(still, 5, axis=1), moved)


def test_picture_does_not_depend_on_its_batch():
    labels = choose_factors(3, "train", range(7))
    alone = {name: values[4:5] for name, values in labels.items()}
    np.testing.assert_array_equal(draw(labels, 48)[4], draw(alone, 48)[0])


def test_all_phases_modulo_eight_pixels_are_evenly_filled():
    labels = choose_factors(0, "train", range(8000))
    for pixels in (32, 64, 128):
        for name in ("x", "y"):
            phase = (labels[name] * pixels) % 8
            counts = np.histogram(phase, bins=16, range=(0, 8))[0]
            # Five standard deviations of a binomial count.
            assert np.abs(counts - 500).max() < 5 * np.sqrt(500)


def test_mean_gradient_is_alike_at_all_pixel_phases():
    pictures = draw(choose_factors(0, "train", range(1024)), 32)
    steps = np.abs(np.diff(pictures.astype(float), axis=2))[:, :, 8:24]
    by_phase = steps.mean(axis=(0, 1, 3)).reshape(-1, 4).mean(axis=0)
    assert np.ptp(by_phase) / by_phase.mean() < 0.1


def test_factors_vary_over_their_whole_ranges():
    labels = choose_factors(1, "test", range(2000))
    assert set(labels["shape"]) == set(range(len(SHAPES)))
    for name in ("hue", "angle", "background", "light"):
        assert labels[name].min() < 0.02
        assert labels[name].max() > 0.98
    margin = labels["size"].max()
    for name in ("x", "y"):
        assert labels[name].min() >= margin
        assert labels[name].max() <= 1 - margin


def test_shape_and_ground_never_share_a_hue():
    labels = choose_factors(1, "train", range(2000))
    apart = np.abs(labels["hue"] - labels["background"])
    assert np.minimum(apart, 1 - apart).min() > 0.19


@pytest.mark.parametrize("other", [(1, "train"), (0, "test")])
def test_seed_and_split_give_other_pictures(other):
    mine = choose_factors(0, "train", range(50))
    theirs = choose_factors(*other, range(50))
    assert not np.isin(mine["x"], theirs["x"]).any()
