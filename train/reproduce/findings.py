"""The findings of an experiment: claims of the article, confirmed or not."""

import dataclasses
import pathlib
import sys

from tfupsample.errors import UnusableInput
from tfupsample.pretrained.runs import read_json

# Harmonics count as a pattern if they stand out this much more than in real
# images. Sets of 1024 images scatter by about 1 dB.
PATTERN_DB = 3.0


@dataclasses.dataclass(frozen=True)
class Claim:
    """A claim of the article, with what was measured.

    Attributes:
        claim: The claim in a sentence.
        measured: The numbers, with their units.
        confirmed: Whether the numbers confirm the claim.
    """

    claim: str
    measured: str
    confirmed: bool


@dataclasses.dataclass(frozen=True)
class Findings:
    """The result of an experiment.

    Attributes:
        claims: A list of `Claim`.
        scores: All measures, as JSON can hold them.
        figures: `{file name: caption}` of the pictures in the report.
    """

    claims: list
    scores: dict
    figures: dict


@dataclasses.dataclass(frozen=True)
class Settings:
    """Settings of an experiment.

    Attributes:
        runs: Folder of its trainings, which resume if they were stopped.
        report: Folder of the figures.
        common: Settings that all trainings share, such as seed and precision.
        quick: Whether to train only for minutes.
        epochs: Epochs of each training; 0: as many as the experiment needs.
    """

    runs: pathlib.Path
    report: pathlib.Path
    common: dict
    quick: bool
    epochs: int = 0

    def epochs_of(self, quick, full):
        """Returns the number of epochs of a training."""
        return self.epochs or (quick if self.quick else full)


def scores_of(config, train):
    """Returns the scores of a training, which runs unless it is done.

    Args:
        config: Its settings, with a `workdir`.
        train: The function of a config that trains.
    """
    path = pathlib.Path(config.workdir) / "scores.json"
    if path.exists():
        try:
            return read_json(path, dict)
        except UnusableInput as error:
            print(f"{error} It is written again.", file=sys.stderr)
    train(config)
    return read_json(path, dict)


def excess(scores, real):
    """Returns how much more patterns stand out than in real images.

    Args:
        scores: The result of `artifact_scores`, read from JSON.
        real: The same for real images.

    Returns:
        `{period: dB}`.
    """
    return {
        int(period): row["prominence_db"] - real[period]["prominence_db"]
        for period, row in scores.items()
    }


def in_words(values):
    """Returns the result of `excess` as text."""
    return ", ".join(f"period {p}: {v:+.1f} dB" for p, v in values.items())


def page(results):
    """Returns the report in Markdown.

    Args:
        results: `{title: Findings}`.
    """
    lines = [
        "# The article's experiments, run again",
        "",
        "Made by `python -m train.reproduce`. A pattern counts where its "
        f"harmonics stand out {PATTERN_DB:g} dB more than in real images.",
    ]
    for title, findings in results.items():
        lines += [
            "",
            f"## {title}",
            "",
            "| the article | measured here | |",
            "|---|---|---|",
        ]
        lines += [
            f"| {c.claim} | {c.measured} | "
            f"{'confirmed' if c.confirmed else 'not confirmed'} |"
            for c in findings.claims
        ]
        for name, caption in findings.figures.items():
            lines += ["", f"![{caption}]({name})", "", f"*{caption}*"]
    return "\n".join([*lines, ""])
