"""Reads WAV files of any origin."""

import dataclasses
import io
import os
import pathlib
import warnings

import numpy as np
from scipy.io import wavfile

from tfupsample.errors import UnusableInput

SUFFIX = ".wav"
_MOST_BYTES = 2**30


@dataclasses.dataclass(frozen=True)
class Sound:
    """A sound in memory.

    Attributes:
        wave: float64 `(samples, channels)`, in [-1, 1] if the file holds
            integers.
        rate: Samples per second.
    """

    wave: np.ndarray
    rate: int


def list_sounds(folder: str | os.PathLike) -> list[pathlib.Path]:
    """Lists the WAV files in a folder and its subfolders, sorted by path."""
    return sorted(
        path
        for path in pathlib.Path(folder).rglob("*")
        if path.suffix.lower() == SUFFIX
        and not path.name.startswith(".")
        and path.is_file()
    )


def read_sound(path: str | os.PathLike) -> Sound:
    """Returns the `Sound` of a WAV file: integers, or floating point.

    Raises:
        UnusableInput: if it is no readable WAV file, holds no samples or such
            as are not finite, or is larger than 1 GiB.
    """
    rate, samples = _decoded(path, _content(path))
    wave = _scaled(samples)
    if wave.ndim == 1:
        wave = wave[:, None]
    if not wave.size or rate < 1:
        raise UnusableInput(f"{path} holds no samples.")
    if not np.isfinite(wave).all():
        raise UnusableInput(f"{path} holds samples that are not finite.")
    return Sound(wave, int(rate))


def _content(path):
    try:
        if os.path.getsize(path) > _MOST_BYTES:
            raise UnusableInput(f"{path} is larger than 1 GiB.")
        return pathlib.Path(path).read_bytes()
    except OSError as error:
        raise UnusableInput(
            f"{path} cannot be read: {error.strerror}."
        ) from error


def _decoded(path, content):
    """Returns rate and samples as the file has them.

    Read from memory, so that no more samples can be promised than there are.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", wavfile.WavFileWarning)
            return wavfile.read(io.BytesIO(content))
    # On damaged files SciPy fails in many ways.
    except Exception as error:
        raise UnusableInput(
            f"{path} is not a readable WAV file: {error or repr(error)}."
        ) from error


def _scaled(samples):
    if samples.dtype.kind == "f":
        return samples.astype("float64")
    if samples.dtype == "uint8":  # the one unsigned format of WAV files
        return samples / 128.0 - 1.0
    return samples / (np.iinfo(samples.dtype).max + 1.0)
