"""Settings of TensorFlow that a program chooses before it is imported."""

import os

_DEFAULTS = {
    # Notes on processors and missing GPUs would bury the progress of a run.
    # Real errors are Python exceptions.
    "TF_CPP_MIN_LOG_LEVEL": "3",
    # Off by default on processors without AVX-512, where it is faster too, and
    # where channels-first convolutions need it.
    "TF_ENABLE_ONEDNN_OPTS": "1",
}


def prepare():
    """Sets what the user has not set, for programs rather than the library.

    Call it before TensorFlow is imported; afterwards it has no effect.
    """
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
