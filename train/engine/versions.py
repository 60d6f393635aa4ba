"""What a result depends on besides the settings: command, versions, commit."""

import os
import pathlib
import platform
import subprocess
import sys

import keras
import numpy as np

from tfupsample.version import __version__


def provenance():
    """Returns the command, the versions and the commit of this process."""
    return {
        "command": sys.argv,
        "versions": versions(),
        "commit": source_commit(),
    }


def versions():
    """Returns the versions and the machine that a result depends on."""
    return {
        "tfupsample": __version__,
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
        "numpy": np.__version__,
        "python": platform.python_version(),
        "cores": os.cpu_count(),
    }


def source_commit(folder=pathlib.Path(__file__).parent):
    """Returns the git commit of a checkout, or `None` if there is none.

    A `+` at its end means that files differ from the commit.

    Args:
        folder: A folder of the checkout; by default that of this code.
    """

    def git(*arguments):
        return subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            check=True,
            text=True,
            timeout=5,
        ).stdout.strip()

    try:
        # Code installed inside a checkout of something else is not part of it.
        git("ls-files", "--error-unmatch", ".")
        changed = git("status", "--porcelain", "--untracked-files=no")
        return git("rev-parse", "HEAD") + ("+" if changed else "")
    except (OSError, subprocess.SubprocessError):
        return None
