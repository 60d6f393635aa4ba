"""Which version of the code a run was made by."""

import pathlib
import subprocess


def source_commit(folder=pathlib.Path(__file__).parent):
    """Returns the git commit of a checkout, or `None` where there is none.

    A `+` after it says that files differ from the commit.

    Args:
        folder: In the checkout; that of this code by default.
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
        # Installed into someone's environment, it is no file of their checkout.
        git("ls-files", "--error-unmatch", ".")
        changed = git("status", "--porcelain", "--untracked-files=no")
        return git("rev-parse", "HEAD") + ("+" if changed else "")
    except (OSError, subprocess.SubprocessError):
        return None
