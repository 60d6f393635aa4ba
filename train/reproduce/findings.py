"""What an experiment found: claims of the article, each confirmed or not."""

import dataclasses
import json
import pathlib

# How far the harmonics of a pattern must stand out more than in real images
# to be called a pattern. Sets of 1024 images scatter by about 1 dB.
PATTERN_DB = 3.0


@dataclasses.dataclass(frozen=True)
class Claim:
    """A claim of the article beside what was measured.

    Attributes:
        claim: The claim in a sentence.
        measured: The numbers, with their units.
        confirmed: Whether they bear the claim out.
    """

    claim: str
    measured: str
    confirmed: bool


@dataclasses.dataclass(frozen=True)
class Findings:
    """What an experiment leaves.

    Attributes:
        claims: Of type `Claim`.
        scores: All that was measured, JSON-able.
        figures: `{file name: caption}` of pictures in the report.
    """

    claims: list
    scores: dict
    figures: dict


@dataclasses.dataclass(frozen=True)
class Settings:
    """What an experiment is given.

    Attributes:
        runs: Folder of its trainings, which go on where they were.
        report: Folder of the figures.
        common: Settings that all trainings share, such as seed and precision.
        quick: Whether to train for minutes only.
        epochs: Of each training, instead of its own number; 0: its own.
    """

    runs: pathlib.Path
    report: pathlib.Path
    common: dict
    quick: bool
    epochs: int = 0

    def epochs_of(self, quick, full):
        """Returns how many epochs a training takes, of what it proposes."""
        return self.epochs or (quick if self.quick else full)


def scores_of(config, train):
    """Returns what a training measured; it runs only if it has not yet.

    Args:
        config: Its settings, with a `workdir`.
        train: The function of a config that trains.
    """
    path = pathlib.Path(config.workdir) / "scores.json"
    if not path.exists():
        train(config)
    return json.loads(path.read_text())


def excess(scores, real):
    """Returns how far patterns stand out more than in real images.

    Args:
        scores: Of `artifact_scores`, as JSON has them.
        real: Those of real images.

    Returns:
        `{period: dB}`.
    """
    return {
        int(period): row["prominence_db"] - real[period]["prominence_db"]
        for period, row in scores.items()
    }


def in_words(values):
    """Returns what `excess` returns as text."""
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
