"""Files and folders that appear complete or not at all."""

import contextlib
import os
import pathlib
import tempfile


@contextlib.contextmanager
def new_path(path):
    """Yields a path to write to; what was written there then becomes `path`.

    A file or folder that stood at `path` stays until the new one is complete,
    and stays for good if the block raises.

    Args:
        path: Of a file or a folder, whose parent exists.
    """
    path = pathlib.Path(path)
    # A folder of its own, as exporters insist on the suffix of their format.
    with tempfile.TemporaryDirectory(
        prefix=f".partial-{path.name}-", dir=path.parent
    ) as beside:
        partial = pathlib.Path(beside) / path.name
        yield partial
        _sync(partial)
        if path.is_dir() and not path.is_symlink():
            os.replace(path, pathlib.Path(beside) / "replaced")
        os.replace(partial, path)


@contextlib.contextmanager
def new_file(path):
    """Yields a binary file to write; what was written then becomes `path`.

    Args:
        path: Of a file whose parent exists.
    """
    with new_path(path) as partial, open(partial, "wb") as file:
        yield file


def _sync(path):
    """Waits until a file is on the disk: a rename may get there before it."""
    if path.is_file():
        with open(path, "rb") as file:
            os.fsync(file.fileno())
