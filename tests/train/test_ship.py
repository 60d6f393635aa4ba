"""A finished run becomes an entry of the index."""

import json
import pathlib
import shutil

import numpy as np
import pytest
import toy_models
from PIL import Image

from docs import draw_cards
from models.tiled_style_transfer import stylise
from tfupsample import cli
from tfupsample.errors import UnusableInput
from tfupsample.images.arrays import to_uint8
from tfupsample.pretrained import load
from train.ship import __main__ as ship
from train.ship import record


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shipped")
    network = toy_models.shipped_style(folder)
    index = json.loads((folder / "pretrained/index.json").read_text())
    return folder, network, index["models"]["toy_style"]


@pytest.mark.slow
def test_the_index_says_how_to_build_and_repeat_it(shipped):
    _, network, entry = shipped
    assert entry["architecture"] == {
        "function": "models.style_transfer.network",
        "arguments": {
            "styles": 3,
            "width": 2,
            "blocks": 1,
            "upsample": "nearest",
            "kernel_size": 3,
            "pad_mode": "reflect",
        },
    }
    assert entry["parameters"] == network.count_params()
    assert entry["styles"] == toy_models.STYLES
    training = entry["training"]
    # Folders of one machine mean nothing on another.
    assert training["command"] == (
        "python -m train.style_transfer --styles=me/paintings --flip"
    )
    assert (training["seconds"], training["seed"]) == (7, 5)


def test_seconds_are_those_of_the_steps(tmp_path):
    lines = [
        {"epoch": 1, "step": 10, "images_per_second": 8.0},
        {"epoch": 2, "step": 20, "images_per_second": 4.0},
    ]
    (tmp_path / "metrics.jsonl").write_text("\n".join(map(json.dumps, lines)))
    assert record.step_seconds(tmp_path, 4) == 5 + 10


def test_earlier_starts_of_a_run_are_told(shipped):
    """The network of a run that was resumed has more than one origin."""
    folder = shipped[0] / "run"
    settings = json.loads((folder / "config.json").read_text())
    settings["commit"] = "b"
    for commit in (None, "a", "b"):
        start = {
            "command": ["train/dcgan.py", "--data_dir=/home/me/pictures"],
            "versions": {"keras": "3"},
            "commit": commit,
        }
        settings.setdefault("earlier", []).append(start)
    said = toy_models.SAID | {"commit": None}
    told = record.training(folder, settings, said)
    command = "python -m train.dcgan --data_dir=me/pictures"
    assert told["earlier"][1] == start | {"commit": "a", "command": command}
    assert draw_cards._commits(told) == "commits unknown, a, b"
    assert draw_cards._commits({"commit": "a"}) == "commit a"


def test_another_network_is_not_shipped(shipped):
    """The index would build what the run did not train."""
    folder = shipped[0]
    config = json.loads((folder / "run/config.json").read_text())
    config["config"]["width"] = 3
    other = folder / "other"
    other.mkdir()
    for path in (folder / "run").iterdir():
        (other / path.name).write_bytes(path.read_bytes())
    (other / "config.json").write_text(json.dumps(config))
    with pytest.raises(UnusableInput, match="do not fit"):
        ship.ship(other, "x", folder / "pretrained", **toy_models.SAID)
    assert not (folder / "pretrained/x").exists()


@pytest.mark.parametrize("name", ["../thesis", "thesis", "Thesis", "", "a/b"])
def test_a_name_is_checked_before_anything_is_touched(shipped, tmp_path, name):
    place = tmp_path / "pretrained"
    for thesis in (tmp_path / "thesis", place / "thesis"):
        thesis.mkdir(parents=True)
        (thesis / "all.txt").write_text("x")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UnusableInput, match="name"):
        ship.ship(shipped[0] / "run", name, place, **toy_models.SAID)
    assert sorted(tmp_path.rglob("*")) == before


def test_an_index_of_something_else_is_refused(shipped, tmp_path):
    (tmp_path / "index.json").write_text('{"format": 1, "models": 3}')
    with pytest.raises(UnusableInput, match="no index"):
        ship.ship(shipped[0] / "run", "x", tmp_path, **toy_models.SAID)
    assert [path.name for path in tmp_path.iterdir()] == ["index.json"]


@pytest.mark.slow
def test_the_old_model_stays_until_the_new_one_is_complete(
    shipped, tmp_path, monkeypatch
):
    place = tmp_path / "pretrained"
    shutil.copytree(shipped[0] / "pretrained", place)

    def contents():
        files = filter(pathlib.Path.is_file, place.rglob("*"))
        return {path: path.read_bytes() for path in files}

    def full(*_):
        raise OSError(28, "No space left on device")

    before = contents()
    monkeypatch.setattr(ship, "draw", full)  # the last that is written
    with pytest.raises(OSError, match="No space"):
        ship.ship(shipped[0] / "run", "toy_style", place, **toy_models.SAID)
    assert contents() == before


@pytest.mark.parametrize("lost", ["command", "config"])
def test_settings_that_lack_something_are_refused(shipped, tmp_path, lost):
    run = tmp_path / "run"
    shutil.copytree(shipped[0] / "run", run)
    settings = json.loads((run / "config.json").read_text())
    del settings[lost]
    (run / "config.json").write_text(json.dumps(settings))
    with pytest.raises(UnusableInput, match="config.json"):
        ship.ship(run, "x", tmp_path / "pretrained", **toy_models.SAID)
    assert not (tmp_path / "pretrained").exists()


def test_an_unfinished_run_is_refused(tmp_path):
    with pytest.raises(UnusableInput, match="config.json cannot be read"):
        ship.ship(tmp_path, "x", tmp_path, **toy_models.SAID)


def test_styles_blend_as_told(shipped, rng, monkeypatch, capsys):
    """By `tfupsample apply`, from the SavedModel's weights alone."""
    folder, network, _ = shipped
    monkeypatch.setattr(load, "PLACE", folder / "pretrained")
    image = Image.fromarray(rng.integers(0, 255, (18, 23, 3), "uint8"))
    image.save(folder / "in.png")
    paths = folder / "in.png", folder / "out.png"

    def apply(style):
        words = ["apply", "toy_style", str(paths[0]), "-o", str(paths[1])]
        return cli.main([*words, f"--style={style}"])

    assert apply("brick:3,waves") == 0
    painted = stylise(
        network, np.asarray(image, "float32") / 127.5 - 1, [0.75, 0, 0.25]
    )
    assert np.ptp(to_uint8(painted)) > 20  # or all would agree
    found = np.asarray(Image.open(paths[1])).astype(int)
    assert np.abs(found - to_uint8(painted)).max() <= 1
    assert apply("fur") == 2
    assert "must be of brick, grass, waves" in capsys.readouterr().err
