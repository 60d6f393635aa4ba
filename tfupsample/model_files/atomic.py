"""Writes files and folders that appear complete or not at all."""

import contextlib
import errno
import json
import os
import pathlib
import tempfile
from collections.abc import Iterator
from typing import Any, BinaryIO

_FAILURES = (
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG),
    *(errno.EROFS, errno.EACCES, errno.EIO),
)


@contextlib.contextmanager
def new_path(path: str | os.PathLike) -> Iterator[pathlib.Path]:
    """Yields a path to write to; what was written there then becomes `path`.

    The path lies in a hidden folder of its own beside `path` and has the same
    name, because exporters insist on the suffix of their format. What was at
    `path` stays until the new file or folder is complete and on the disk, and
    stays for good if the block raises. A file never replaces a folder, nor a
    folder a file. If `path` is a symbolic link, its target is replaced.

    Args:
        path: The file or folder to write, whose parent exists.

    Raises:
        OSError: if it cannot be written.
    """
    path = pathlib.Path(path)
    target = pathlib.Path(os.path.realpath(path))
    if target.exists() and not (target.is_file() or target.is_dir()):
        raise FileExistsError(f"{path} is neither a file nor a folder")
    with _folder_beside(target) as beside:
        partial = beside / path.name
        with _failures_of_disk(path):
            yield partial
        _sync(partial)
        _replace(partial, target, beside / "replaced" / path.name)
        _sync_folder(target.parent)


@contextlib.contextmanager
def new_file(path: str | os.PathLike) -> Iterator[BinaryIO]:
    """Yields a binary file to write; what was written then becomes `path`.

    Args:
        path: The file to write, whose parent exists.

    Raises:
        OSError: if it cannot be written.
    """
    with new_path(path) as partial, open(partial, "wb") as file:
        yield file


def write_text(path: str | os.PathLike, text: str) -> None:
    """Writes a file of UTF-8 text, all or nothing.

    Args:
        path: The file to write, whose parent exists.
        text: The text of the file.

    Raises:
        OSError: if it cannot be written.
    """
    with new_file(path) as file:
        file.write(text.encode("utf-8"))


def write_json(path: str | os.PathLike, value: Any) -> None:
    """Writes a file of JSON, all or nothing.

    Args:
        path: The file to write, whose parent exists.
        value: A value that `json.dumps` takes.

    Raises:
        OSError: if it cannot be written.
    """
    write_text(path, json.dumps(value, indent=1) + "\n")


@contextlib.contextmanager
def _failures_of_disk(path):
    """Turns what libraries raise when the disk fails into `OSError`.

    TensorFlow and HDF5 have errors of their own, which quote the system's.
    """
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        for number in _FAILURES:
            if os.strerror(number) in str(error):
                reason = os.strerror(number)
                raise OSError(number, reason, str(path)) from error
        raise


@contextlib.contextmanager
def _folder_beside(path):
    """Yields a new folder on the same disk, which is removed at the end."""
    try:
        # If only the clean-up fails, the new file is in its place nevertheless.
        folder = tempfile.TemporaryDirectory(
            prefix=".partial-", dir=path.parent, ignore_cleanup_errors=True
        )
    except OSError as error:
        raise type(error)(error.errno, error.strerror, str(path)) from error
    with folder as name:
        yield pathlib.Path(name)


def _replace(partial, path, replaced):
    """Moves a file or folder to its place; on failure the old one returns."""
    if not (partial.is_dir() and path.is_dir()):
        os.replace(partial, path)
        return
    # A folder with anything in it cannot be replaced in one step.
    replaced.parent.mkdir()
    os.replace(path, replaced)
    try:
        os.replace(partial, path)
    except BaseException:
        os.replace(replaced, path)
        raise


def _sync(path):
    """Waits until all is on the disk, since a rename may get there first."""
    if not path.is_dir():
        with open(path, "rb") as file:
            os.fsync(file.fileno())
        return
    for inside in path.iterdir():
        _sync(inside)
    _sync_folder(path)


def _sync_folder(path):
    # Not every file system can sync a folder; without it only time is lost.
    with contextlib.suppress(OSError):
        number = os.open(path, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
