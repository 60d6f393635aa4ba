"""What a run keeps about itself: damage, provenance and what it learns from."""

import json

import numpy as np
import pytest

from train.engine import versions
from train.engine.config import RunConfig
from train.engine.metrics_file import read_metrics
from train.engine.options import UsageError
from train.engine.run import Run
from train.engine.settings_file import fingerprint


@pytest.fixture
def start(tmp_path):
    """Starts a run in the same folder, or resumes it."""

    def start(**settings):
        run = Run("toy", RunConfig(workdir=str(tmp_path / "run"), **settings))
        run._lock.lock.release()
        return run

    return start


@pytest.mark.parametrize(
    "text",
    [
        *["", "{", "[]", "{}", '{"trainer": 1}', "\xff", "[" * 10**5],
        '{"trainer": "toy", "config": {}, "earlier": 3}',
    ],
)
def test_damaged_settings_are_one_sentence(start, text):
    run = start()
    run.write("scores.json", {})  # so that it has begun
    path = run.path / "config.json"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(UsageError, match="config.json is damaged"):
        start()
    path.unlink()
    start()  # as the message says


def test_settings_that_are_no_object_are_damaged(start):
    run = start()
    run.write("scores.json", {})
    run.write("config.json", {"trainer": "toy", "config": [1]})
    with pytest.raises(UsageError, match="config.json is damaged"):
        start()


def test_a_run_with_other_settings_is_refused(start):
    start(seed=1).write("scores.json", {})
    start(seed=1, epochs=9)
    with pytest.raises(UsageError, match="seed: 1 there, 2 here"):
        start(seed=2)


def test_each_start_is_remembered(start, monkeypatch):
    commits = iter("abc")
    monkeypatch.setattr(versions, "source_commit", lambda: next(commits))
    for device in ("auto", "cpu", "gpu"):
        monkeypatch.setattr("sys.argv", ["toy.py", f"--device={device}"])
        run = start()
        run.expect_pictures(np.zeros((2, 3)))
        run.write("scores.json", {})
    written = json.loads((run.path / "config.json").read_text())
    earlier = written["earlier"]
    assert [s["commit"] for s in [*earlier, written]] == ["a", "b", "c"]
    assert [s["command"][1] for s in earlier] == [
        "--device=auto",
        "--device=cpu",
    ]
    assert earlier[0].keys() == {"command", "versions", "commit"}


def test_a_new_run_begins_with_its_first_start(start):
    """One whose folder holds nothing but settings has not begun."""
    start(seed=1)
    run = start(seed=2)
    assert json.loads((run.path / "config.json").read_text())["earlier"] == []


@pytest.mark.parametrize("line", ['{"epoch": 2, "lo', "3", "[]", "{}", "\xff"])
def test_damaged_metrics_are_left_out(start, line, capsys):
    run = start()
    run.log({"epoch": 1, "loss": 0.5})
    path = run.path / "metrics.jsonl"
    path.write_text(path.read_text() + line, encoding="latin-1")
    run.log({"epoch": 3, "loss": 0.25})
    assert "1 of its 2 lines cannot be read" in capsys.readouterr().err
    expected = [{"epoch": 1, "loss": 0.5}, {"epoch": 3, "loss": 0.25}]
    assert read_metrics(path) == expected
    run.log({"epoch": 3, "loss": 0.125})  # trained again
    assert [m["loss"] for m in read_metrics(path)] == [0.5, 0.125]
    assert not capsys.readouterr().err


def other_pixel(pictures):
    pictures = pictures.copy()
    pictures[1, 2, 3] ^= 1
    return pictures


OTHERS = {
    "one less": lambda pictures: pictures[:-1],
    "one pixel": other_pixel,
    "the order": lambda pictures: pictures[::-1],
    "the shape": lambda pictures: pictures.reshape(3, 5, 4),
}


@pytest.mark.parametrize("change", OTHERS)
def test_other_pictures_are_noticed_when_a_run_resumes(start, rng, change):
    pictures = rng.integers(0, 255, (3, 4, 5), "uint8")
    run = start()
    run.expect_pictures(pictures)
    run.write("scores.json", {})
    start().expect_pictures(list(pictures))
    with pytest.raises(UsageError, match="began: it learned from 3 pictures"):
        start().expect_pictures(OTHERS[change](pictures))
    start().expect_pictures(pictures)  # and the refusal changed nothing


def test_the_pictures_of_a_run_that_has_not_begun_bind_nothing(start):
    start().expect_pictures(np.zeros((2, 3)))
    start().expect_pictures(np.ones((2, 3)))


RENAMED = [
    ([0, 1, 1], ("cat", "hound"), "of cat, dog .*of cat, hound"),
    ([0, 1, 0], ("cat", "dog"), "it learned from 3 labels"),
]


@pytest.mark.parametrize("labels, classes, message", RENAMED)
def test_other_labels_are_noticed_when_a_run_resumes(
    start, labels, classes, message
):
    pictures = np.zeros((3, 4))
    one_hot = np.eye(2)
    start().expect_pictures(pictures, one_hot[[0, 1, 1]], ("cat", "dog"))
    start().write("scores.json", {})
    run = start()
    run.expect_pictures(pictures, one_hot[[0, 1, 1]], ("cat", "dog"))
    with pytest.raises(UsageError, match=message):
        start().expect_pictures(pictures, one_hot[labels], classes)
    start().expect_pictures(pictures, one_hot[[0, 1, 1]], ("cat", "dog"))


def test_the_run_of_an_older_version_resumes(start):
    run = start()
    run.write("scores.json", {})
    run.expect_pictures(np.zeros((2, 3)))
    settings = json.loads((run.path / "config.json").read_text())
    assert settings.pop("pictures") == fingerprint(np.zeros((2, 3)))
    del settings["earlier"], settings["commit"]
    run.write("config.json", settings)
    run = start()
    run.expect_pictures(np.ones((2, 3)), np.eye(2), ("cat", "dog"))
    resumed = json.loads((run.path / "config.json").read_text())
    assert resumed["earlier"] == [
        {"command": settings["command"], "versions": settings["versions"]}
    ]
    assert resumed["labels"]["classes"] == ["cat", "dog"]
