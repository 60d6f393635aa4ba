"""What commands and trainers set before TensorFlow is imported."""

import importlib.util
import os
import subprocess
import sys

import pytest

from tfupsample import environment
from tfupsample.import_hooks import around_import


def test_what_the_user_set_stays(monkeypatch):
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "1")
    environment.prepare()
    assert os.environ["TF_ENABLE_ONEDNN_OPTS"] == "0"
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "1"


def test_the_module_runs_inside_the_context_and_only_once(
    tmp_path, monkeypatch
):
    (tmp_path / "watched.py").write_text("import sys; sys.order.append('run')")
    monkeypatch.syspath_prepend(tmp_path)
    order = []
    monkeypatch.setattr(sys, "order", order, raising=False)

    class Context:
        def __enter__(self):
            order.append("enter")

        def __exit__(self, *_):
            order.append("leave")

    around_import("watched", Context)
    assert importlib.util.find_spec("watched")  # PyTorch asks so
    assert order == []
    import watched  # noqa: F401

    assert order == ["enter", "run", "leave"]
    around_import("watched", Context)
    assert order == ["enter", "run", "leave", "enter", "leave"]
    del sys.modules["watched"]


@pytest.mark.parametrize(
    "level, quiet", [(None, True), ("3", True), ("0", False)]
)
def test_imports_are_quiet_unless_the_user_asks_for_more(
    level, quiet, monkeypatch
):
    """Also in a program that another one of this project has started."""
    monkeypatch.setattr(
        os, "environ", {"TF_CPP_MIN_LOG_LEVEL": level} if level else {}
    )
    wrapped = []
    monkeypatch.setattr(
        environment, "around_import", lambda name, _: wrapped.append(name)
    )
    environment.prepare()
    assert wrapped == ["tensorflow"] * quiet


@pytest.mark.parametrize("fails", [False, True])
def test_standard_error_is_quiet_unless_the_import_fails(capfd, fails):
    with pytest.raises(ImportError) if fails else environment._quiet():
        with environment._quiet():
            os.write(2, b"noise")
            if fails:
                raise ImportError
    assert capfd.readouterr().err == "noise" * fails


def test_commands_that_need_no_model_import_no_keras_and_say_nothing():
    code = (
        "import sys; from tfupsample.cli import main\n"
        "for argv in (['--help'], ['list'], ['train'], ['inspect'],\n"
        "             ['repair', '--bad'], ['score', '--bad'], ['apply'],\n"
        "             ['train', '--help']):\n"
        "    try: main(argv)\n"
        "    except SystemExit as ended: assert ended.code in (0, 2), argv\n"
        "    assert not {'keras', 'tensorflow', 'jax'} & set(sys.modules), argv"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    lines = result.stderr.splitlines()
    assert all("usage" in x or "error" in x or x[0] == " " for x in lines)


def test_programs_use_onednn_unless_told_otherwise(monkeypatch):
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "")
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS")
    environment.prepare()
    assert os.environ["TF_ENABLE_ONEDNN_OPTS"] == "1"
