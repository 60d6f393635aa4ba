"""Large models are inspected within the limits of the sandbox."""

import pathlib
import sys

import keras
import pytest
from keras import layers

from tfupsample.model_files import sandbox


def decoder(width, side):
    """From latents to pictures of eight times the side."""
    return keras.Sequential(
        [
            keras.Input((256,)),
            layers.Dense(side * side * width),
            layers.Reshape((side, side, width)),
            layers.Conv2DTranspose(width, 4, 2, "same", activation="relu"),
            layers.Conv2DTranspose(width // 2, 4, 2, "same", activation="relu"),
            layers.Conv2DTranspose(3, 5, 2, "same", activation="tanh"),
        ]
    )


@pytest.mark.soak
@pytest.mark.parametrize("suffix", ["keras", "h5"])
@pytest.mark.parametrize(
    "width, millions, seconds", [(1232, 57, 30), (2304, 165, 60)]
)
def test_a_large_decoder_is_inspected(
    tmp_path, monkeypatch, width, millions, seconds, suffix
):
    # Processor time counts, as others may work on this machine.
    monkeypatch.setattr(sandbox, "SECONDS", 600)
    model = decoder(width, 8)
    assert round(model.count_params() / 1e6) == millions
    path = tmp_path / f"decoder.{suffix}"
    model.save(path)
    del model
    here = str(pathlib.Path(__file__).parent)
    monkeypatch.setattr(sys, "path", [here, *sys.path])
    answer, used, peak = sandbox.call(
        "inspecting:inspect_one", {"path": str(path)}, path
    )
    assert used < seconds
    # TensorFlow itself takes less than 1 GB.
    assert peak < 1024 + 1500 + (path.stat().st_size >> 20)
    assert any(f["severity"] == "paints" for f in answer["findings"])
    assert answer["probe"]["samples"] >= 1
