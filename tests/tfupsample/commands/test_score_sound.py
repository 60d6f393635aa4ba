"""`tfupsample score` of WAV files, good and bad."""

import io
import json

import numpy as np
import pytest
from scipy.io import wavfile

from tfupsample import cli
from tfupsample.errors import UnusableInput
from tfupsample.sounds.files import read_sound

RATE = 8000


def whistle(rng, amplitude=0.05):
    """Noise with tones at the multiples of 125 Hz, period 64."""
    time = np.arange(2 * RATE)
    tones = sum(np.cos(2 * np.pi * k * time / 64 + k) for k in range(1, 32))
    return 0.1 * rng.normal(size=len(time)) + amplitude * tones


def write(path, wave, dtype="int16"):
    if dtype != "float32":
        wave = np.clip(wave, -1, 1) * np.iinfo(dtype).max
    wavfile.write(path, RATE, wave.astype(dtype))
    return path


def test_files_and_folders_are_scored(rng, tmp_path, capsys):
    write(tmp_path / "whistle.wav", whistle(rng))
    write(tmp_path / "clean.WAV", whistle(rng, 0))
    assert cli.main(["score", str(tmp_path), "--json"]) == 0
    clean, whistled = json.loads(capsys.readouterr().out)["files"]
    assert whistled["period"] == 64
    assert whistled["prominence_db"] > 10
    assert clean["prominence_db"] < 3
    assert cli.main(["score", str(tmp_path), "--period", "64"]) == 0
    assert "125.0" in capsys.readouterr().out


def test_figure_is_a_picture(rng, tmp_path, capsys):
    path = write(tmp_path / "whistle.wav", whistle(rng))
    figure = tmp_path / "lines.png"
    assert cli.main(["score", str(path), f"--figure={figure}"]) == 0
    assert figure.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("dtype", ["int16", "int32", "float32"])
def test_every_format_is_read(rng, tmp_path, dtype):
    wave = np.clip(whistle(rng), -1, 1)
    stereo = np.stack([wave, -wave], axis=-1)
    sound = read_sound(write(tmp_path / "a.wav", stereo, dtype))
    assert sound.rate == RATE
    np.testing.assert_allclose(sound.wave, stereo, atol=1e-4)


def hostile(rng):
    """Files that are no sound, or promise more than they hold."""
    stream = io.BytesIO()
    wavfile.write(stream, RATE, whistle(rng).astype("float32"))
    good = stream.getvalue()
    silent = io.BytesIO()
    wavfile.write(silent, RATE, np.zeros(RATE, "int16"))
    nan = io.BytesIO()
    wavfile.write(nan, RATE, np.full(RATE, np.nan, "float32"))
    short = io.BytesIO()
    wavfile.write(short, RATE, np.ones(9, "int16"))
    return {
        "empty": b"",
        "text": b"This is no sound.",
        "header": good[:20],
        "format": good[:20] + b"\xff" * 16 + good[36:],
        "silent": silent.getvalue(),
        "nan": nan.getvalue(),
        "short": short.getvalue(),
    }


def test_bad_files_are_named_and_left_out(rng, tmp_path, capsys):
    good = write(tmp_path / "good.wav", whistle(rng))
    for name, content in hostile(rng).items():
        path = tmp_path / f"{name}.wav"
        path.write_bytes(content)
        assert cli.main(["score", str(path)]) == 2, name
        said = capsys.readouterr().err
        assert str(path) in said and said.count("\n") == 1, said
        assert cli.main(["score", str(good), str(path)]) == 1
        assert "Left out:" in capsys.readouterr().err


def test_samples_that_are_promised_are_not_made(rng, tmp_path):
    """A size of 4 GiB in the header of a small file."""
    path = write(tmp_path / "good.wav", whistle(rng))
    content = bytearray(path.read_bytes())
    at = content.index(b"data") + 4
    content[at : at + 4] = b"\xf0\xff\xff\xff"
    path.write_bytes(content)
    try:
        assert len(read_sound(path).wave) <= 2 * RATE
    except UnusableInput as error:
        assert str(path) in str(error)


def test_what_is_for_pictures_is_refused(rng, tmp_path, capsys):
    path = str(write(tmp_path / "good.wav", whistle(rng)))
    assert cli.main(["score", path, "--against", str(tmp_path)]) == 2
    assert "--against compares pictures" in capsys.readouterr().err
    assert cli.main(["score", path + "x", "--figure=a.png"]) == 2
    assert cli.main(["score", str(tmp_path / "none.wav")]) == 2
