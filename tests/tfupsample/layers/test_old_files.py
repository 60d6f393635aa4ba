"""Layers as the first version wrote them into `.keras` files.

There, constraints and initializers said `strides`, modules had other names, and
`icnr`, `groups`, `activity_regularizer` and `reduction` did not exist.
"""

import json
from pathlib import Path

import keras
import numpy as np
import pytest

from tfupsample import (
    ICNR,
    Balanced,
    BorderLoss,
    EqualPhaseGain,
    PhaseGainRegularizer,
)


@pytest.fixture(scope="module")
def stored():
    file = Path(__file__).with_name("old_config.json")
    return json.loads(file.read_text())


def test_layers_of_the_first_version_load(stored):
    layers = map(keras.saving.deserialize_keras_object, stored["layers"])
    resize, free, icnr, balanced, padded = layers
    assert resize.interpolation == "nearest"
    assert type(free.kernel_initializer) is keras.initializers.HeNormal
    assert type(icnr.kernel_initializer) is ICNR
    assert type(balanced.kernel_initializer) is Balanced
    assert type(balanced.kernel_constraint) is EqualPhaseGain
    assert balanced.kernel_constraint.scale == 2
    assert balanced.kernel_regularizer.scale == (2, 2)
    assert padded.groups == 1
    model = keras.Sequential([resize, free, icnr, balanced, padded])
    assert model(np.ones((1, 2, 2, 3), "float32")).shape == (1, 17, 17, 3)


def test_losses_of_the_first_version_load(stored):
    loss = keras.saving.deserialize_keras_object(stored["loss"])
    assert type(loss) is BorderLoss and loss.rings == 4


@pytest.mark.parametrize(
    "kind", [ICNR, Balanced, EqualPhaseGain, PhaseGainRegularizer]
)
def test_code_of_the_first_version_says_strides(kind):
    assert kind(strides=3).scale == kind(scale=3).scale == 3
    with pytest.raises(ValueError, match="`scale`"):
        kind(strides=0)
