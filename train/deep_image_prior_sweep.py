"""Fits deep image priors of every architecture and depth to one picture.

    python -m train.deep_image_prior_sweep --image_size=64 --width=16

The networks differ in architecture, depth and loss, the damage in noise and in
the size of missing regions. Each network is trained for --epochs times
--iterations steps. The run directory (--workdir) receives the picture that each
made, and at the end all measures in sweep.json and sweep.csv and figures of
them in sweep.png. Run the same command again to resume after the last network.
"""

import csv
import dataclasses
import io
import itertools
import json
import pathlib

import numpy as np

from models import deep_image_prior
from tfupsample.images import arrays
from tfupsample.images.files import save_image
from tfupsample.model_files.atomic import new_file
from train import deep_image_prior as trainer
from train.engine.config import FIT_SETTINGS
from train.engine.main import main
from train.engine.options import UsageError, refuse_unused
from train.engine.run import Run

DEPTHS = (2, 3, 4, 5)
SIGMAS = (25.5, 127.5)  # 0.1 and 0.5 of the range
FEW_DEPTHS = (2, 4)  # at which losses, and regions, are compared


@dataclasses.dataclass(frozen=True)
class Config(trainer.PriorConfig):
    """Settings of `python -m train.deep_image_prior_sweep`."""

    @property
    def dataset(self):
        """What the run directory is named after."""
        return pathlib.Path(self.image).stem


def grid(image_size):
    """Returns the settings of each network, in the order of the table.

    Args:
        image_size: Side of the picture in pixels; missing regions are squares
            of an eighth and of a quarter of it.
    """
    architectures = deep_image_prior.ARCHITECTURES
    denoise = [
        *itertools.product(["l2"], SIGMAS, architectures, DEPTHS),
        *itertools.product(["l1", "kl"], SIGMAS[:1], architectures, FEW_DEPTHS),
    ]
    inpaint = itertools.product(
        (image_size // 8, image_size // 4), architectures, FEW_DEPTHS
    )
    names = ("loss", "sigma", "architecture", "depth")
    return [
        {"task": "denoise"} | dict(zip(names, cell)) for cell in denoise
    ] + [
        {"task": "inpaint", "mask": "rectangles", "loss": "l1"}
        | dict(zip(("region", "architecture", "depth"), cell))
        for cell in inpaint
    ]


def sweep(config):
    """Fits the networks that are not done yet, and writes tables and figures.

    Each result is written at once, so that a sweep that was stopped resumes
    with the next network.

    Args:
        config: The settings that the grid does not vary.

    Raises:
        UsageError: if Matplotlib is not installed or a setting cannot be used.
    """
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise UsageError(
            "The figures need Matplotlib: pip install matplotlib."
        ) from error
    refuse_unused(config, FIT_SETTINGS, "in a sweep")
    if not config.image_size:
        raise UsageError("A sweep needs an --image_size of at least 1.")
    run = Run("deep_image_prior_sweep", config)
    (run.path / "cells").mkdir(exist_ok=True)
    settings = grid(config.image_size)
    rows = []
    for i, cell in enumerate(settings, start=1):
        rows.append(done(run, cell) or fitted(run, cell))
        print(f"{i}/{len(settings)} {rows[-1]}", flush=True)
    write(run, rows)


def done(run, cell):
    """Returns the row of a cell that is done, or `None`.

    A cell whose file is damaged is fitted again.
    """
    path = run.path / "cells" / f"{name(cell)}.json"
    if not path.exists():
        return None
    steps = run.config.epochs * run.config.iterations
    try:
        row = json.loads(path.read_text())
        return row if row["steps"] == steps else None
    except (ValueError, RecursionError, KeyError, TypeError):
        print(f"{path} is damaged. The network is fitted again.")
        return None


def fitted(run, cell):
    """Fits a cell, writes its row and its picture, and returns the row."""
    config = trainer.Config(**dataclasses.asdict(run.config) | cell)
    found = trainer.problem(config)
    prior = trainer.build(config, found)
    prior.fit(
        trainer.steps(config, found),
        epochs=config.epochs,
        steps_per_epoch=config.iterations,
        shuffle=False,
        verbose=0,
    )
    row = cell | measures(prior, found)
    average = arrays.to_uint8(np.asarray(prior.average)[0] * 2 - 1)
    save_image(
        run.path / "cells" / f"{name(cell)}.png", arrays.picture(average)
    )
    run.write(f"cells/{name(cell)}.json", row)
    return row


def measures(prior, found):
    """Returns the PSNR in dB that a fitted prior reached, and its size.

    `psnr_matched` is the PSNR after each channel was scaled to the mean of the
    damaged picture, for losses that leave the brightness free; `psnr_missing`
    counts the missing pixels only.
    """
    average, known = np.asarray(prior.average), found.mask
    axes = (0, 1, 2)
    gain = (found.picture * known).sum(axes) / (average * known).sum(axes)

    def psnr(picture, mask=1.0):
        value = deep_image_prior.psnr(found.clean, picture, mask)
        return round(float(value), 3)

    row = {
        "steps": int(prior.steps),
        "parameters": prior.network.count_params(),
        "psnr_damaged": psnr(found.picture),
        "psnr_average": psnr(average),
        "psnr_matched": psnr((average * gain).astype("float32")),
        "psnr_best": round(float(prior.best_psnr), 3),
        "best_step": int(prior.best_step),
    }
    if not known.all():
        row["psnr_missing"] = psnr(average, 1 - known)
    return row


def write(run, rows):
    """Writes sweep.json, sweep.csv and sweep.png."""
    run.write("sweep.json", rows)
    text = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    table = csv.DictWriter(text, names, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    with new_file(run.path / "sweep.csv") as file:
        file.write(text.getvalue().encode())
    with new_file(run.path / "sweep.png") as file:
        figure(rows).savefig(file, format="png", dpi=100)
    print(f"{run.path / 'sweep.json'}, sweep.csv, sweep.png")


def figure(rows):
    """Returns a Matplotlib figure of the rows of a sweep.

    The upper half shows the PSNR by depth for each noise, at its peak and at
    the end; the lower half compares the losses and the missing regions.
    """
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(9, 6.5), layout="constrained")
    (left, right), (losses, regions) = drawing.subplots(2, 2)
    for axes, sigma in zip((left, right), SIGMAS):
        _depths(axes, [r for r in rows if r.get("sigma") == sigma], sigma)
    _losses(losses, [r for r in rows if r.get("sigma") == SIGMAS[0]])
    _regions(regions, [r for r in rows if r["task"] == "inpaint"])
    left.legend(fontsize=8)
    return drawing


def _depths(axes, rows, sigma):
    for i, name in enumerate(deep_image_prior.ARCHITECTURES):
        chosen = _chosen(rows, architecture=name, loss="l2")
        for key, line in (("psnr_best", "-"), ("psnr_average", ":")):
            axes.plot(
                [row["depth"] for row in chosen],
                [row[key] for row in chosen],
                f"C{i}o{line}",
                label=f"{name}, {'peak' if line == '-' else 'end'}",
            )
    axes.set(title=f"Noise {sigma}", xlabel="depth", ylabel="PSNR, dB")
    axes.set_xticks(DEPTHS)


def _losses(axes, rows):
    groups = {
        loss: _chosen(rows, loss=loss) for loss in deep_image_prior.LOSSES
    }
    groups = {
        loss: [r for r in group if r["depth"] in FEW_DEPTHS]
        for loss, group in groups.items()
    }
    _dots(axes, groups, "psnr_matched")
    axes.set(title=f"Loss, noise {SIGMAS[0]}, brightness matched", ylabel="dB")


def _regions(axes, rows):
    sizes = sorted({row["region"] for row in rows})
    groups = {f"{n} pixels": _chosen(rows, region=n) for n in sizes}
    _dots(axes, groups, "psnr_missing")
    axes.set(title="Missing square: PSNR inside", ylabel="PSNR, dB")


def _dots(axes, groups, key):
    """Draws the rows of each group; colour: architecture, size: depth."""
    for place, rows in enumerate(groups.values()):
        for row in rows:
            i = deep_image_prior.ARCHITECTURES.index(row["architecture"])
            where = place + 0.2 * (i - 1)
            axes.plot(where, row[key], f"C{i}o", ms=3 + 2 * row["depth"] // 2)
    axes.set_xticks(range(len(groups)), list(groups))


def _chosen(rows, **settings):
    return [r for r in rows if settings.items() <= r.items()]


def name(cell):
    """Returns the name of the files of a cell."""
    return "-".join(str(value) for value in cell.values())


if __name__ == "__main__":
    main(Config, sweep, __doc__)
