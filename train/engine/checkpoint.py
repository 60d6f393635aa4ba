"""Checkpoints: the whole state of a training, written all or nothing.

A checkpoint is taken between epochs, or between steps where a run is told to
stop, and holds every variable of the model, its seeds, and of its optimizer.
Together with an order of batches that depends on seed and epoch alone, a
resumed run repeats an undisturbed one. The files are those of `numpy.savez`;
each array in them has a checksum, which reading verifies.
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
    """How far a training is.

    Attributes:
        epoch: Epochs done.
        step: Steps done of the epoch after these.
    """

    epoch: int
    step: int


class DamagedCheckpoints(Exception):
    """No checkpoint can be read; the message is for the user."""


def variables(model):
    """Returns all state of a compiled model, in the order of its creation."""
    return [*model.variables, *model.optimizer.variables]


def save(model, folder, epoch, step=0):
    """Writes the state at a position and drops all but the last three.

    Args:
        model: A compiled and built `keras.Model`.
        folder: Where checkpoints of this run lie; made if missing.
        epoch: Epochs done.
        step: Steps done of the next epoch.

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
    """Returns the `Position` that a checkpoint was taken at."""
    match = re.fullmatch(r"epoch_(\d+)(?:_step_(\d+))?\.npz", path.name)
    return Position(int(match[1]), int(match[2] or 0))


def latest(folder):
    """Returns the newest checkpoint that can be read, with its arrays.

    Damaged ones are named on standard error.

    Args:
        folder: Where checkpoints of a run lie, or will.

    Returns:
        `(path, arrays)`, or `(None, None)` if there are no checkpoints.

    Raises:
        DamagedCheckpoints: if there are some and none can be read.
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
            "start anew."
        )
    return None, None


def restore(model, path, arrays):
    """Sets the state of a compiled and built model.

    Args:
        model: The model.
        path: Of the checkpoint, for the message.
        arrays: What it holds, from `latest`.

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
