"""`python -m train.compare` shows runs as they are, whatever they hold."""

import base64
import html
import json
import sys

import numpy as np
import pytest
from page_elements import Elements
from PIL import Image

from train import compare

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def make(tmp_path):
    """Writes the folder of a run; `None` leaves a file out."""

    def write(name, settings=(), metrics=(), scores=None, sample=None):
        folder = tmp_path / name
        (folder / "samples").mkdir(parents=True)
        config = {"workdir": name, "epochs": 2, "flip": False} | dict(settings)
        written = {"trainer": "toy", "config": config, "versions": {"keras": 3}}
        (folder / "config.json").write_text(json.dumps(written))
        lines = "\n".join(map(json.dumps, metrics))
        (folder / "metrics.jsonl").write_text(lines)
        if scores is not None:
            (folder / "scores.json").write_text(json.dumps(scores))
        if sample is not None:
            for epoch in (1, 2):
                grey = np.full((4, 4), sample + epoch, "uint8")
                path = folder / "samples" / f"epoch_{epoch}.png"
                Image.fromarray(grey).save(path)
        return folder

    return write


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["compare", *map(str, arguments)])
    return compare.main()


@pytest.fixture
def compared(make, tmp_path, monkeypatch):
    """The page of a finished run and one that has only begun."""
    metrics = [{"epoch": i, "step": 5 * i, "loss": 1 / i} for i in (1, 2)]
    scores = {"trained": {"2": {"coherent": 0.125}}}
    runs = [
        make("first", {"flip": True}, metrics, scores, 10),
        make("second", {"new": "yes"}),
    ]
    output = tmp_path / "page.html"
    assert run(monkeypatch, *runs, f"--output={output}") == 0
    return output.read_text()


def rows(page, title):
    """The texts of a panel, in order."""
    words = [w.strip() for w in Elements(page).words if w.strip()]
    return words[words.index(title) :]


def test_settings_that_differ_are_listed_and_no_others(compared):
    shown = rows(compared, "Settings that differ")
    shown = shown[: shown.index("Curves")]
    assert shown[1:4] == ["Setting", "first", "second"]
    assert shown[4:] == ["flip", "True", "False", "new", "yes"]


def test_numbers_of_each_run_are_shown(compared):
    assert rows(compared, "Last epoch")[4:10] == [
        *("epoch", "2", "step", "10", "loss", "0.5")
    ]
    assert rows(compared, "Scores")[4:6] == ["trained · 2 · coherent", "0.125"]


def test_the_newest_samples_are_embedded(compared, tmp_path):
    newest = (tmp_path / "first" / "samples" / "epoch_2.png").read_bytes()
    assert base64.b64encode(newest).decode() in compared
    assert rows(compared, "Newest samples")[1:3] == ["first", "Scores"]


def test_the_page_loads_nothing_and_has_curves(compared):
    sources = [
        v for _, attrs in Elements(compared).found for v in attrs.items()
    ]
    pictures = [value for name, value in sources if name == "src"]
    assert len(pictures) == 2  # the curves, and the samples of the first
    assert all(value.startswith("data:image/png") for value in pictures)


def test_hostile_text_stays_text(make, tmp_path, monkeypatch):
    name = HOSTILE.replace("/", "") + "$x^$"
    runs = [
        make(
            name,
            {HOSTILE: HOSTILE},
            [{"epoch": 1, "step": 1, HOSTILE: 1, "text": HOSTILE}],
            {HOSTILE: {"$_{": 1, "text": HOSTILE}},
            1,
        ),
        make("_hidden"),
    ]
    output = tmp_path / "page.html"
    assert run(monkeypatch, *runs, f"--output={output}") == 0
    page = output.read_text()
    assert "<img src=x" not in page
    assert html.escape(HOSTILE) in page and html.escape(name) in page
    assert not any("onerror" in attrs for _, attrs in Elements(page).found)


@pytest.mark.parametrize(
    "name, text",
    [
        ("config.json", "{"),
        ("config.json", "[]"),
        ("config.json", "{}"),
        ("config.json", "[" * 10**5),
        ("scores.json", "[1]"),
    ],
)
def test_a_damaged_file_is_one_sentence(make, monkeypatch, capsys, name, text):
    folder = make("run")
    (folder / name).write_text(text)
    assert run(monkeypatch, folder) == 2
    (error,) = capsys.readouterr().err.splitlines()
    assert name in error and "cannot be read" in error


@pytest.mark.parametrize("line", ["3", '{"step": 1', '{"step": 1}', "\0"])
def test_damaged_lines_of_metrics_are_left_out(make, capsys, line):
    folder = make("run", metrics=[{"epoch": 1, "step": 5}])
    with open(folder / "metrics.jsonl", "a") as file:
        file.write(f"\n{line}")
    assert compare.read_run(folder).metrics == [{"epoch": 1, "step": 5}]
    assert "1 of its 2 lines" in capsys.readouterr().err


def test_what_is_no_run_is_one_sentence(tmp_path, monkeypatch, capsys):
    assert run(monkeypatch, tmp_path) == 2
    assert "is not the folder of a run" in capsys.readouterr().err


def test_where_nothing_can_be_written_is_one_sentence(
    make, monkeypatch, capsys
):
    status = run(monkeypatch, make("run"), "--output=/nowhere/page.html")
    assert (status, "/nowhere" in capsys.readouterr().err) == (2, True)


def test_runs_of_one_name_are_numbered(make, tmp_path):
    folders = [make("a/run"), make("b/run")]
    assert compare.names(folders) == [
        f"1: {tmp_path}/a/run",
        f"2: {tmp_path}/b/run",
    ]
