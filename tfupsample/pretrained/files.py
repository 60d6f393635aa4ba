"""Compares the folder of a trained model with what the index says of it."""

import hashlib
import os
import stat

from tfupsample.errors import UnusableInput

_SHOWN = 4  # files of each fault that a message names


def verify(folder, files):
    """Raises unless a folder holds just these files, bit for bit.

    Nothing is interpreted, and no link is followed.

    Args:
        folder: A `pathlib.Path`.
        files: `pretrained_index.File` by path inside the folder.

    Raises:
        UnusableInput: names what is missing, does not belong there or differs.
    """
    try:
        found = dict(_regular(folder))
        faults = {
            "missing": sorted(files.keys() - found.keys()),
            "not of the model": sorted(found.keys() - files.keys()),
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
            "it and install or download it again."
        )


def refuse_links(folder):
    """Raises if a folder is or holds anything but files and folders.

    Raises:
        UnusableInput: Writing into it could write elsewhere.
    """
    strange = [path for path, size in _regular(folder) if size is None]
    if strange:
        raise UnusableInput(
            f"{folder} holds links or devices ({_some(strange)}). Delete it."
        )


def _regular(folder, prefix=""):
    """Paths and sizes of the files; what is no file has no size."""
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
