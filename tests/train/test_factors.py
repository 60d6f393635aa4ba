"""What is read from pictures of shapes, against how they were drawn."""

import numpy as np
import pytest

from train import factors
from train.data.shapes import choose_factors


@pytest.fixture
def labels():
    return choose_factors(0, "train", range(2000))


def some(labels, rows):
    return {name: labels[name][rows] for name in factors.FACTORS}


def test_readings_undo_targets(labels):
    found = factors.readings(factors.targets(labels))
    assert found.keys() == set(factors.FACTORS)
    for name in factors.FACTORS:
        np.testing.assert_allclose(found[name], labels[name], atol=1e-6)


def test_targets_have_no_seam(labels):
    """Hues of just under one turn and of zero are neighbours."""
    ends = [
        some(labels, slice(0, 1)) | {"hue": np.array([hue])}
        for hue in (0.0, 0.9999)
    ]
    one, two = (factors.targets(end) for end in ends)
    np.testing.assert_allclose(one, two, atol=1e-3)
    assert factors.differences(*ends)["hue"] < 1e-3


def test_independent_pictures_differ_by_one(labels):
    halves = some(labels, slice(0, None, 2)), some(labels, slice(1, None, 2))
    for value in factors.differences(*halves).values():
        assert value == pytest.approx(1, abs=0.1)
    same = factors.differences(halves[0], halves[0])
    assert set(same.values()) == {0.0}


@pytest.mark.parametrize("factor", factors.FACTORS)
def test_verdicts_part_the_pictures(labels, factor):
    share = factors.verdicts(labels, factor).mean()
    assert share == pytest.approx(2 / 3 if factor == "shape" else 0.5, abs=0.05)


def test_verdicts_say_what_they_are_about():
    assert factors.verdicts(
        {"hue": np.array([0.02, 0.95, 0.5])}, "hue"
    ).tolist() == [True, True, False]
    assert factors.verdicts(
        {"size": np.array([0.16, 0.24])}, "size"
    ).tolist() == [False, True]
    with pytest.raises(ValueError, match="`factor` must be one of.*angle"):
        factors.verdicts({}, "angle")


def test_loss_is_least_for_the_targets(labels):
    expected = factors.targets(some(labels, slice(0, 8)))
    sure = expected.copy()
    sure[:, :6] *= 50
    assert np.max(factors.loss(expected, sure)) < 1e-6
    assert np.min(factors.loss(expected, -sure)) > 1


def test_network_says_as_much_as_the_targets(labels):
    network = factors.network(32, 2)
    outputs = network.predict(np.zeros((3, 32, 32, 3)), verbose=0)
    assert outputs.shape == (3, factors.targets(labels).shape[1])


@pytest.mark.parametrize("factor", factors.FACTORS)
def test_margins_are_positive_where_the_verdict_is_yes(rng, factor):
    outputs = rng.normal(size=(500, factors.OUTPUTS)).astype("float32")
    yes = factors.verdicts(factors.readings(outputs), factor)
    margins = np.asarray(factors.margins(outputs, factor))
    np.testing.assert_array_equal(margins > 0, yes)
