"""Another process opens files: what happens there ends in a sentence here."""

import pathlib
import sys

import pytest

from tfupsample.errors import UnusableInput
from tfupsample.model_files import sandbox

FOLDER = pathlib.Path(__file__).parent


@pytest.fixture
def call(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "path", [str(FOLDER), *sys.path])
    file = tmp_path / "model"
    file.write_bytes(b"x" * 10)

    def call(name, trusted=False, **arguments):
        return sandbox.call(f"sandboxed:{name}", arguments, file, trusted)

    return call


def test_results_come_back(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    # It would be imported if the working folder came first.
    (tmp_path / "json.py").write_text("raise SystemExit(5)")
    result = call("answer", x=[1, "ä", None])
    assert result == {"x": [1, "ä", None], "path": sys.path}


def test_errors_come_back(call):
    with pytest.raises(UnusableInput, match=r"^A sentence\.$"):
        call("refuse")
    with pytest.raises(RuntimeError, match="ZeroDivisionError: .*fail"):
        call("fail")


@pytest.mark.parametrize("name", ["crash", "recur"])
def test_crashes_are_sentences(call, name):
    with pytest.raises(UnusableInput, match="SIGSEGV|RecursionError"):
        call(name)


LINUX = pytest.mark.skipif(sys.platform != "linux", reason="needs limits")


@LINUX
def test_memory_is_limited(call, monkeypatch):
    monkeypatch.setattr(sandbox, "MEMORY", 100 << 20)
    with pytest.raises(UnusableInput, match="Memory"):
        call("take_memory", count=200 << 20)
    count = 200 << 20
    assert call("take_memory", count=count, trusted=True) == count


@LINUX
def test_large_files_get_more_memory(tmp_path):
    with open(tmp_path / "sparse", "wb") as file:
        file.truncate(1 << 40)
    (tmp_path / "full").write_bytes(bytes(1 << 20))
    assert 1 << 20 <= sandbox._stored_bytes(tmp_path) < 2 << 20


@LINUX
def test_time_is_limited(call, monkeypatch):
    monkeypatch.setattr(sandbox, "SECONDS", 0.2)
    with pytest.raises(UnusableInput, match="takes longer than 0 seconds"):
        call("take_time")


@LINUX
def test_nothing_is_written_or_started(call, tmp_path):
    victim = tmp_path / "model"
    refused = call("misbehave", path=str(victim), new=str(tmp_path / "new"))
    assert all(refused.values()), refused
    assert victim.read_bytes() == b"x" * 10
