"""Tries repairs of one model and compares them on inputs they did not see."""

import dataclasses
import math

import keras
import numpy as np

from tfupsample.errors import UnusableInput
from tfupsample.inspection.judge import periods_of
from tfupsample.inspection.keras_graph import channel_axis, networks_of
from tfupsample.inspection.outputs import Outputs
from tfupsample.inspection.steps import pattern_period, scale_to_pictures
from tfupsample.inspection.upsamplings import find_upsamplings
from tfupsample.ops.ramps import ramp_keeping
from tfupsample.repair import methods, quality, surgery
from tfupsample.repair.distill import distill
from tfupsample.repair.inputs import UNSEEN, flat_inputs
from tfupsample.repair.moved import moved


@dataclasses.dataclass
class Attempt:
    """A repaired copy and its measures; see `Repaired`."""

    model: keras.Model
    method: str
    layers: list
    after: quality.Quality
    psnr_db: float
    shown: np.ndarray
    steps: int = 0
    stopped: str = ""
    moved: dict = dataclasses.field(default_factory=dict)
    warnings: list = dataclasses.field(default_factory=list)


class Trial:
    """What all attempts to repair one model share.

    Args:
        model: The model.
        draw: A function of `(count, seed)` that returns inputs.
        least_psnr: The least PSNR that is accepted, in dB.
        output_range: The range of values to which PSNR is relative, or `None`.
        verbose: 1 shows a progress bar.

    Attributes:
        before: The `Quality` of the model.
        tried: `(candidate, outcome)` as texts, in order.
    """

    def __init__(self, model, draw, least_psnr, output_range, verbose):
        self.model, self.draw = model, draw
        self.least_psnr, self.verbose = least_psnr, verbose
        self.inputs = draw(_count(draw), UNSEEN)
        self.flat = flat_inputs(self.inputs, channel_axis(model))
        networks = networks_of(model)
        self.run_model = Outputs(networks)
        self.outputs = self.run_model(model, self.inputs)
        self.range = output_range or float(np.ptp(self.outputs)) or 1.0
        self.upsamplings = find_upsamplings(model)
        self.periods = periods_of(networks)[0]
        self.period_of = _period_of_each(networks)
        self.before = self._quality(model, self.outputs)
        self.shown = self._shown(self.outputs)
        self.tried = []

    def untouched(self):
        """Returns the `Attempt` that changes nothing."""
        copy = surgery.copy_model(self.model)
        return Attempt(copy, "none", [], self.before, math.inf, self.shown)

    def run_or_note(self, candidate):
        """Does what `run` does; returns `None` if that is not possible."""
        try:
            return self.run(candidate)
        except UnusableInput as error:
            self.tried.append((str(candidate), str(error)))
            return None

    def run(self, candidate):
        """Repairs, distils and measures; returns the `Attempt`.

        Raises:
            UnusableInput: if the model cannot be repaired this way.
        """
        paths = self._paths(candidate.method, candidate.layers)
        model = self._apply(candidate, paths)
        steps, stopped = 0, ""
        if candidate.steps:
            steps, stopped = self._distil(model, candidate, paths)
        outputs = self.run_model(model, self.inputs)
        after = self._quality(model, outputs)
        psnr_db = quality.psnr(outputs, self.outputs, self.range)
        against = quality.objections(
            self.before, after, psnr_db, self.least_psnr
        )
        self.tried.append((str(candidate), " ".join(against) or "accepted"))
        return Attempt(
            model,
            candidate.method,
            paths,
            after,
            psnr_db,
            self._shown(outputs),
            steps,
            stopped,
            moved(self.model, model),
            against,
        )

    def _paths(self, method, layers):
        """Returns the paths that `layers` means."""
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
        return methods.named_paths(found, layers)

    def _last(self):
        """Returns the upsamplings that no other follows, or the last one."""
        last = [
            u.path
            for u in self.upsamplings
            if self.period_of.get(u.path) == max(u.strides)
        ]
        return last or [self.upsamplings[-1].path]

    def _apply(self, candidate, paths):
        if candidate.method == "balance":
            return methods.balance(self.model, paths)
        if candidate.method == "ramps":
            return methods.balance(self.model, paths, ramp_keeping)
        if candidate.method == "resize":
            return methods.resize(
                self.model, paths, candidate.interpolation, candidate.pad_mode
            )
        if candidate.method == "smooth":
            return methods.smooth(self.model, paths)
        pad_mode = candidate.pad_mode or "symmetric"
        return methods.exchange_padding(self.model, paths, pad_mode)

    def _distil(self, model, candidate, paths):
        """Trains the repaired model; returns the steps and why they ended."""
        held = []  # after the other methods there is nothing left to constrain
        if candidate.method in ("balance", "ramps"):
            held = methods.chosen(find_upsamplings(model), paths)
        inputs = self.draw(_count(self.draw), 0)
        originals = self.run_model(self.model, inputs)

        def score(student):
            now = self.run_model(student, inputs)
            return {"psnr": quality.psnr(now, originals, self.range)}

        return distill(
            model,
            surgery.copy_model(self.model),
            held,
            self.draw,
            score,
            candidate.steps,
            verbose=self.verbose,
        )

    def _quality(self, model, outputs):
        images = self.run_model.pictures(outputs)
        flat = None
        if images is not None and self.flat is not None:
            flat = self.run_model.pictures(self.run_model(model, self.flat))
        return quality.measure(outputs, images, self.periods, flat)

    def _shown(self, outputs):
        images = self.run_model.pictures(outputs)
        return outputs if images is None else images


def _period_of_each(networks):
    """Returns `{path: the longest period that the step there writes}`."""
    found = {}
    for network in networks:
        to_pictures = scale_to_pictures(network)
        for step in network.steps:
            period = pattern_period(step, to_pictures) or 0
            found[step.path] = max(period, found.get(step.path, 0))
    return found


def _count(draw):
    """Returns the number of inputs: 256 latents, or 64 images, being larger."""
    first = keras.tree.flatten(draw(1, 0))[0]
    return 256 if np.ndim(first) == 2 else 64
