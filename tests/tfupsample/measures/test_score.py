import json
import os

import numpy as np
import pytest
from deep_png import write_png
from photographs import checkerboard, crops, to_8_bit
from PIL import Image

from tfupsample.cli import main
from tfupsample.measures.artifacts import coherent_score, variance_ratio
from tfupsample.measures.pattern import pattern_strength
from tfupsample.measures.score import score_images
from tfupsample.measures.score_results import PERIODS


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


def test_bad_files_among_good_ones_are_left_out(planted, tmp_path, capsys):
    """A pipe in the folder is not even opened: reading would wait for ever."""
    (tmp_path / "planted" / "broken.png").write_bytes(b"no picture")
    os.mkfifo(tmp_path / "planted" / "pipe.png")
    assert main(["score", planted, "--json"]) == 1
    out, err = capsys.readouterr()
    assert len(json.loads(out)["files"]) == 12
    assert err == f"Left out: {tmp_path}/planted/broken.png is not a picture.\n"


def test_names_of_files_cannot_move_the_cursor(photos, tmp_path, capsys):
    folder = save(tmp_path / "a\x1b[2J", photos[:1])
    (tmp_path / "a\x1b[2J" / "b\r.png").touch()
    assert main(["score", folder, "--against", folder]) == 1
    shown = capsys.readouterr()
    assert "\\x1b[2J" in shown.out
    assert "b\\r.png is not a picture" in shown.err
    assert not set("\x1b\r") & set(shown.out + shown.err)


def test_the_status_is_explained(capsys):
    with pytest.raises(SystemExit):
        main(["score", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert "Status: 0 all pictures were measured, 1 some could not" in text


@pytest.mark.parametrize("channels", [1, 3])
def test_sixteen_bits_score_as_eight(rng, tmp_path, channels, capsys):
    """Neither clipped to white nor weighted 257 times in a set."""
    images = crops(rng, 4, 64)[..., :channels]
    images = to_8_bit(images + 0.02 * 255 * checkerboard(4, 64))
    if channels == 1:
        images = images[..., 0]
    folders = []
    for name, write in (
        ("8", lambda path, pixels: Image.fromarray(pixels).save(path)),
        ("16", lambda path, pixels: write_png(path, pixels * np.uint16(257))),
    ):
        (tmp_path / name).mkdir()
        folders.append(str(tmp_path / name))
        for i, image in enumerate(images):
            write(tmp_path / name / f"{i}.png", image)
    report = scores(capsys, folders[1], "--against", folders[0])
    assert report["pooled"]["period"] == 4
    for measures in (report["pooled"], report["against"]["pooled"]):
        assert measures["measures"]["4"]["strength_db"] > 3
    for difference in report["against"]["difference"].values():
        assert difference["strength_db"] == pytest.approx(0, abs=1e-3)
    assert report["against"]["spectral_distance_db"] < 1e-3


def test_arrays_are_scored_one_by_one_and_together(photos):
    images = to_8_bit(photos[:3])
    result = score_images(iter(images), (2, 4), against=images[::-1])
    assert [score.height for score in result.images] == [64] * 3
    assert result.pooled.count == result.against.pooled.count == 3
    strengths = [score.strength_db[4] for score in result.images]
    np.testing.assert_allclose(strengths, pattern_strength(images, 4))
    assert result.pooled.measures[4].strength_db == np.mean(strengths)
    assert result.pooled.measures[2].coherent == coherent_score(images, 2)
    difference = result.against.difference[2]
    assert difference.prominence_db == pytest.approx(0, abs=1e-9)
    assert result.against.spectral_distance_db == 0


def test_images_of_several_sizes_share_their_periods_and_corner(rng):
    images = [rng.normal(size=(n, 140, 1)) for n in (64, 130)]
    result = score_images(images)
    assert set(result.images[1].strength_db) == set(PERIODS)
    assert 16 not in result.pooled.measures
    corners = np.stack([image[:64] for image in images]).astype("float32")
    ratio = result.pooled.measures[2].variance_ratio
    assert ratio == variance_ratio(corners, 2)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["nowhere"], "nowhere does not exist."),
        (["empty"], "There are no PNG, JPEG, WebP or BMP files in empty."),
        (["broken.png"], "broken.png is not a picture."),
        (["broken.png", "nowhere"], "broken.png is not a picture. (and 1 more"),
        (["clean", "--period", "16"], "too small for period 16: it has 64x64 "),
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
