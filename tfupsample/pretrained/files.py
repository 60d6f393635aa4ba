"""Compares the folder of a trained model with its entry in the index."""

import hashlib
import os
import stat

from tfupsample.errors import UnusableInput

_SHOWN = 4  # files that a message names for each fault


def verify(folder, files):
    """Raises unless a folder holds exactly these files, bit for bit.

    No file is interpreted, and no link is followed.

    Args:
        folder: A `pathlib.Path`.
        files: An `index.File` for each path inside the folder.

    Raises:
        UnusableInput: naming the files that are missing, differ, or do not
            belong there.
    """
    try:
        found = dict(_regular(folder))
        faults = {
            "missing": sorted(files.keys() - found.keys()),
            "not part of the model": sorted(found.keys() - files.keys()),
            "altered": [
                _difference(folder / path, path, files[path], found[path])
                for path in sorted(files.keys() & found.keys())
            ],
        }
    except OSError as error:
        raise UnusableInput(f"{folder} cannot be read: {error}") from error
    faults["altered"] = list(filter(None, faults["altered"]))
    words = [
        f"{what}: {_some(paths)}" for what, paths in faults.items() if paths
    ]
    if words:
        raise UnusableInput(
            f"{folder} is not as it was published ({'; '.join(words)}). Delete "
            "it and install the package again."
        )


def _regular(folder, prefix=""):
    """Yields paths and sizes of files; links and devices have no size."""
    if folder.is_symlink():
        yield prefix or ".", None
        return
    for item in os.scandir(folder):
        path = prefix + item.name
        mode = item.stat(follow_symlinks=False)
        if stat.S_ISDIR(mode.st_mode):
            yield from _regular(folder / item.name, path + "/")
        else:
            regular = stat.S_ISREG(mode.st_mode)
            yield path, mode.st_size if regular else None


def _difference(location, path, file, size):
    if size is None:
        return f"{path} is a link or device"
    if size != file.size:
        return f"{path} has {size} bytes instead of {file.size}"
    with open(location, "rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    if digest != file.sha256:
        return f"{path} has SHA-256 {digest} instead of {file.sha256}"
    return None


def _some(paths):
    more = len(paths) - _SHOWN
    return ", ".join(map(repr, paths[:_SHOWN])) + (
        f" and {more} more" if more > 0 else ""
    )
