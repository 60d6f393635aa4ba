"""What the folder of a finished run says of its training."""

import json
import os
import pathlib
import subprocess

from tfupsample.errors import UnusableInput


def read_json(path):
    """Returns what a file holds, or raises `UnusableInput`."""
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise UnusableInput(f"{path} cannot be read: {error}") from error


def training(run, settings, said):
    """Returns how to repeat a run, and how long it takes.

    Args:
        run: Its folder.
        settings: Its `config.json`.
        said: `commit` and `seconds` from outside, or `None`.
    """
    config = settings["config"]
    return {
        "command": _command(settings),
        "seed": config["seed"],
        "epochs": config["epochs"],
        "seconds": said["seconds"] or _seconds(run, config),
        "commit": said["commit"]
        or settings.get("commit")
        or _commit(run / "config.json"),
        "versions": settings["versions"],
    }


def _command(settings):
    """As one types it; of absolute paths the last two names."""
    program, *flags = settings["command"]
    words = ["python", "-m", f"train.{pathlib.Path(program).stem}"]
    for flag in flags:
        name, _, value = flag.partition("=")
        if name.lstrip("-") == "workdir":
            continue
        if os.path.isabs(value):
            value = "/".join(pathlib.Path(value).parts[-2:])
        words.append(f"{name}={value}" if value else name)
    return " ".join(words)


def _seconds(run, config):
    """Of the steps, from images per second; `None` where they are unknown."""
    try:
        lines = (run / "metrics.jsonl").read_text().splitlines()
    except OSError:
        return None
    total, before = 0.0, 0
    for line in map(json.loads, lines):
        if "images_per_second" not in line:
            return None
        images = (line["step"] - before) * config["batch_size"]
        total += images / line["images_per_second"]
        before = line["step"]
    return round(total)


def _commit(path):
    """The commit of this branch when a file was written, abbreviated."""
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
    """Returns all that a run measured."""
    found = read_json(run / "scores.json")
    reconstruction = run / "reconstruction.json"
    if reconstruction.is_file():
        found["reconstruction"] = read_json(reconstruction)
    return found
