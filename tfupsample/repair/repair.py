"""Repairs trained models that paint a checkerboard, without data or labels.

`repair` chooses among `tfupsample.repair.methods`, distils and measures.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from tfupsample.arguments import check_function, integer, one_of
from tfupsample.errors import UnusableInput
from tfupsample.inspection.upsamplings import (
    channel_axis,
    find_upsamplings,
    named_paths,
    periods,
)
from tfupsample.ops.padding import PAD_MODES
from tfupsample.ops.phase_form import INTERPOLATIONS
from tfupsample.repair import surgery
from tfupsample.repair.distill import distill
from tfupsample.repair.methods import (
    balance,
    chosen,
    exchange_padding,
    resize,
    smooth,
)
from tfupsample.repair.scores import (
    data_range,
    longest_period,
    moved,
    outputs,
    pictures,
    scores,
)

METHODS = ("balance", "resize", "smooth", "pad")
CLEAN_DB = 1.5
"""Mean prominence below which a period counts as clean; pictures have 0."""

FAITHFUL_DB = 28.0
"""PSNR against the unrepaired outputs from which on they count as the same."""

DISTILL_STEPS = 800


@dataclasses.dataclass
class Repaired:
    """A repaired model and what the repair did.

    Attributes:
        model: The repaired copy.
        method: One of `METHODS`.
        layers: Paths of the layers that were repaired.
        steps: Steps of distillation; 0 without.
        moved: `{path: relative L2 distance}` of the kernels that changed. For
            `"resize"` between the old kernel and the composite of the new.
        before: `{period: {"coherent", "prominence_db", "worst_db"}}` of the
            outputs of the unrepaired model; no periods where the outputs are
            no images or too small.
        after: The same of the repaired model.
        psnr_db: Of its outputs against the unrepaired ones.
        outputs: The first outputs of both, `(unrepaired, repaired)`.
    """

    model: keras.Model
    method: str
    layers: list[str]
    steps: int
    moved: dict[str, float]
    before: dict[int, dict[str, float]]
    after: dict[int, dict[str, float]]
    psnr_db: float
    outputs: tuple[np.ndarray, np.ndarray]

    @property
    def clean(self) -> bool:
        """Whether no mean prominence is above `CLEAN_DB`."""
        return all(s["prominence_db"] <= CLEAN_DB for s in self.after.values())


def repair_model(
    model: keras.Model,
    draw: Callable[[int, int], Any],
    method: str | None = None,
    layers: str | Sequence[str] | None = None,
    steps: int | None = None,
    interpolation: str = "nearest",
    pad_mode: str | None = None,
    verbose: int = 0,
) -> Repaired:
    """Repairs a model and measures the result.

    Args:
        model: The model; it is left as it is.
        draw: Function of `(count, seed)` that returns inputs
            (`tfupsample.repair.inputs`).
        method: One of `METHODS`. By default the last layer is balanced in
            closed form if that leaves every period clean (`CLEAN_DB`) and the
            pictures the same (`FAITHFUL_DB`), else all layers with
            `DISTILL_STEPS` of distillation.
        layers: `"last"`, `"all"`, or names or paths. The last by default, all
            with distillation and for `"pad"`.
        steps: Steps of distillation; none by default, but where `method` is.
        interpolation: Of `resize`.
        pad_mode: Of `resize` and `exchange_padding`.
        verbose: 1 shows a progress bar.

    Returns:
        A `Repaired`.

    Raises:
        UnusableInput: if the model cannot be repaired so.
        ValueError: for an argument outside what is listed here.
    """
    if not isinstance(model, keras.Model):
        raise TypeError(f"`model` must be a keras.Model. Received: {model!r}")
    check_function("draw", draw)
    one_of("interpolation", interpolation, INTERPOLATIONS)
    if method is not None:
        one_of("method", method, METHODS)
    if pad_mode is not None:
        one_of("pad_mode", pad_mode, PAD_MODES)
    if steps is not None:
        integer("steps", steps, 0)
    trial = _Trial(model, draw)
    if method is None and steps is None and layers is None:
        result = trial.run("balance", "last", 0, verbose)
        if result.clean and result.psnr_db >= FAITHFUL_DB:
            return result
        steps = DISTILL_STEPS
    method = method or "balance"
    if layers is None:
        layers = "all" if steps or method == "pad" else "last"
    options = {"interpolation": interpolation, "pad_mode": pad_mode}
    return trial.run(method, layers, steps or 0, verbose, **options)


class _Trial:
    """What all attempts to repair one model share.

    Args:
        model: The model.
        draw: As for `repair`.
    """

    def __init__(self, model, draw):
        self.model = model
        self.draw = draw
        self.inputs = draw(_count(draw), 0)
        self.upsamplings = find_upsamplings(model)
        self.outputs = outputs(model, self.inputs)
        self.range = data_range(self.outputs)
        self.periods = periods(model, self.inputs[:1], self.upsamplings)

    def run(self, method, layers, steps, verbose, **options):
        """Repairs, distils, measures: a `Repaired`."""
        paths = self.paths(method, layers)
        model = self._apply(method, paths, **options)
        if steps:
            steps = distill(
                model,
                surgery.copy_model(self.model),
                # After the other methods there is nothing left to hold.
                chosen(find_upsamplings(model), paths)
                if method == "balance"
                else [],
                self.draw,
                self._progress,
                steps,
                verbose=verbose,
            )
        after = outputs(model, self.inputs)
        return Repaired(
            model,
            method,
            paths,
            steps,
            moved(self.model, model),
            self.scores(self.outputs),
            self.scores(after),
            self.psnr(after),
            (self.outputs[:8], after[:8]),
        )

    def paths(self, method, layers):
        """The paths that `layers` means."""
        if method == "pad":
            found = list(surgery.zero_padded(self.model))
        else:
            found = [u.path for u in self.upsamplings]
        if not found:
            raise UnusableInput(
                "The model has no transposed or sub-pixel convolution."
                if method != "pad"
                else "No convolution of the model pads with zeros."
            )
        if layers == "all":
            return found
        if layers == "last":
            return found[-1:] if method == "pad" else self._last()
        return named_paths(found, layers)

    def _last(self):
        """Upsamplings that no other one follows, or the last one."""
        last = [
            u.path
            for u in self.upsamplings
            if self.periods.get(u.path) == max(u.strides)
        ]
        return last or [self.upsamplings[-1].path]

    def _apply(self, method, paths, interpolation="nearest", pad_mode=None):
        if method == "balance":
            return balance(self.model, paths)
        if method == "resize":
            return resize(self.model, paths, interpolation, pad_mode)
        if method == "smooth":
            return smooth(self.model, paths)
        return exchange_padding(self.model, paths, pad_mode or "symmetric")

    def _progress(self, model):
        now = outputs(model, self.inputs)
        scores = self.scores(now).items()
        return {"psnr": self.psnr(now)} | {
            f"prominence_{p}": score["prominence_db"] for p, score in scores
        }

    def scores(self, images):
        """`{period: scores}` at the periods of the model."""
        images = pictures(images, channel_axis(self.model))
        if images is None:
            return {}
        return {
            period: scores(images, period)
            for period in sorted(set(self.periods.values()))
            if period <= longest_period(images)
        }

    def psnr(self, images):
        """In dB, against the unrepaired outputs."""
        error = np.mean((images.astype("float64") - self.outputs) ** 2)
        return float(20 * np.log10(self.range) - 10 * np.log10(error + 1e-20))


def _count(draw):
    """256 latents, but only 64 images: they are larger."""
    return 256 if draw(1, 0).ndim == 2 else 64
