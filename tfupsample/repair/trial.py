"""Tries repairs of one model and compares them on inputs they did not see."""

import dataclasses
import math
from typing import Any

import keras
import numpy as np

from tfupsample.errors import UnusableInput
from tfupsample.inspection.judge import periods_of
from tfupsample.inspection.steps import pattern_period, scale_to_pictures
from tfupsample.repair import methods, quality
from tfupsample.repair.inputs import UNSEEN, flat_inputs


@dataclasses.dataclass
class Attempt:
    """A repaired copy and its measures; see `Repaired`."""

    model: Any
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
        subject: The model and what can be done to it: a `KerasSubject` or an
            `OnnxSubject`.
        draw: A function of `(count, seed)` that returns inputs.
        least_psnr: The least PSNR that is accepted, in dB.
        output_range: The range of values to which PSNR is relative, or `None`.

    Attributes:
        before: The `Quality` of the model.
        tried: `(candidate, outcome)` as texts, in order.
    """

    def __init__(self, subject, draw, least_psnr, output_range):
        self.subject, self.draw = subject, draw
        self.least_psnr = least_psnr
        self.inputs = draw(_count(draw), UNSEEN)
        self.flat = flat_inputs(self.inputs, subject.channel_axis)
        self.outputs = subject.run(subject.model, self.inputs)
        self.range = output_range or float(np.ptp(self.outputs)) or 1.0
        self.periods = periods_of(subject.networks)[0]
        self.period_of = _period_of_each(subject.networks)
        self.before = self._quality(subject.model, self.outputs)
        self.shown = self._shown(self.outputs)
        self.tried = []

    def untouched(self):
        """Returns the `Attempt` that changes nothing."""
        return Attempt(
            self.subject.copy(), "none", [], self.before, math.inf, self.shown
        )

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
        model = self.subject.repaired(candidate, paths)
        steps, stopped = 0, ""
        if candidate.steps:
            steps, stopped = self._distil(model, candidate, paths)
        outputs = self.subject.run(model, self.inputs)
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
            self.subject.moved(model),
            against,
        )

    def _paths(self, method, layers):
        """Returns the paths that `layers` means."""
        found = self.subject.paths(method)
        if layers == "all":
            return list(found)
        if layers == "last":
            return self._last(found)
        return methods.named_paths(list(found), layers)

    def _last(self, found):
        """Returns the upsamplings that no other follows, or the last layer."""
        last = [
            path
            for path, strides in found.items()
            if strides and self.period_of.get(path) == max(strides)
        ]
        return last or list(found)[-1:]

    def _distil(self, model, candidate, paths):
        """Trains the repaired model; returns the steps and why they ended."""
        inputs = self.draw(_count(self.draw), 0)
        originals = self.subject.run(self.subject.model, inputs)

        def score(student):
            now = self.subject.run(student, inputs)
            return {"psnr": quality.psnr(now, originals, self.range)}

        return self.subject.distil(model, candidate, paths, self.draw, score)

    def _quality(self, model, outputs):
        subject = self.subject
        images = subject.pictures(outputs)
        flat = None
        if images is not None and self.flat is not None:
            flat = subject.pictures(subject.run(model, self.flat))
        return quality.measure(outputs, images, self.periods, flat)

    def _shown(self, outputs):
        images = self.subject.pictures(outputs)
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
