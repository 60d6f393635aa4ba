"""`--profile` writes a trace of some steps."""

import keras
import numpy as np
import pytest

from train.engine import epoch_end
from train.engine.options import UsageError


def fit(folder, steps=8):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    callback = epoch_end.Trace(folder)
    x, y = np.zeros((steps, 2)), np.zeros((steps, 1))
    model.fit(x, y, batch_size=1, verbose=0, callbacks=[callback])
    return callback


@pytest.mark.parametrize("steps", [3, 8])
def test_a_trace_is_written_though_the_epoch_is_short(tmp_path, capsys, steps):
    fit(tmp_path, steps)
    (found,) = tmp_path.glob("plugins/profile/*/*.xplane.pb")
    assert found.stat().st_size > 0
    assert str(tmp_path) in capsys.readouterr().out


def test_what_cannot_be_traced_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    callback = epoch_end.Trace(tmp_path)
    callback.start = lambda folder: 1 / 0
    callback.on_train_batch_begin(0)
    with pytest.raises(UsageError, match="--profile: no trace can be taken"):
        callback.on_train_batch_begin(1)
