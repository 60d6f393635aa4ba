"""Checkpoints: the whole state of a training, written all or nothing.

A checkpoint is taken between epochs and holds every variable of the model, its
seeds, and of its optimizer. Together with an order of batches that depends on
seed and epoch alone, a resumed run repeats an undisturbed one.
"""

import contextlib
import os
import pathlib
import re

import numpy as np

KEPT = 3
_NAME = "epoch_{:05d}.npz"


def variables(model):
    """Returns all state of a compiled model, in the order of its creation."""
    return [*model.variables, *model.optimizer.variables]


def save(model, folder, epoch):
    """Writes the state after `epoch` epochs and drops all but the last three.

    Args:
        model: A compiled and built `keras.Model`.
        folder: Where checkpoints of this run lie; made if missing.
        epoch: Epochs done.

    Returns:
        The path written.
    """
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _NAME.format(epoch)
    arrays = {f"{i:05d}": np.asarray(v) for i, v in enumerate(variables(model))}
    with atomic(path) as file:
        np.savez(file, **arrays)
    for old in _paths(folder)[:-KEPT]:
        old.unlink()
    return path


def latest(folder):
    """Returns `(epoch, path)` of the newest checkpoint, or `(0, None)`."""
    paths = _paths(pathlib.Path(folder))
    return (_epoch(paths[-1]), paths[-1]) if paths else (0, None)


def restore(model, path):
    """Sets the state of a compiled and built model.

    Raises:
        ValueError: if the checkpoint belongs to another model.
    """
    state = variables(model)
    with np.load(path, allow_pickle=False) as file:
        arrays = [file[name] for name in sorted(file.files)]
    if [a.shape for a in arrays] != [tuple(v.shape) for v in state]:
        raise ValueError(
            f"The checkpoint {path} belongs to another model or configuration. "
            "Choose another --workdir."
        )
    for variable, array in zip(state, arrays, strict=True):
        variable.assign(array)


@contextlib.contextmanager
def atomic(path):
    """Opens a file for bytes that appears under its name only when complete."""
    partial = path.with_name(path.name + ".partial")
    try:
        with open(partial, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _epoch(path):
    return int(re.fullmatch(r"epoch_(\d+)\.npz", path.name)[1])


def _paths(folder):
    return sorted(folder.glob("epoch_*.npz"), key=_epoch)
