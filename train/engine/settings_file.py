"""config.json: what a run was started with, each time that it was."""

import dataclasses
import hashlib
import json

import numpy as np

from tfupsample.model_files.atomic import write_json
from train.engine.options import UsageError
from train.engine.versions import provenance

_PROVENANCE = ("command", "versions", "commit")
_LEARNED = ("pictures", "labels")


class SettingsFile:
    """The settings, provenance and pictures of a run.

    `command`, `versions` and `commit` are those of the last start, `earlier`
    lists those of the earlier ones, the first at the top.

    Args:
        path: The file, a `pathlib.Path`.
    """

    def __init__(self, path):
        self.path = path
        self._contents = {}

    def begin(self, trainer, config, resumed):
        """Writes the settings of a run, unless it began with others.

        Args:
            trainer: Name of the trainer.
            config: The settings, a `BasicConfig`.
            resumed: Whether the folder holds more of a run than its settings.

        Raises:
            UsageError: if the run to resume has other settings, or the file is
                damaged.
        """
        written = {}
        if resumed and self.path.exists():
            written = self._read()
            self._refuse_other(written, trainer, config)
        self._contents = {
            "trainer": trainer,
            "config": dataclasses.asdict(config),
            **provenance(),
            "earlier": _starts(written),
        }
        kept = {key: written[key] for key in _LEARNED if key in written}
        self._contents |= kept
        write_json(self.path, self._contents)

    def expect_pictures(self, pictures, labels=None, classes=()):
        """Records what a run learns from; refuses other than the recorded.

        Args:
            pictures: The arrays that the run learns from.
            labels: The class of each, as an array, if it learns classes.
            classes: The names of the classes.

        Raises:
            UsageError: if the run began with other pictures or labels.
        """
        self._expect("pictures", fingerprint(pictures))
        if classes:
            named = {"classes": [*classes]}
            self._expect("labels", fingerprint(labels) | named)
        write_json(self.path, self._contents)

    def _expect(self, what, here):
        there = self._contents.setdefault(what, here)
        if there != here:
            raise UsageError(
                f"The {what} changed since the run in {self.path.parent} "
                f"began: it learned from {_words(what, there)}, and now there "
                f"are {_words(what, here)}. Bring back the former {what}, or "
                "choose another --workdir."
            )

    def _read(self):
        """Returns the contents; older versions wrote less."""
        try:
            contents = json.loads(self.path.read_text())
            contents["trainer"], {**contents["config"]}, _starts(contents)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise UsageError(
                f"{self.path} is damaged ({type(error).__name__}: {error}). "
                "Choose another --workdir; or delete that file to resume with "
                "the settings given here."
            ) from error
        return contents

    def _refuse_other(self, written, trainer, config):
        # An older version may lack settings, or have some that are gone.
        fields = dataclasses.fields(config)
        defaults = {field.name: field.default for field in fields}
        old = defaults | written["config"] | {"trainer": written["trainer"]}
        new = {"trainer": trainer} | {
            field.name: getattr(config, field.name)
            for field in fields
            if not config.may_differ(field)
        }
        differing = [
            f"{name}: {old[name]!r} there, {value!r} here"
            for name, value in sorted(new.items())
            if old[name] != value
        ]
        if differing:
            raise UsageError(
                f"{self.path.parent} holds a run with other settings "
                f"({'; '.join(differing)}). Choose another --workdir or delete "
                "that folder."
            )


def _starts(contents):
    """Returns the provenance of each start that a file tells of."""
    last = {k: contents[k] for k in _PROVENANCE if k in contents}
    return [*contents.get("earlier", []), *([last] if last else [])]


def fingerprint(arrays):
    """Returns the number of arrays, and a hash of their sizes and contents.

    Args:
        arrays: The arrays, in their order.

    Returns:
        `{"count": int, "sha256": str}`.
    """
    digest = hashlib.sha256()
    for array in arrays:
        array = np.ascontiguousarray(array)
        digest.update(f"{array.dtype}{array.shape}".encode())
        digest.update(array.data)
    return {"count": len(arrays), "sha256": digest.hexdigest()}


def _words(what, recorded):
    classes = ", ".join(recorded.get("classes", ()))
    named = f" of {classes}" if classes else ""
    return f"{recorded['count']} {what}{named} ({recorded['sha256'][:12]})"
