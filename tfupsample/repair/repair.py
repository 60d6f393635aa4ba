"""Repairs trained models that paint a checkerboard, without data or labels.

Keras is imported only when there is a model to repair.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tfupsample.arguments import (
    INTERPOLATIONS,
    PAD_MODES,
    finite,
    integer,
    one_of,
)
from tfupsample.repair.candidates import CANDIDATES, Candidate
from tfupsample.repair.choices import CLOSE_DB, FAITHFUL_DB, METHODS
from tfupsample.repair.inputs import array_inputs, random_inputs

if TYPE_CHECKING:
    import keras


@dataclasses.dataclass
class Repaired:
    """A repaired model and what the repair did.

    Attributes:
        model: The repaired copy; a plain copy if nothing was repaired.
        method: One of `METHODS`, or `"none"`.
        layers: Paths of the layers that were repaired.
        steps: The number of distillation steps; 0 without distillation.
        stopped: Why the distillation ended early, or `""`.
        moved: `{path: relative L2 distance}` of the kernels that changed; for
            `"resize"`, the distance between the old kernel and the composite
            kernel of the new layer.
        before: `{period: {"coherent", "prominence_db", "worst_db"}}` of the
            outputs of the unrepaired model (`tfupsample.repair.quality`).
        after: The same for the repaired model.
        psnr_db: The PSNR of its outputs to the unrepaired ones, in dB, on
            inputs that the repair did not see; infinite if nothing changed.
        spread: Standard deviation of the outputs over the inputs, before and
            after.
        border: How far the border deviates from the interior, in standard
            deviations, before and after; `None` where it was not measured.
        outputs: The first outputs of both models, `(unrepaired, repaired)`, as
            pictures if they are pictures.
        warnings: Objections to using the result, one sentence each.
        notes: Other remarks, such as what could not be measured.
        tried: `(candidate, "accepted" or the objections to it)`, in order.
    """

    model: keras.Model
    method: str
    layers: list[str]
    steps: int
    stopped: str
    moved: dict[str, float]
    before: dict[int, dict[str, float | None]]
    after: dict[int, dict[str, float | None]]
    psnr_db: float
    spread: tuple[float, float]
    border: tuple[float | None, float | None]
    outputs: tuple[np.ndarray, np.ndarray]
    clean: bool
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    tried: tuple[tuple[str, str], ...] = ()

    @property
    def accepted(self) -> bool:
        """Returns whether the result may be used instead of the model."""
        return not self.warnings


def repair_model(
    model: keras.Model,
    inputs: Any | Callable[[int, int], Any] | None = None,
    method: str | None = None,
    layers: str | Sequence[str] | None = None,
    steps: int | None = None,
    interpolation: str = "nearest",
    pad_mode: str | None = None,
    least_psnr: float = FAITHFUL_DB,
    output_range: float | None = None,
    verbose: int = 0,
) -> Repaired:
    """Repairs a model, measures the result and accepts it or not.

    The model is measured first. A model that shows no pattern is left alone.
    Otherwise the `CANDIDATES` are tried and compared on inputs that they did
    not see, and of those that make nothing worse the one with the least
    pattern is kept (`tfupsample.repair.quality.objections`).

    Args:
        model: The model, which is not changed.
        inputs: What the model is fed: an array, or arrays in the structure
            that it takes, best 256 examples or more; or a function of
            `(count, seed)` that returns them (`tfupsample.repair.inputs`).
            Random ones by default.
        method: One of `METHODS`, to try only this one and to keep its result,
            with `warnings` if it should not be accepted.
        layers: `"last"`, `"all"`, or names or paths, for that method or, by
            default, for `"balance"`. The last by default, all with
            distillation and for `"pad"`.
        steps: The number of distillation steps for that method; none by
            default.
        interpolation: The interpolation of `"resize"`.
        pad_mode: The padding of `"resize"` (zeros by default) and `"pad"`
            (symmetric by default).
        least_psnr: The least PSNR to the unrepaired outputs, in dB.
        output_range: The range of values to which PSNR is relative; by default
            that of the unrepaired outputs.
        verbose: 1 shows a progress bar.

    Returns:
        A `Repaired`. If nothing was accepted, it holds a plain copy of the
        model, and `warnings` says why.

    Raises:
        UnusableInput: if the model cannot be run, or cannot be repaired this
            way.
        ValueError: for an argument that is not listed here.
    """
    import keras

    from tfupsample.repair.keras_subject import KerasSubject
    from tfupsample.repair.trial import Trial

    if not isinstance(model, keras.Model):
        raise TypeError(f"`model` must be a keras.Model. Received: {model!r}")
    one_of("interpolation", interpolation, INTERPOLATIONS)
    if method is not None:
        one_of("method", method, METHODS)
    if pad_mode is not None:
        one_of("pad_mode", pad_mode, PAD_MODES)
    if steps is not None:
        integer("steps", steps, 0)
    finite("least_psnr", least_psnr)
    if inputs is None:
        inputs = random_inputs(model)
    draw = inputs if callable(inputs) else array_inputs(inputs)
    subject = KerasSubject(model, verbose)
    trial = Trial(subject, draw, least_psnr, output_range)
    return tried(trial, method, layers, steps, interpolation, pad_mode)


def tried(trial, method, layers, steps, interpolation, pad_mode):
    """Tries one repair, or the `CANDIDATES`; returns a `Repaired`.

    Args:
        trial: A `Trial`.
        method: As for `repair_model`, as are the others.
        layers: As there.
        steps: As there.
        interpolation: As there.
        pad_mode: As there.
    """
    if method is None and layers is None and steps is None:
        return _best(trial)
    method = method or "balance"
    if layers is None:
        layers = "all" if steps or method == "pad" else "last"
    candidate = Candidate(method, layers, steps or 0, interpolation, pad_mode)
    return _repaired(trial, trial.run(candidate), trial.tried)


def _best(trial):
    """Returns the best accepted attempt, or else the model as it was."""
    if trial.before.clean:
        note = (
            "No pattern was measured in the outputs: the model is left alone."
        )
        return _repaired(trial, trial.untouched(), notes=[note])
    accepted = []
    for candidate in CANDIDATES if trial.before.measured else CANDIDATES[:1]:
        attempt = trial.run_or_note(candidate)
        if attempt and not attempt.warnings:
            accepted.append(attempt)
            close = candidate.steps or attempt.psnr_db >= CLOSE_DB
            if attempt.after.clean and close:
                break
    if not accepted:
        warnings = [
            "Nothing that was tried makes the model better without making "
            "something worse, so it is left as it was."
        ]
        return _repaired(trial, trial.untouched(), trial.tried, warnings)
    best = min(accepted, key=lambda a: (a.after.excess, -a.psnr_db))
    return _repaired(trial, best, trial.tried)


def _repaired(trial, attempt, tried=(), warnings=(), notes=()):
    notes = list(notes)
    if not trial.before.measured:
        notes.append(
            "The outputs are no pictures that are large enough: no pattern was "
            "measured, and the repair rests on the weights alone."
        )
    return Repaired(
        model=attempt.model,
        method=attempt.method,
        layers=attempt.layers,
        steps=attempt.steps,
        stopped=attempt.stopped,
        moved=attempt.moved,
        before=trial.before.periods,
        after=attempt.after.periods,
        psnr_db=attempt.psnr_db,
        spread=(trial.before.spread, attempt.after.spread),
        border=(trial.before.border, attempt.after.border),
        outputs=(trial.shown[:8], attempt.shown[:8]),
        clean=attempt.after.clean,
        warnings=tuple(warnings or attempt.warnings),
        notes=tuple(notes),
        tried=tuple(tried),
    )
