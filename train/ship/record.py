"""What the folder of a finished run says about its training."""

import os
import pathlib
import subprocess

from tfupsample.errors import UnusableInput
from tfupsample.pretrained.runs import read_json
from train.engine.metrics_file import read_metrics


def training(run, settings, said):
    """Returns how to repeat a run, and how long it takes.

    Args:
        run: The folder of the run.
        settings: The contents of its `config.json`.
        said: `commit` and `seconds` as given on the command line, or `None`.

    Raises:
        UnusableInput: if `config.json` lacks what a run writes.
    """
    try:
        config = settings["config"]
        return {
            "command": _command(settings),
            "seed": config["seed"],
            "epochs": config["epochs"],
            "seconds": said["seconds"]
            or step_seconds(run, config["batch_size"]),
            "commit": said["commit"]
            or settings.get("commit")
            or _commit(run / "config.json"),
            "versions": settings["versions"],
            "earlier": [
                start | {"command": _command(start)}
                for start in settings.get("earlier", [])
            ],
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnusableInput(
            f"{run / 'config.json'} lacks what a run writes "
            f"({type(error).__name__}: {error})."
        ) from error


def _command(start):
    """Returns a command as typed, absolute paths cut to their last names."""
    program, *flags = start["command"]
    # The path of the module, or `tfupsample train NAME`.
    name = pathlib.Path(program).stem.split()[-1]
    words = ["python", "-m", f"train.{name}"]
    for flag in flags:
        name, _, value = flag.partition("=")
        if name.lstrip("-") == "workdir":
            continue
        if os.path.isabs(value):
            value = "/".join(pathlib.Path(value).parts[-2:])
        words.append(f"{name}={value}" if value else name)
    return " ".join(words)


def step_seconds(run, batch_size):
    """Returns the seconds that the steps of a run took, `None` if unknown."""
    total, before = 0.0, 0
    for line in read_metrics(run / "metrics.jsonl"):
        if not {"step", "images_per_second"} <= line.keys():
            return None
        images = (line["step"] - before) * batch_size
        total += images / line["images_per_second"]
        before = line["step"]
    return round(total) or None


def _commit(path):
    """Returns the short commit of this branch when a file was written."""
    date = f"--before={int(path.stat().st_mtime)}"
    result = subprocess.run(
        [
            "git",
            "rev-list",
            "-1",
            "--abbrev-commit",
            "--abbrev=12",
            date,
            "HEAD",
        ],
        capture_output=True,
        text=True,
    )
    return result.stdout.strip() or None


def scores(run):
    """Returns everything that a run measured.

    Raises:
        UnusableInput: if it cannot be read.
    """
    found = read_json(run / "scores.json", dict)
    for name in ("reconstruction", "segmentation"):
        if (run / f"{name}.json").is_file():
            found[name] = read_json(run / f"{name}.json")
    return found
