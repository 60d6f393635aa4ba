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

SLOW = 1.5
"""Seconds after which one batch has to do, as an inspection must end soon."""

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
        samples: The number of images or latents, at least 1; one batch at most
            of a function that takes longer than `SLOW` for it.
        seed: The seed of the samples.
        batch: The number of samples in each call, always the same.

    Returns:
        `{"kind", "samples", "forward", "spectrum", "gradient"}`. The kind is
        `"image to image"`, `"generator"` (no image goes in) or `"features"`
        (none comes out: neither `"forward"` nor `"spectrum"`). `"forward"` and
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
    inputs = _batches(draw(kind, given, samples, rng), batch)
    outputs = _run(function, inputs)
    # A slow function gets one batch.
    inputs, samples = inputs[: len(outputs)], min(samples, len(outputs) * batch)
    outputs = np.concatenate(outputs)[:samples].astype("float64")
    result = {"samples": samples, "alike": _alike(outputs)}
    if outputs.ndim == 4:
        result["kind"] = "image to image" if images else "generator"
        result["forward"], result["spectrum"] = {}, {}
        if not result["alike"]:
            result["forward"] = {kind: forward_scores(outputs, periods[0])}
            result["spectrum"] = _spectrum(kind, outputs)
    else:
        result["kind"] = "features"
    if images and _has_gradient(given[images[0]]):
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


def _run(function, batches):
    """Returns the outputs for each batch; of a slow function for the first."""
    started = time.monotonic()
    outputs = [ops.convert_to_numpy(function(batches[0]))]
    if time.monotonic() - started < SLOW:
        outputs += [ops.convert_to_numpy(function(b)) for b in batches[1:]]
    return outputs


def _has_gradient(image):
    floats = image.dtype.startswith(("float", "bfloat"))
    return floats and len(image.shape) == 3 and image.channel_axis is not None


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
