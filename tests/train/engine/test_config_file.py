"""`--config` repeats a run from its config.json, which says all it needs."""

import dataclasses
import json
import subprocess

import pytest

from train.engine import versions
from train.engine.command_line import parse
from train.engine.config import RunConfig
from train.engine.options import UsageError


@pytest.fixture
def written(tmp_path):
    """The config.json of a run with some settings of its own."""
    config = RunConfig(
        workdir="old", epochs=7, flip=True, colour=0.5, dry_run=True
    )
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"config": dataclasses.asdict(config)}))
    return path


def parsed(*arguments):
    return parse(RunConfig, ["program", *arguments], "Does nothing.")


def test_a_file_is_repeated_but_for_what_is_of_that_run(written):
    expected = RunConfig(epochs=7, flip=True, colour=0.5)
    assert parsed(f"--config={written}") == expected
    assert parsed("--config", str(written)) == expected


def test_flags_override_the_file_wherever_they_stand(written):
    config = parsed("--epochs=8", f"--config={written}", "--noflip")
    assert config == RunConfig(epochs=8, colour=0.5)


@pytest.mark.parametrize(
    "text, message",
    [
        (None, "is not the config.json of a run"),
        ("{", "is not the config.json of a run"),
        ("{}", "is not the config.json of a run"),
        ('{"config": {"epochs": "many"}}', "epochs=many"),
        ('{"config": {"latent_dim": 3}}', "this one has no latent_dim"),
    ],
)
def test_what_cannot_be_repeated_is_named(tmp_path, text, message):
    path = tmp_path / "config.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(UsageError, match=message):
        parsed(f"--config={path}")


def test_help_mentions_it(capsys):
    with pytest.raises(SystemExit):
        parsed("--help")
    assert "--config=PATH" in capsys.readouterr().out


def test_the_commit_is_that_of_the_checkout(tmp_path):
    def git(*arguments):
        who = ["-c", "user.name=a", "-c", "user.email=a@b"]
        command = ["git", "-C", str(tmp_path), *who, *arguments]
        return subprocess.run(
            command, check=True, capture_output=True, text=True
        ).stdout.strip()

    assert versions.source_commit(tmp_path) is None
    git("init")
    (tmp_path / "code.py").write_text("1")
    assert versions.source_commit(tmp_path) is None
    git("add", ".")
    git("commit", "-m", "First")
    head = git("rev-parse", "HEAD")
    assert versions.source_commit(tmp_path) == head
    (tmp_path / "environment").mkdir()  # where packages are installed to
    assert versions.source_commit(tmp_path / "environment") is None
    (tmp_path / "code.py").write_text("2")
    assert versions.source_commit(tmp_path) == f"{head}+"


def test_without_git_there_is_no_commit(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert versions.source_commit() is None
