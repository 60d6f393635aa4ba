"""config.json: what a run was started with."""

import dataclasses
import hashlib
import json
import sys

import numpy as np

from tfupsample.model_files.atomic import write_json
from train.engine.options import UsageError
from train.engine.versions import source_commit, versions


class SettingsFile:
    """The settings, command, versions and pictures of a run.

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
            "command": sys.argv,
            "versions": versions(),
            "commit": source_commit(),
        }
        if "pictures" in written:
            self._contents["pictures"] = written["pictures"]
        write_json(self.path, self._contents)

    def expect_pictures(self, pictures):
        """Records the pictures of a run; refuses others than the recorded ones.

        Args:
            pictures: The arrays that the run learns from.

        Raises:
            UsageError: if the run began with other pictures.
        """
        here = fingerprint(pictures)
        there = self._contents.setdefault("pictures", here)
        if there != here:
            raise UsageError(
                f"The pictures changed since the run in {self.path.parent} "
                f"began: it learned from {_words(there)}, and now there are "
                f"{_words(here)}. Bring back the former pictures, or choose "
                "another --workdir."
            )
        write_json(self.path, self._contents)

    def _read(self):
        """Returns the contents; older versions wrote no pictures."""
        try:
            contents = json.loads(self.path.read_text())
            contents["trainer"], {**contents["config"]}
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


def fingerprint(pictures):
    """Returns the number of arrays, and a hash of their sizes and contents.

    Args:
        pictures: The arrays, in their order.

    Returns:
        `{"count": int, "sha256": str}`.
    """
    digest = hashlib.sha256()
    for picture in pictures:
        picture = np.ascontiguousarray(picture)
        digest.update(f"{picture.dtype}{picture.shape}".encode())
        digest.update(picture.data)
    return {"count": len(pictures), "sha256": digest.hexdigest()}


def _words(fingerprint):
    return f"{fingerprint['count']} pictures ({fingerprint['sha256'][:12]})"
