"""Keras's own `run_layer_test` on every public layer, on its backends."""

import json
import os
import subprocess
import sys

import processes
import pytest
from keras_layer_test import PLANTED
from layer_cases import ALL

BACKENDS = [
    pytest.param("tensorflow", marks=pytest.mark.slow),
    pytest.param("jax", marks=pytest.mark.slow),
    pytest.param("torch", marks=pytest.mark.torch),
]


@pytest.fixture(scope="module", params=BACKENDS)
def failures(request, tmp_path_factory):
    """What the test says against each layer, or `""`."""
    path = tmp_path_factory.mktemp(request.param) / "failures.json"
    places = os.pathsep.join([str(processes.ROOT), f"{processes.ROOT}/tests"])
    environment = {"KERAS_BACKEND": request.param, "PYTHONPATH": places}
    ended = subprocess.run(
        [sys.executable, "-m", "keras_layer_test", path],
        env=os.environ | processes.COMPILE_SOON | environment,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(path.read_text())


def test_keras_finds_nothing_against_the_layers(failures):
    """`test_conformance.py` holds the list to all public layers."""
    assert failures.keys() == {*ALL, PLANTED}
    assert failures.pop(PLANTED), "The test sees no lost argument."
    assert not {name: said for name, said in failures.items() if said}
