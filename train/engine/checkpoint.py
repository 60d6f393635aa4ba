"""Checkpoints: the whole state of a training, written all or nothing.

A checkpoint is written after each epoch, and after a step when a run is told to
stop. It holds every variable of the model, its seeds and its optimizer. As the
order of the batches depends on seed and epoch alone, a resumed run repeats an
undisturbed one. The files are those of `numpy.savez`; reading verifies the
checksum of each array. Arrays are keyed by the paths of the variables (`keys`),
so that the order in which a model lists its variables does not matter.
"""

import collections
import pathlib
import re
import sys
from typing import NamedTuple

import numpy as np

from tfupsample.model_files.atomic import new_file

KEPT = 3
_NAME = re.compile(r"epoch_(\d+)(?:_step_(\d+))?\.npz")
_NUMBER = re.compile(r"_\d+(?=[_/]|$)")


class Position(NamedTuple):
    """The position of a training.

    Attributes:
        epoch: Number of finished epochs.
        step: Number of finished steps of the next epoch.
    """

    epoch: int
    step: int


class UnusableCheckpoints(Exception):
    """A checkpoint cannot be used; the message is for the user."""


def variables(model):
    """Returns the variables of a compiled model and of its optimizer."""
    return [*model.variables, *model.optimizer.variables]


def keys(variables):
    """Returns a key for each variable: its path, made unique.

    Keras numbers layers in the order in which a process makes them: `dense_7`.
    As that depends on what was made before, the numbers are left out. Variables
    that then share a path are told apart by `#1`, `#2` and so on after the
    first, in the order of the numbers; those of the same full path in the order
    in which they come.
    """
    numbered = sorted(variables, key=lambda v: _words(v.path))
    found, seen = {}, collections.Counter()
    for variable in numbered:
        path = _NUMBER.sub("", variable.path)
        found[id(variable)] = f"{path}#{seen[path]}" if seen[path] else path
        seen[path] += 1
    return [found[id(variable)] for variable in variables]


def _words(path):
    """Returns what sorts paths by the numbers in them: 9 before 10."""
    return [
        (word.isdecimal(), int(word) if word.isdecimal() else 0, word)
        for word in re.split("[_/]", path)
    ]


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
    state = variables(model)
    arrays = dict(zip(keys(state), map(np.asarray, state), strict=True))
    with new_file(path) as file:
        np.savez(file, **arrays)
    for old in paths(folder)[:-KEPT]:
        old.unlink()
    return path


def paths(folder):
    """Returns the checkpoints in a folder, the newest last.

    Files with other names, such as copies, are none; nor are folders or pipes.
    """
    found = pathlib.Path(folder).glob("epoch_*.npz")
    return sorted((p for p in found if _match(p) and p.is_file()), key=position)


def position(path):
    """Returns the `Position` at which a checkpoint was written."""
    epoch, step = _match(path).groups(default=0)
    return Position(int(epoch), int(step))


def _match(path):
    return _NAME.fullmatch(path.name)


def restore_latest(model, folder):
    """Sets a model to the newest checkpoint that can be read and fits it.

    Checkpoints that are damaged or belong to another model are named on
    standard error and passed over.

    Args:
        model: A compiled and built `keras.Model`.
        folder: The folder of the checkpoints, which need not exist.

    Returns:
        The path of the checkpoint, or `None` if there are none.

    Raises:
        UnusableCheckpoints: if there are checkpoints, but none can be used.
    """
    found = paths(folder)
    for path in reversed(found):
        try:
            _restore(model, read(path))
            return path
        except UnusableCheckpoints as error:
            print(f"{path} {error}.", file=sys.stderr)
    if found:
        raise UnusableCheckpoints(
            f"No checkpoint in {folder} can be used. Choose another --workdir, "
            "or delete that folder to start over."
        )
    return None


def read(path):
    """Returns the arrays of a checkpoint by their keys.

    Raises:
        UnusableCheckpoints: if the file is damaged or of another kind; the
            message goes on from its path.
    """
    try:
        with open(path, "rb") as file:  # closed whatever it holds
            arrays = np.load(file, allow_pickle=False)
            return {name: arrays[name] for name in arrays.files}
    # Numpy, zipfile and zlib fail in many ways on a damaged file.
    except Exception as error:
        reason = str(error) or type(error).__name__
        raise UnusableCheckpoints(f"is damaged ({reason})") from error


def _restore(model, arrays):
    """Sets the state of a compiled and built model, all or nothing."""
    state = variables(model)
    names = keys(state)
    if "00000" in arrays:  # keyed by position, as older versions did
        names = [f"{i:05d}" for i in range(len(state))]
    if arrays.keys() != {*names} or not all(
        _fits(arrays[name], v) for name, v in zip(names, state)
    ):
        raise UnusableCheckpoints("belongs to another model or configuration")
    for name, variable in zip(names, state):
        variable.assign(arrays[name])


def _fits(array, variable):
    # The backends count steps in integers of different sizes.
    return array.shape == tuple(variable.shape) and array.dtype.kind in "biuf"
