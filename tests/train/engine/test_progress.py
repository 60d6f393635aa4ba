"""What a training shows: lines that fit, each of its own."""

import keras
import numpy as np
import pytest

from train.engine import progress


def fit(bar, epochs=2, steps=4):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"], jit_compile=False)
    x, y = np.ones((steps, 2)), np.ones((steps, 1))
    model.fit(x, y, 1, epochs, verbose=0, callbacks=[bar])


@pytest.fixture
def terminal(monkeypatch):
    def of(columns):
        monkeypatch.setattr(progress.sys.stdout, "isatty", lambda: True, False)
        monkeypatch.setattr(progress, "_SECONDS", 0)
        monkeypatch.setenv("COLUMNS", str(columns))

    return of


@pytest.mark.parametrize("columns, metrics", [(45, 0), (80, 2), (120, 2)])
def test_each_epoch_is_one_line_that_fits(terminal, capsys, columns, metrics):
    terminal(columns)
    with progress.ProgressBar(2, 4) as bar:
        fit(bar)
    first, second, rest = capsys.readouterr().out.split("\n")
    assert rest == ""
    shown = [x.removesuffix("\x1b[K") for x in first.split("\r")[1:]]
    assert len(shown) >= 5 and max(map(len, shown)) < columns
    assert shown[0].startswith("Epoch 1/2 [") and shown[0].endswith("] 0/4")
    assert f"[{'#' * 20}] 4/4" in shown[-1]
    assert sum(name in shown[-1] for name in ("loss ", "mae ")) == metrics
    assert "Epoch 2/2" in second


def test_a_stopped_training_ends_its_line(terminal, capsys):
    terminal(80)
    with progress.ProgressBar(1, 4) as bar:
        bar.set_params({"steps": 2})  # two were done before
        bar.on_epoch_begin(0)
        bar.on_train_batch_end(0, {"loss": 1.0})
    text = capsys.readouterr().out
    assert "3/4" in text and text.endswith("\n")


def test_a_file_gets_a_line_an_epoch(capsys):
    with progress.ProgressBar(2, 4) as bar:
        fit(bar)
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("Epoch 1/2: 4 steps in ")
    assert "loss " in second and "mae " in second
