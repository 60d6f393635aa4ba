"""`tfupsample fuse`."""

import json

import keras
import numpy as np
import onnxruntime
import pytest
from keras import layers
from onnx_graphs import model_of, node, noise

from tfupsample import cli
from tfupsample.fuse.onnx.fuse import fuse_file
from tfupsample.model_files import sandbox


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


@pytest.fixture
def in_this_process(monkeypatch):
    """Opens files here: a process of its own takes seconds to start."""

    def call(function, arguments, path, **_):
        assert function == f"{fuse_file.__module__}:{fuse_file.__name__}"
        return json.loads(json.dumps(fuse_file(**arguments)))

    monkeypatch.setattr(sandbox, "call", call)


def onnx_decoder(path, channels=2):
    """Writes a file with a nearest resize and a cubic one."""
    floor = {"coordinate_transformation_mode": "asymmetric"}
    floor |= {"mode": "nearest", "nearest_mode": "floor"}
    model = model_of(
        [
            node("Resize", "x  s", "u", **floor),
            node("Conv", "u w", "v", pads=[1] * 4),
            node("Resize", "v  s", "t", mode="cubic"),
            node("Conv", "t w", pads=[1] * 4),
        ],
        (None, 2, None, None),
        s=np.array([1, 1, 2, 2], "float32"),
        w=noise(2, channels, 3, 3),
    )
    path.write_bytes(model.SerializeToString())


@pytest.mark.usefixtures("in_this_process")
def test_onnx_files_become_onnx_files(tmp_path, capsys):
    source, target = tmp_path / "decoder.onnx", tmp_path / "fused.onnx"
    onnx_decoder(source)
    flags = ("--size=12,8", "--rounds=2", "--json")
    assert fuse(source, target, *flags) == 0
    report = json.loads(capsys.readouterr().out)
    (pair,) = report["fused"]
    assert (pair["resize"], pair["convolution"]) == ("Resize_u", "Conv_v")
    assert report["output"] == str(target)
    assert report["milliseconds"]["rounds"] == 2
    assert report["left"][0]["layer"] == "Resize_t"
    x = noise(1, 2, 5, 7)
    old, new = (
        onnxruntime.InferenceSession(path).run(None, {"x": x})[0]
        for path in (source, target)
    )
    np.testing.assert_allclose(old, new, atol=1e-5)
    assert fuse(source, target) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert fuse(target, tmp_path / "again.onnx", "--rounds=0") == 2
    assert "nothing to fuse" in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == [source, target]


@pytest.mark.slow
def test_onnx_files_are_opened_in_another_process(tmp_path, capsys):
    source, target = tmp_path / "decoder.onnx", tmp_path / "fused.onnx"
    onnx_decoder(source)
    assert fuse(source, target, "--rounds=1") == 0
    assert "Resize_u and Conv_v" in capsys.readouterr().out
    assert target.is_file()


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.parametrize(
    ("output", "content", "words"),
    [
        ("b.keras", b"", "must end in .onnx"),
        ("b.onnx", b"", "holds no graph"),
        ("b.onnx", b"no protobuf", "cannot be loaded"),
        ("b.onnx", None, "There is no file"),
    ],
)
def test_unusable_onnx_files(tmp_path, capsys, output, content, words):
    source = tmp_path / "a.onnx"
    if content is not None:
        source.write_bytes(content)
    assert fuse(source, tmp_path / output) == 2
    said = capsys.readouterr().err
    assert words in said and "Traceback" not in said
    assert not (tmp_path / output).exists()


@pytest.mark.usefixtures("in_this_process")
def test_an_onnx_file_whose_weights_do_not_fit(tmp_path, capsys):
    source = tmp_path / "a.onnx"
    onnx_decoder(source, channels=5)
    assert fuse(source, tmp_path / "b.onnx") == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
