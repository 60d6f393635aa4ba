"""`--callbacks`: a function of the user's, or a sentence that says why not."""

import sys

import keras
import pytest

from train.engine.options import UsageError
from train.engine.user_callbacks import user_callbacks

MODULE = """
import keras

def logger(folder):
    return [keras.callbacks.CSVLogger(str(folder / "log.csv"))]

def nothing(folder):
    return None

def classes(folder):
    return [keras.callbacks.CSVLogger]

def fails(folder):
    raise RuntimeError("no network")
"""


@pytest.fixture(autouse=True)
def module(tmp_path, monkeypatch):
    (tmp_path / "my_callbacks.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    yield
    sys.modules.pop("my_callbacks", None)


def test_a_function_in_the_working_directory_is_called(tmp_path):
    before = list(sys.path)
    (made,) = user_callbacks("my_callbacks:logger", tmp_path)
    assert isinstance(made, keras.callbacks.CSVLogger)
    assert made.filename == str(tmp_path / "log.csv")
    assert sys.path == before
    assert user_callbacks("", tmp_path) == []


@pytest.mark.parametrize(
    "flag, said",
    [
        ("my_callbacks", "must be MODULE:FUNCTION.*Received: my_callbacks"),
        ("my_callbacks.py:logger", "No module named 'my_callbacks.py'"),
        ("no_such_module:logger", "No module named 'no_such_module'"),
        ("my_callbacks:missing", "AttributeError.*'missing'"),
        ("my_callbacks:nothing", "returned None"),
        ("my_callbacks:classes", "returned .*CSVLogger"),
        ("my_callbacks:fails", "RuntimeError: no network"),
    ],
)
def test_anything_else_is_a_sentence(flag, said, tmp_path):
    with pytest.raises(UsageError, match=said) as raised:
        user_callbacks(flag, tmp_path)
    assert "returns a list of Keras callbacks" in str(raised.value)
