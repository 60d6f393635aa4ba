"""The entry point from its command line to what it leaves behind."""

import csv
import json

import entry_points
import keras
import numpy as np
import pytest
from PIL import Image

from train import deep_image_prior as trainer
from train import deep_image_prior_sweep
from train.data import DataError
from train.engine.options import UsageError

TOY = {
    "image": "coffee",
    "image_size": 16,
    "architecture": "single",
    "depth": 1,
    "width": 2,
    "iterations": 2,
    "epochs": 2,
    "xla": "off",
}


def config(tmp_path, **kwargs):
    workdir = str(tmp_path / "run")
    return trainer.Config(**{"workdir": workdir} | TOY | kwargs)


def run(tmp_path, backend="tensorflow", **kwargs):
    settings = {"workdir": str(tmp_path / "run")} | TOY | kwargs
    return entry_points.run("deep_image_prior", settings, backend)


@pytest.mark.slow
@pytest.mark.parametrize(
    "backend", ["tensorflow", pytest.param("jax", marks=pytest.mark.soak)]
)
def test_command_leaves_a_complete_run(tmp_path, backend):
    result = run(tmp_path, backend, task="inpaint", architecture="hourglass")
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr
    folder = tmp_path / "run"
    shown = ("damaged", "output", "average", "filled", "best", "clean")
    assert {path.name for path in folder.iterdir()} == {
        *(f"{name}.png" for name in shown),
        ".lock",
        "checkpoints",
        "config.json",
        "metrics.jsonl",
        "network.keras",
        "progress.png",
        "samples",
        "saved_model",
        "scores.json",
        "tensorboard",
    }
    scores = json.loads((folder / "scores.json").read_text())
    assert scores["steps"] == 4
    assert scores["psnr_db"].keys() == set(shown) - {"clean"}
    assert scores["psnr_db"]["filled"] > scores["psnr_db"]["average"]
    metrics = (folder / "metrics.jsonl").read_text().splitlines()
    last = json.loads(metrics[-1])
    average = scores["psnr_db"]["average"]
    assert last["psnr_average"] == pytest.approx(average, abs=1e-3)
    assert f"{average:6.2f} dB" in result.stdout
    pictures = {name: pixels(folder / f"{name}.png") for name in shown}
    known = (pictures["damaged"] == pictures["clean"]).all(-1)
    assert 0.5 <= known.mean() < 0.6  # a pixel may be black in both
    np.testing.assert_array_equal(
        pictures["filled"],
        np.where(known[..., None], pictures["clean"], pictures["average"]),
    )
    settings = trainer.Config(
        **json.loads((folder / "config.json").read_text())["config"]
    )
    network = keras.models.load_model(folder / "network.keras")
    output = network(trainer.noise(settings, trainer.problem(settings)))
    np.testing.assert_allclose(255 * output[0], pictures["output"], atol=0.51)


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image).astype(int)


@pytest.mark.slow
def test_resumed_run_equals_an_undisturbed_one(tmp_path):
    trainer.train(config(tmp_path))
    other = tmp_path / "other"
    trainer.train(config(other, epochs=1))
    trainer.train(config(other))
    one, two = (
        np.load(path / "run" / "checkpoints" / "epoch_00002.npz")
        for path in (tmp_path, other)
    )
    for name in one.files:
        np.testing.assert_array_equal(one[name], two[name])
    with pytest.raises(UsageError, match="sigma: 25.0 there, 5.0 here"):
        trainer.train(config(other, sigma=5.0))


def test_a_noisy_picture_is_taken_as_it_is(tmp_path, rng):
    """Of any size, and without scores: nothing is known to compare with."""
    grey = rng.integers(0, 255, size=(19, 27), dtype="uint8")
    Image.fromarray(grey).save(tmp_path / "noisy.png")
    settings = config(
        tmp_path, image=str(tmp_path / "noisy.png"), image_size=0, sigma=0.0
    )
    found = trainer.problem(settings)
    assert found.clean is None and found.mask.all()
    np.testing.assert_allclose(
        255 * found.picture[0, ..., 0], grey[:18, :26], atol=1e-4
    )
    trainer.train(settings)
    folder = tmp_path / "run"
    assert json.loads((folder / "scores.json").read_text()) == {"steps": 4}
    with Image.open(folder / "average.png") as image:
        assert (image.size, image.mode) == ((26, 18), "L")


def test_problems_have_the_damage_they_ask_for(tmp_path):
    noisy = trainer.problem(config(tmp_path, image_size=64))
    error = 255 * (noisy.picture - noisy.clean)
    inside = (noisy.clean > 0.4) & (noisy.clean < 0.6)  # nothing cut off
    assert np.std(error[inside]) == pytest.approx(25, rel=0.05)
    square = trainer.problem(
        config(tmp_path, task="inpaint", mask="rectangles", region=5)
    )
    assert (1 - square.mask).sum() == 25
    np.testing.assert_array_equal(square.picture, square.clean * square.mask)
    mask = np.full((16, 16), 255, "uint8")
    mask[3:7, 5:9] = 0
    Image.fromarray(mask).save(tmp_path / "mask.png")
    own = trainer.problem(
        config(tmp_path, task="inpaint", mask=str(tmp_path / "mask.png"))
    )
    np.testing.assert_array_equal(own.mask[0, ..., 0], mask // 255)
    assert own.clean is None


@pytest.mark.slow
def test_sweep_goes_on_where_it_was(tmp_path, monkeypatch):
    cells = deep_image_prior_sweep.grid(16)
    few = [cells[0], cells[24], cells[-1]]
    few = [cell | {"depth": 1} for cell in few]
    monkeypatch.setattr(deep_image_prior_sweep, "grid", lambda size: few)
    varied = {"architecture", "depth"}
    settings = deep_image_prior_sweep.Config(
        workdir=str(tmp_path / "run"),
        **{k: v for k, v in TOY.items() if k not in varied} | {"epochs": 1},
    )
    deep_image_prior_sweep.sweep(settings)
    folder = tmp_path / "run"
    rows = json.loads((folder / "sweep.json").read_text())
    assert [{k: row[k] for k in cell} for row, cell in zip(rows, few)] == few
    with open(folder / "sweep.csv", newline="") as file:
        table = list(csv.DictReader(file))
    assert [r["psnr_average"] for r in table] == [
        str(r["psnr_average"]) for r in rows
    ]
    assert "psnr_missing" in rows[-1] and "psnr_missing" not in rows[0]
    assert (folder / "sweep.png").stat().st_size > 10_000
    fitted = []
    monkeypatch.setattr(
        deep_image_prior_sweep,
        "fitted",
        lambda run, cell: fitted.append(cell) or rows[1],
    )
    (folder / "cells" / f"{deep_image_prior_sweep.name(few[1])}.json").unlink()
    deep_image_prior_sweep.sweep(settings)
    assert fitted == [few[1]]


def test_grid_is_that_of_the_report_and_more():
    cells = deep_image_prior_sweep.grid(64)
    assert len(cells) == 48
    names = {deep_image_prior_sweep.name(cell) for cell in cells}
    assert len(names) == len(cells)
    regions = [cell["region"] for cell in cells if "region" in cell]
    assert set(regions) == {8, 16}


def test_matched_brightness_undoes_a_gain(tmp_path):
    found = trainer.problem(config(tmp_path, sigma=1e-3))
    prior = trainer.build(config(tmp_path), found)
    prior.average.assign(found.clean * np.float32([0.5, 0.7, 0.9]))
    row = deep_image_prior_sweep.measures(prior, found)
    assert row["psnr_average"] < 30 < 70 < row["psnr_matched"]


@pytest.mark.parametrize(
    "change, error, message",
    [
        ({"upsample": "zoom"}, UsageError, "`upsample` must be one of"),
        ({"depth": 5}, UsageError, "multiple of 2\\*\\*depth"),
        ({"image": "/none.png"}, DataError, "/none.png does not exist"),
        (
            {"task": "inpaint", "mask": "rectangles"},
            UsageError,
            "`region` must be from 1 to",
        ),
        (
            {"task": "inpaint", "mask": "/none.png"},
            DataError,
            "/none.png does not exist",
        ),
        ({"missing": 0.3}, UsageError, "--missing has no effect without"),
        (
            {"task": "inpaint", "sigma": 5.0},
            UsageError,
            "--sigma has no effect with --task=inpaint",
        ),
        ({"image_size": 0, "depth": 9}, DataError, "at least 512 a side"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path, change, error, message):
    with pytest.raises(error, match=message):
        trainer.train(config(tmp_path, **change))
