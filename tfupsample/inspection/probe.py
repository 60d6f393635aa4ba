"""Measures what a whole model makes of noise or latents, and of gradients."""

import math
import time

import numpy as np
from keras import ops

from tfupsample.inspection.probe_inputs import draw
from tfupsample.measures.artifacts import (
    coherent_score,
    peak_prominence,
    variance_ratio,
)
from tfupsample.measures.gradient import pattern_share
from tfupsample.measures.spectrum import radial_spectrum
from tfupsample.ops.autodiff import input_gradient

SIDE = 64
"""Pixels a side of an image if a SavedModel takes any size."""

SECONDS = 10.0
"""About how long the samples may take together: slow models get fewer."""

# Gradients on flat inputs and on noise take about three times as long each as
# the forward pass.
_PASSES = 7

_LEAST_SIDE = 10  # pixels that `peak_prominence` needs without margin
_LEAST_SPECTRUM = 4  # pixels that `radial_spectrum` needs
# Outputs that differ less than this from input to input, as a share, are alike.
_ALIKE = 1e-6


def probe(function, given, periods, samples=32, seed=0, batch=8):
    """Runs a function as for inference and measures patterns.

    Noise is white; `tfupsample.inspection.probe_inputs.draw` describes the
    inputs.

    Args:
        function: A function from a list of arrays to one array, images or not.
        given: A `Given` for each of the arrays in the list.
        periods: `(forward, backward)`: periods to look for in the output, in
            its pixels, and in the gradient with respect to the first input
            image, in that image's pixels.
        samples: The number of images or latents, at least 1. Of a slow function
            only as many are measured as fit into `SECONDS`, at least one; if
            not even one does, there is no gradient.
        seed: The seed of the samples.
        batch: The number of samples in each call; 1 if the function is slow.

    Returns:
        `{"kind", "samples", "forward", "spectrum", "gradient"}`. `"samples"` is
        how many were measured. The kind is `"image to image"`, `"generator"`
        (no image goes in) or `"features"` (none comes out: neither
        `"forward"` nor `"spectrum"`). `"forward"` and
        `"gradient"` have rows by input, `"flat"`, `"noise"` or `"latents"`,
        and by period, as a string; rows hold `coherent`, `variance_ratio`,
        `prominence` and `worst_prominence` (dB) as in
        `tfupsample.measures.artifacts`; gradients have `share`, see
        `tfupsample.measures.gradient.pattern_share`. Without a pattern they
        are 0, 0 dB, or 1 for the ratio. The spectrum has `frequency` and
        `power_db` by input. What cannot be measured, as in pictures that are
        too small, is missing. `"alike"` is true if all inputs gave the same
        output; then there are no scores.
    """
    rng = np.random.default_rng(seed)
    images = [i for i, one in enumerate(given) if one.image]
    kind = "noise" if images else "latents"
    drawn = draw(kind, given, samples, rng)
    first, seconds = _first(function, drawn, batch)
    one = SECONDS / _PASSES
    differentiable = (
        bool(images) and _has_gradient(given[images[0]]) and seconds <= one
    )
    allowed = one if differentiable else SECONDS
    if len(first) == 1 and seconds * batch > allowed:
        batch = 1
    inputs = _batches(drawn, batch)
    outputs = (
        [first] if seconds > allowed else _in_time(function, inputs, allowed)
    )
    inputs = inputs[: len(outputs)]
    outputs = np.concatenate(outputs)[:samples].astype("float64")
    samples = len(outputs)
    result = {"samples": samples, "alike": _alike(outputs)}
    if outputs.ndim == 4:
        result["kind"] = "image to image" if images else "generator"
        result["forward"], result["spectrum"] = {}, {}
        if not result["alike"]:
            result["forward"] = {kind: forward_scores(outputs, periods[0])}
            result["spectrum"] = _spectrum(kind, outputs)
    else:
        result["kind"] = "features"
    if differentiable:
        flat = _batches(draw("flat", given, samples, rng), batch)
        result["gradient"] = {
            kind: _gradient_scores(
                _gradient(function, drawn, images[0], kind, given, rng)[
                    :samples
                ],
                periods[1],
                kind,
            )
            for kind, drawn in (("flat", flat), ("noise", inputs))
        }
    return result


def forward_scores(images, periods):
    """Returns the scores of images by period.

    Args:
        images: `(batch, height, width, channels)`.
        periods: Periods in pixels; those too long for the images are left out.
    """
    return {str(p): scores(images, p) for p in _fitting(periods, images)}


def scores(images, period):
    """Returns the scores of images at one period."""
    prominence = peak_prominence(images, period)
    return (
        {"coherent": coherent_score(images, period)}
        | _ratio(images, period)
        | {"prominence": prominence.mean, "worst_prominence": prominence.worst}
    )


def _ratio(images, period):
    """Returns a row with the variance ratio; none if a phase is constant."""
    ratio = variance_ratio(images, period)
    return {"variance_ratio": ratio} if ratio < 1 / _ALIKE**2 else {}


def _alike(outputs):
    spread = outputs.std(axis=0).max(initial=0)
    one = len(outputs) == 1
    return bool(not one and spread <= _ALIKE * np.abs(outputs).max(initial=0))


def _spectrum(kind, images):
    if min(images.shape[1:3]) < _LEAST_SPECTRUM:
        return {}
    frequency, power = radial_spectrum(images)
    row = {"frequency": frequency.tolist(), "power_db": power.tolist()}
    return {kind: row}


def _first(function, inputs, batch):
    """Returns `(outputs, seconds)` for the first sample.

    They are those for a whole batch if the function does not take one sample.
    """
    for size in (1, batch):
        (given,) = _batches([x[:size] for x in inputs], size)
        started = time.monotonic()
        try:
            outputs = ops.convert_to_numpy(function(given))
        # The code of others raises anything.
        except Exception:
            if size == batch:
                raise
            continue
        seconds = time.monotonic() - started
        if len(outputs) == size:
            break
    return outputs, seconds


def _in_time(function, batches, seconds):
    """Returns the outputs for as many batches as time allows, at least one."""
    started, outputs = time.monotonic(), []
    for batch in batches:
        outputs.append(ops.convert_to_numpy(function(batch)))
        if time.monotonic() - started >= seconds:
            break
    return outputs


def _has_gradient(image):
    floats = image.dtype.startswith(("float", "bfloat"))
    return (
        image.differentiable
        and floats
        and len(image.shape) == 3
        and image.channel_axis is not None
    )


def _gradient(function, batches, image, kind, given, rng):
    """Returns the gradient of a random sum of the outputs, by the image.

    For flat images the weights of the sum are the same in all pixels and
    samples; otherwise they would enter as noise from behind.
    """

    def gradient(batch, seed):
        def weighted(x):
            y = function([*batch[:image], x, *batch[image + 1 :]])
            shape = tuple(y.shape)
            weights = np.random.default_rng(seed).normal(
                size=shape if kind == "noise" else shape[-1:]
            )
            return ops.sum(y * ops.convert_to_tensor(weights, y.dtype))

        return ops.convert_to_numpy(input_gradient(weighted, batch[image]))

    first = int(rng.integers(2**31))
    found = [
        gradient(batch, first + (i if kind == "noise" else 0))
        for i, batch in enumerate(batches)
    ]
    found = np.concatenate(found).astype("float64")
    return np.moveaxis(found, given[image].channel_axis, -1)


def _gradient_scores(gradients, periods, kind):
    return {
        str(period): {"share": pattern_share(gradients, period)}
        | (
            _ratio(gradients, period)
            | {"prominence": peak_prominence(gradients, period).mean}
            if kind == "noise"
            else {}
        )
        for period in _fitting(periods, gradients)
    }


def _fitting(periods, images):
    """Returns the periods that fit twice into the images without margin."""
    side = min(images.shape[1:3])
    side -= 2 * (side // 8)
    return [
        p for p in periods if 2 * p <= side and side // p * p >= _LEAST_SIDE
    ]


def _batches(inputs, size):
    """Yields batches of one size; repeated samples fill the last one."""
    count = math.ceil(len(inputs[0]) / size) * size
    return [
        [
            ops.convert_to_tensor(
                np.resize(x, (count, *x.shape[1:]))[i : i + size]
            )
            for x in inputs
        ]
        for i in range(0, count, size)
    ]
