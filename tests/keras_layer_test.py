"""Keras's own test of layers on every public layer, on any of its backends.

KERAS_BACKEND=torch python -m keras_layer_test FAILURES.json
"""

import json
import pathlib
import sys

from keras.src.testing import TestCase  # Keras keeps it to itself
from layer_cases import ALL, SIZES

from tfupsample import Pad2D


class Forgetful(Pad2D):
    """Loses an argument, which the test must see."""

    def get_config(self):
        config = super().get_config()
        del config["padding"]
        return config


PLANTED = "forgetful"


def failure(make_layer):
    """Returns what the test says against a layer, or `""`."""
    layer = make_layer()
    shape = (2, *SIZES[: layer.rank], 3)
    try:
        TestCase().run_layer_test(
            make_layer,
            {},
            input_shape=shape,
            expected_output_shape=layer.compute_output_shape(shape),
            expected_num_non_trainable_variables=0,
            expected_num_seed_generators=0,
            supports_masking=False,
        )
    except Exception as error:  # of whatever part of Keras fails
        return f"{type(error).__name__}: {error}"
    return ""


def failures():
    """Returns what is said against each layer, and against the planted one."""
    found = {name: failure(make_layer) for name, make_layer in ALL.items()}
    return found | {PLANTED: failure(lambda **kwargs: Forgetful(1, **kwargs))}


if __name__ == "__main__":
    pathlib.Path(sys.argv[1]).write_text(json.dumps(failures()))
