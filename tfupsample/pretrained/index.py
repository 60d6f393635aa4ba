"""The index of trained models: a description and file hashes of each."""

import dataclasses
import json
import re

from tfupsample.errors import UnusableInput

FORMAT = 1
KINDS = (
    "generator",
    "reconstruction",
    "super_resolution",
    "style",
    "classifier",
    "segmentation",
)
MAX_INDEX_BYTES = 4 << 20
MAX_MODEL_BYTES = 256 << 20

_NAME = re.compile(r"[a-z0-9][a-z0-9_]{0,63}")
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*")
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclasses.dataclass(frozen=True)
class File:
    """The published size and hash of a file.

    Attributes:
        size: The number of bytes.
        sha256: The SHA-256, 64 hexadecimal digits.
    """

    size: int
    sha256: str


@dataclasses.dataclass(frozen=True)
class Entry:
    """A trained model.

    Attributes:
        name: The name of the model.
        kind: One of `KINDS`.
        files: A `File` for each path inside the folder of the model, with `/`
            as the separator.
        function: The path of the function that builds the architecture, such
            as `models.dcgan.generator`.
        arguments: The arguments of that function.
        card: The whole entry, as `json` read it.
    """

    name: str
    kind: str
    files: dict
    function: str
    arguments: dict
    card: dict

    @property
    def size(self):
        """The number of bytes of all files."""
        return sum(file.size for file in self.files.values())


def check_name(name):
    """Raises `UnusableInput` unless a model may have this name."""
    if not _NAME.fullmatch(name):
        raise UnusableInput(
            "The name of a model has up to 64 lower-case letters, digits and "
            "underscores, and begins with a letter or digit. "
            f"Received: {name!r}"
        )


def read_index(path):
    """Returns the entries of an index file, by name.

    Args:
        path: A `pathlib.Path`.

    Raises:
        UnusableInput: if the file is no index. No file that it names is opened.
    """
    try:
        with open(path, "rb") as file:
            text = file.read(MAX_INDEX_BYTES + 1)
    except OSError as error:
        raise UnusableInput(f"{path} cannot be read: {error}") from error
    if len(text) > MAX_INDEX_BYTES:
        raise UnusableInput(f"{path} is larger than {MAX_INDEX_BYTES} bytes.")
    try:
        index = json.loads(text, object_pairs_hook=_unique)
        _expect(index.get("format") == FORMAT, "format", FORMAT)
        return {name: _entry(name, c) for name, c in index["models"].items()}
    # Bad text shows as any of these; too deep nesting as the last.
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
    ) as error:
        raise UnusableInput(
            f"{path} is no index of trained models: "
            f"{type(error).__name__}: {str(error)[:200]}"
        ) from error


def _unique(pairs):
    names = [name for name, _ in pairs]
    twice = sorted({name for name in names if names.count(name) > 1})
    _expect(not twice, f"each name, such as {twice[:1]},", "given once")
    return dict(pairs)


def _entry(name, card):
    check_name(name)
    _expect(card["kind"] in KINDS, f"kind of {name}", f"one of {KINDS}")
    files = {path: _file(path, file) for path, file in card["files"].items()}
    # Two names of one file where case does not count.
    _expect(
        len({path.lower() for path in files}) == len(files) > 0,
        f"files of {name}",
        "different",
    )
    function, arguments = (
        card["architecture"]["function"],
        card["architecture"]["arguments"],
    )
    _expect(isinstance(function, str), f"function of {name}", "text")
    _expect(isinstance(arguments, dict), f"arguments of {name}", "an object")
    entry = Entry(name, card["kind"], files, function, arguments, card)
    _expect(entry.size <= MAX_MODEL_BYTES, f"size of {name}", "256 MiB at most")
    return entry


def _file(path, file):
    """Returns a `File`; text of the index becomes a path nowhere else."""
    parts = path.split("/")
    _expect(
        len(path) <= 200 and all(map(_PART.fullmatch, parts)),
        f"path {path!r}",
        "relative, plain names separated by /",
    )
    size, digest = file["size"], file["sha256"]
    _expect(type(size) is int and size >= 0, f"size of {path}", "whole number")
    _expect(_HASH.fullmatch(digest), f"sha256 of {path}", "64 hexadecimals")
    return File(size, digest)


def _expect(condition, what, expected):
    if not condition:
        raise ValueError(f"{what} must be {expected}")
