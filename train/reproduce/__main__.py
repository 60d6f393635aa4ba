"""Repeats the experiments of the Distill article and tests its claims.

    python -m train.reproduce --quick
    python -m train.reproduce --precision=mixed_bfloat16
    python -m train.reproduce --only=overlap,untrained_and_trained

The experiments are overlap (kernel sizes, strides and gradients, without
training), generators (deconvolution in the last two layers, in the last layer
and in no layer of a DCGAN, before and after training), discriminators (a
strided first convolution against a regular one), style_transfer (deconvolution
against resize-convolution) and deep_dream (with and without jitter). --quick
takes about a quarter of an hour on two cores.

The folder (--workdir) receives the trainings in runs/ and a report in report/:
README.md with the claims of the article, each confirmed or not, figures, and
results.json. Run the same command again to resume.
"""

import dataclasses
import pathlib

import keras

from tfupsample.model_files.atomic import write_json, write_text
from tfupsample.pretrained.runs import read_json
from train.engine.config import FIT_SETTINGS, BasicConfig
from train.engine.main import main
from train.engine.options import UsageError, option, refuse_unused
from train.engine.versions import versions
from train.reproduce import dreams, generators, overlaps, style
from train.reproduce.findings import Claim, Findings, Settings, page

EXPERIMENTS = {
    "overlap": ("Overlap and gradients", overlaps.experiment),
    "generators": ("Generators", generators.mixes),
    "discriminators": ("Discriminators", generators.stems),
    "style_transfer": ("Style transfer", style.experiment),
    "deep_dream": ("Deep dream", dreams.experiment),
}
_COMMON = ("seed", "xla", "deterministic", "precision")


@dataclasses.dataclass(frozen=True)
class Config(BasicConfig):
    """Settings of `python -m train.reproduce`."""

    workdir: str = option(
        "runs/reproduce", "Folder of the trainings and the report."
    )
    epochs: int = option(
        0, "Epochs of each training; 0: as many as the experiment needs."
    )
    quick: bool = option(
        False, "Train only for minutes, and say so in the report."
    )
    only: str = option(
        "",
        f"Some of {', '.join(EXPERIMENTS)}, separated by commas; empty: all.",
    )


def reproduce(config):
    """Runs the experiments that are not done yet and writes the report.

    Args:
        config: The settings.
    """
    refuse_unused(config, FIT_SETTINGS, "on these experiments")
    names = config.only.split(",") if config.only else list(EXPERIMENTS)
    unknown = set(names) - set(EXPERIMENTS)
    if unknown:
        raise UsageError(
            f"--only takes {', '.join(EXPERIMENTS)}. "
            f"Received: {', '.join(sorted(unknown))}"
        )
    folder = pathlib.Path(config.workdir)
    report = folder / "report"
    report.mkdir(parents=True, exist_ok=True)
    settings = Settings(
        folder / "runs",
        report,
        {name: getattr(config, name) for name in _COMMON},
        config.quick,
        config.epochs,
    )
    results = _Results(report / "results.json", settings)
    for name in names:
        if name not in results.found:
            keras.backend.clear_session(free_memory=True)
            results.add(name, EXPERIMENTS[name][1](settings))
        for claim in results.found[name].claims:
            print(f"{'yes' if claim.confirmed else 'NO ':4}{claim.claim}")
    print(report / "README.md")


def _read(path):
    """Returns the settings and the findings by name of a file of results."""
    try:
        written = read_json(path, dict)
        return written["settings"], {
            name: Findings(
                [Claim(**claim) for claim in row["claims"]],
                dict(row["scores"]),
                dict(row["figures"]),
            )
            for name, row in written["experiments"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"{path} is damaged ({type(error).__name__}: {error}). Delete that "
            "file to write it again from the trainings, which are kept."
        ) from error


class _Results:
    """The findings so far, as JSON and as a page.

    Args:
        path: The path of the JSON file.
        settings: The `Settings`.

    Raises:
        UsageError: if the file holds findings of other settings, or is
            damaged.
    """

    def __init__(self, path, settings):
        self.path = path
        self.settings = settings.common | {
            "quick": settings.quick,
            "epochs": settings.epochs,
        }
        self.found = {}
        if not path.exists():
            return
        written, self.found = _read(path)
        if written != self.settings:
            raise UsageError(
                f"{path} holds findings of other settings "
                f"({written}). Choose another --workdir or delete "
                "that folder."
            )

    def add(self, name, findings):
        """Writes the findings of one more experiment."""
        self.found[name] = findings
        data = {
            "settings": self.settings,
            "versions": versions(),
            "experiments": {
                n: dataclasses.asdict(f) for n, f in self.found.items()
            },
        }
        write_json(self.path, data)
        titled = {
            title: self.found[n]
            for n, (title, _) in EXPERIMENTS.items()
            if n in self.found
        }
        write_text(self.path.with_name("README.md"), page(titled))


if __name__ == "__main__":
    main(Config, reproduce, __doc__)
