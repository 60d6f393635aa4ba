"""Checkpoints: the whole state of a training, written all or nothing.

A checkpoint is written after each epoch, and after a step when a run is told to
stop. It holds every variable of the model, its seeds and its optimizer. As the
order of the batches depends on seed and epoch alone, a resumed run repeats an
undisturbed one. The files are those of `numpy.savez`; reading verifies the
checksum of each array.
"""

import pathlib
import re
import sys
import zipfile
import zlib
from typing import NamedTuple

import numpy as np

from tfupsample.model_files.atomic import new_file

KEPT = 3
_DAMAGED = (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error)


class Position(NamedTuple):
    """The position of a training.

    Attributes:
        epoch: Number of finished epochs.
        step: Number of finished steps of the next epoch.
    """

    epoch: int
    step: int


class DamagedCheckpoints(Exception):
    """No checkpoint can be read; the message is for the user."""


def variables(model):
    """Returns the variables of a compiled model, in a fixed order."""
    return [*model.variables, *model.optimizer.variables]


def save(model, folder, epoch, step=0):
    """Writes a checkpoint and deletes all but the last three.

    Args:
        model: A compiled and built `keras.Model`.
        folder: The folder of the checkpoints; it is made if needed.
        epoch: Number of finished epochs.
        step: Number of finished steps of the next epoch.

    Returns:
        The path written.
    """
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"epoch_{epoch:05d}" + (f"_step_{step:06d}" if step else "")
    path = folder / f"{stem}.npz"
    arrays = {f"{i:05d}": np.asarray(v) for i, v in enumerate(variables(model))}
    with new_file(path) as file:
        np.savez(file, **arrays)
    for old in paths(folder)[:-KEPT]:
        old.unlink()
    return path


def paths(folder):
    """Returns the checkpoints in a folder, the newest last."""
    return sorted(pathlib.Path(folder).glob("epoch_*.npz"), key=position)


def position(path):
    """Returns the `Position` at which a checkpoint was written."""
    match = re.fullmatch(r"epoch_(\d+)(?:_step_(\d+))?\.npz", path.name)
    return Position(int(match[1]), int(match[2] or 0))


def latest(folder):
    """Returns the newest checkpoint that can be read, with its arrays.

    Damaged checkpoints are named on standard error.

    Args:
        folder: The folder of the checkpoints, which need not exist.

    Returns:
        `(path, arrays)`, or `(None, None)` if there are no checkpoints.

    Raises:
        DamagedCheckpoints: if there are checkpoints, but none can be read.
    """
    found = paths(folder)
    for path in reversed(found):
        try:
            with open(path, "rb") as file:  # closed whatever it holds
                arrays = np.load(file, allow_pickle=False)
                return path, [arrays[name] for name in sorted(arrays.files)]
        except _DAMAGED as error:
            print(f"{path} is damaged ({error}).", file=sys.stderr)
    if found:
        raise DamagedCheckpoints(
            f"No checkpoint in {folder} can be read. Delete that folder to "
            "start over."
        )
    return None, None


def restore(model, path, arrays):
    """Sets the state of a compiled and built model.

    Args:
        model: The model.
        path: The path of the checkpoint, for the message.
        arrays: Its arrays, as returned by `latest`.

    Raises:
        ValueError: if the checkpoint belongs to another model.
    """
    state = variables(model)
    if [a.shape for a in arrays] != [tuple(v.shape) for v in state]:
        raise ValueError(
            f"The checkpoint {path} belongs to another model or configuration. "
            "Choose another --workdir."
        )
    for variable, array in zip(state, arrays, strict=True):
        variable.assign(array)
