"""Imports run downward only: the contracts in setup.cfg say so and hold it."""

import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[1]
PACKAGES = ("tfupsample", "models", "train")
RUN = "from importlinter.cli import lint_imports_command as run; run()"

# A file, the import planted in it, and what the lint must say of it.
PLANTED = (
    (
        "tfupsample/ops/fir.py",
        "import tfupsample.layers.resample",
        "tfupsample.ops is not allowed to import tfupsample.layers",
    ),
    (
        "tfupsample/pretrained/load.py",
        "import tfupsample.inspection.inspect",
        "tfupsample.pretrained is not allowed to import tfupsample.inspection",
    ),
    (
        "tfupsample/measures/border.py",
        "def late():\n    import models.dcgan",
        "tfupsample is not allowed to import models",
    ),
    (
        "train/data/images.py",
        "import train.engine.run",
        "train.data is not allowed to import train.engine",
    ),
    (
        "train/dcgan.py",
        "import train.autoencoder",
        "train.dcgan is not allowed to import train.autoencoder",
    ),
    (
        "train/traverse.py",
        "import train.dcgan",
        "train.traverse is not allowed to import train.dcgan",
    ),
)


@pytest.fixture
def copied(tmp_path):
    """The sources alone, which are small."""
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            target = tmp_path / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    shutil.copy(ROOT / "setup.cfg", tmp_path)
    return tmp_path


def lint(folder):
    return subprocess.run(
        [sys.executable, "-c", RUN, "--no-cache", "--no-logo"],
        cwd=folder,
        capture_output=True,
        text=True,
    )


def test_an_import_upward_fails_the_lint(copied):
    before = lint(copied)
    assert before.returncode == 0, before.stdout
    for name, line, _ in PLANTED:
        with (copied / name).open("a") as file:
            file.write(f"\n{line}\n")
    result = lint(copied)
    assert result.returncode == 1
    missed = [said for *_, said in PLANTED if said not in result.stdout]
    assert not missed, result.stdout


def test_a_module_outside_the_rooms_fails_the_lint(copied):
    (copied / "tfupsample" / "loose.py").touch()
    result = lint(copied)
    assert result.returncode == 1
    assert "loose" in result.stdout
