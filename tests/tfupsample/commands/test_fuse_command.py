"""`tfupsample fuse`."""

import json

import keras
import numpy as np
import pytest
from keras import layers

from tfupsample import cli


@pytest.fixture
def saved(tmp_path):
    """A file of a small decoder whose sizes are open."""
    model = keras.Sequential(
        [
            keras.Input((None, None, 3)),
            layers.UpSampling2D(2, name="up"),
            layers.Conv2D(4, 3, padding="same", activation="relu", name="a"),
            layers.UpSampling2D(2, interpolation="bicubic", name="cubic"),
            layers.Conv2D(3, 3, padding="same", name="b"),
        ]
    )
    path = tmp_path / "decoder.keras"
    model.save(path)
    return path


def fuse(source, target, *flags):
    return cli.main(["fuse", str(source), "-o", str(target), *flags])


def test_a_report_of_numbers_and_a_model_that_loads(saved, tmp_path, capsys):
    target = tmp_path / "fused.keras"
    flags = ("--size=12,8", "--rounds=3", "--json")
    assert fuse(saved, target, *flags) == 0
    report = json.loads(capsys.readouterr().out)
    (pair,) = report["fused"]
    assert (pair["resize"], pair["convolution"]) == ("up", "a")
    assert pair["arithmetic"] == pytest.approx(4 / 9)
    assert [one["layer"] for one in report["left"]] == ["cubic"]
    assert report["difference"]["relative"] < 1e-5
    assert report["milliseconds"]["rounds"] == 3
    pixels = 24 * 16 * 3 * 4  # of the first convolution, 9 and 4 taps each
    before, after = (report[x]["multiply_adds"] for x in ("before", "after"))
    assert before - after == 5 * pixels
    x = np.random.default_rng(0).normal(size=(1, 5, 6, 3)).astype("float32")
    old, new = (keras.models.load_model(path)(x) for path in (saved, target))
    np.testing.assert_allclose(old, new, atol=1e-5)


def test_the_text_says_what_and_why(saved, tmp_path, capsys):
    assert fuse(saved, tmp_path / "fused.keras", "--rounds=0") == 0
    text = capsys.readouterr().out
    for words in (
        "up and a (nearest 2×2, 44% of its arithmetic)",
        "cubic: bicubic interpolation has no exact form",
        "multiply-adds",
        "MiB at once",
        "of the largest output",
    ):
        assert words in text
    assert "Time" not in text


@pytest.mark.parametrize(
    ("output", "flags", "words"),
    [
        ("decoder.keras", [], "another file"),
        ("fused.h5", [], "end in .keras"),
        ("there.keras", [], "--overwrite"),
        ("none/fused.keras", [], "no folder"),
    ],
)
def test_refusals_write_nothing(saved, tmp_path, capsys, output, flags, words):
    (tmp_path / "there.keras").write_text("kept")
    before = sorted(tmp_path.iterdir())
    assert fuse(saved, tmp_path / output, *flags) == 2
    assert words in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == before


def test_nothing_to_fuse_writes_nothing(tmp_path, capsys):
    path = tmp_path / "plain.keras"
    keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(3, 3)]).save(path)
    assert fuse(path, tmp_path / "fused.keras", "--rounds=0") == 2
    assert "nothing to fuse" in capsys.readouterr().err
    assert not (tmp_path / "fused.keras").exists()


def test_a_bad_size_is_refused(saved, tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        fuse(saved, tmp_path / "fused.keras", "--size=12,x")
    assert "--size" in capsys.readouterr().err
