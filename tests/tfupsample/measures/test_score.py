import json

import numpy as np
import pytest
from photographs import checkerboard, crops, to_8_bit
from PIL import Image

from tfupsample.cli import main


def save(folder, images, suffix="png"):
    folder.mkdir()
    for i, image in enumerate(to_8_bit(images)):
        Image.fromarray(image).save(folder / f"{i}.{suffix}", quality=98)
    return str(folder)


@pytest.fixture
def photos(rng):
    return crops(rng, 12, 64)


@pytest.fixture
def clean(photos, tmp_path):
    return save(tmp_path / "clean", photos)


@pytest.fixture
def planted(rng, tmp_path):
    images = crops(rng, 12, 64) + 0.02 * 255 * checkerboard(4, 64)
    return save(tmp_path / "planted", images)


def scores(capsys, *arguments):
    assert main(["score", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_period_is_found(planted, capsys):
    report = scores(capsys, planted)
    assert len(report["files"]) == 12
    assert report["pooled"]["period"] == 4
    assert report["pooled"]["significance"] > 5
    found = [file["period"] for file in report["files"]]
    assert np.mean(np.equal(found, 4)) > 0.7
    assert list(report["files"][0]["strength_db"]) == list("234568")
    assert report["files"][0]["width"] == 64


def test_clean_pictures_score_nothing(clean, capsys):
    report = scores(capsys, clean)
    assert report["pooled"]["significance"] < 1.5


def test_a_wanted_period_is_the_only_one(planted, capsys):
    report = scores(capsys, "--period", "2", planted, "--period", "7")
    assert list(report["pooled"]["measures"]) == ["2", "7"]
    assert abs(report["pooled"]["significance"]) < 2


def test_real_pictures_show_what_differs(planted, clean, capsys):
    against = scores(capsys, planted, "--against", clean)["against"]
    assert against["count"] == 12
    assert against["difference"]["4"]["strength_db"] > 5
    assert against["difference"]["4"]["prominence_db"] > 3
    assert abs(against["difference"]["3"]["strength_db"]) < 1.5
    assert 0 < against["spectral_distance_db"] < 10
    same = scores(capsys, clean, "--against", clean)["against"]
    assert same["spectral_distance_db"] == 0
    assert set(same["difference"]["2"].values()) == {0}


@pytest.mark.parametrize("suffix", ["jpg", "webp", "JPEG"])
def test_other_formats_are_read(photos, tmp_path, suffix, capsys):
    folder = save(tmp_path / "photos", photos[:2], suffix)
    (tmp_path / "photos" / "notes.txt").write_text("no picture")
    assert len(scores(capsys, folder)["files"]) == 2


def test_grey_pictures_of_several_sizes(photos, tmp_path, capsys):
    for size in (64, 130):
        grey = Image.fromarray(to_8_bit(photos)[0]).convert("L")
        grey.resize((size, 140)).save(tmp_path / f"{size}.png")
    report = scores(capsys, str(tmp_path))
    assert "16" in report["files"][0]["strength_db"]  # 130.png is the first
    assert "16" not in report["pooled"]["measures"]


def test_the_table_holds_the_same_numbers(planted, clean, capsys):
    report = scores(capsys, planted, "--against", clean)
    assert main(["score", planted, "--against", clean]) == 0
    text = capsys.readouterr().out
    assert "Strongest: period 4 (+" in text
    assert f"{report['files'][3]['strength_db']['4']:.2f}" in text
    prominence = report["against"]["difference"]["4"]["prominence_db"]
    assert f"{prominence:.2f}" in text
    assert f"{report['against']['spectral_distance_db']:.2f} dB" in text


def test_a_bad_file_among_good_ones_is_left_out(planted, tmp_path, capsys):
    (tmp_path / "planted" / "broken.png").write_bytes(b"no picture")
    assert main(["score", planted, "--json"]) == 0
    out, err = capsys.readouterr()
    assert len(json.loads(out)["files"]) == 12
    assert err == f"Left out: {tmp_path}/planted/broken.png is no picture.\n"


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["nowhere"], "nowhere does not exist."),
        (["empty"], "There are no PNG, JPEG or WebP files in empty."),
        (["broken.png"], "broken.png is no picture."),
        (["broken.png", "nowhere"], "broken.png is no picture. (and 1 more"),
        (["clean", "--period", "16"], "too small for period 16: 64x64 pixels,"),
        (["clean", "--against", "empty"], "There are no PNG"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_sentence(
    clean, tmp_path, monkeypatch, arguments, message, capsys
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.png").write_bytes(b"\x89PNG")
    assert main(["score", *arguments]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert message in err
    assert err.count("\n") == 1
