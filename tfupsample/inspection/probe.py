"""What a whole model makes of flat images, of noise, and of gradients."""

import keras
import numpy as np
from keras import ops
from scipy import ndimage

from tfupsample.measures.artifacts import (
    coherent_score,
    peak_prominence,
    variance_ratio,
)
from tfupsample.measures.gradient import pattern_share
from tfupsample.measures.spectrum import radial_spectrum
from tfupsample.ops.autodiff import input_gradient

SIDE = 64
"""Pixels of an image where the model takes any size; the least is 128 where its
patterns have a period of 16 or more."""

_LEAST_SIDE = 10  # that `peak_prominence` needs without margin
_LEAST_SPECTRUM = 4  # that `radial_spectrum` needs


def probe_model(model, forward, backward, samples=32, seed=0):
    """Runs a model as for inference and measures patterns.

    Flat images have one random colour each, noise is white, both uniform in
    [-1, 1]; other inputs, such as latents, are standard normal, integers 0.

    Args:
        model: Its first output counts, images or not.
        forward: Periods to look for in the output, in its pixels.
        backward: Periods to look for in the gradient with respect to the image
            that it takes, in that image's pixels.
        samples: Images or latents, at least 1.
        seed: Seeds them.

    Returns:
        `{"kind", "samples", "forward", "spectrum", "gradient"}`. The kind is
        `"image to image"`, `"generator"` (no image goes in) or `"features"`
        (none comes out: neither `"forward"` nor `"spectrum"`). Each part has
        rows by input, `"flat"`, `"noise"` or `"latents"`, and by period, as a
        string; rows hold
        `ripple` (pattern in the output of flat images, as a share of the
        output's spread for noise), or `coherent`, `variance_ratio`,
        `prominence` and `worst_prominence` (dB) as in
        `tfupsample.measures.artifacts`; gradients have `share`, see
        `tfupsample.measures.gradient.pattern_share`. 0 and 0 dB: no pattern,
        ratio 1 the same. The spectrum has `frequency` and `power_db` by input.
        `{"skipped": reason}` if it cannot be run.
    """
    shapes = _input_shapes(model, max([*forward, *backward]))
    if shapes is None:
        return {"skipped": "Its inputs are not known."}
    try:
        return probe(
            lambda x: keras.tree.flatten(model(x, training=False))[0],
            shapes,
            (forward, backward),
            samples,
            seed,
        )
    # The model's own code raises, for instance on the sizes chosen here.
    except Exception as error:
        return {"skipped": f"It does not run: {_first_line(error)}"}


def probe(function, shapes, periods, samples=32, seed=0, batch=8):
    """The same for any function of Keras operations.

    Args:
        function: From one array, or a list of them, to one array.
        shapes: `(shape without batch, dtype)` of each input.
        periods: `(forward, backward)`.
        samples: As for `probe_model`.
        seed: As for `probe_model`.
        batch: Samples that the function gets at once.
    """
    rng = np.random.default_rng(seed)
    images = [i for i, (shape, _) in enumerate(shapes) if len(shape) == 3]
    kinds = ("flat", "noise") if images else ("latents",)
    given = {kind: _inputs(kind, shapes, samples, rng) for kind in kinds}
    batches = {kind: _batches(given[kind], batch) for kind in kinds}
    outputs = {kind: _run(function, batches[kind]) for kind in kinds}
    result = {"samples": samples}
    if next(iter(outputs.values())).ndim == 4:
        result["kind"] = "image to image" if images else "generator"
        result["forward"] = forward_scores(outputs, periods[0])
        result["spectrum"] = spectra(outputs)
    else:
        result["kind"] = "features"
    if images:
        gradients = {
            kind: _gradient(function, batches[kind], images[0], kind, rng)
            for kind in kinds
        }
        result["gradient"] = _gradient_scores(gradients, periods[1])
    return result


def forward_scores(outputs, periods):
    """Returns the scores of images by kind of input and by period.

    Args:
        outputs: `{kind: (batch, height, width, channels)}`.
        periods: In pixels; those too long for the images are left out.
    """
    return {
        kind: {
            str(period): ripple(images, outputs["noise"], period)
            if kind == "flat"
            else scores(images, period)
            for period in _fitting(periods, images)
        }
        for kind, images in outputs.items()
    }


def spectra(outputs):
    """Returns the radial spectrum of images by kind of input, but for flat.

    Args:
        outputs: As for `forward_scores`.
    """
    rows = {
        kind: radial_spectrum(images)
        for kind, images in outputs.items()
        if kind != "flat" and min(images.shape[1:3]) >= _LEAST_SPECTRUM
    }
    return {
        kind: {"frequency": f.tolist(), "power_db": power.tolist()}
        for kind, (f, power) in rows.items()
    }


def scores(images, period):
    """Returns the scores of images at one period."""
    prominence = peak_prominence(images, period)
    return {
        "coherent": coherent_score(images, period),
        "variance_ratio": variance_ratio(images, period),
        "prominence": prominence.mean,
        "worst_prominence": prominence.worst,
    }


def ripple(flat, noise, period):
    """Returns the pattern in `flat`, as a share of the spread of `noise`.

    What is smooth, such as a border that reaches far inside, is taken off
    before.
    """
    smooth = ndimage.uniform_filter(flat, (0, period, period, 0))
    detail = np.asarray(flat - smooth, "float64")
    margin = min(flat.shape[1:3]) // 8
    inside = detail[:, margin:-margin, margin:-margin]
    spread = np.std(inside, axis=(0, 1, 2)).mean()
    share = coherent_score(detail, period) * spread
    return {"ripple": float(share / max(noise.std(), np.finfo(float).tiny))}


def _run(function, batches):
    """Outputs of a function for all samples."""
    outputs = [
        ops.convert_to_numpy(function(_one_or_list(batch))) for batch in batches
    ]
    return np.concatenate(outputs).astype("float64")


def _gradient(function, batches, image, kind, rng):
    """Gradient of a random sum of the outputs with respect to the image.

    For flat images the weights are the same in all pixels and samples, as
    otherwise they would be noise that goes in from behind.
    """

    def gradient(batch, seed):
        def weighted(x):
            given = [*batch[:image], x, *batch[image + 1 :]]
            y = function(_one_or_list(given))
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
    return np.concatenate(found).astype("float64")


def _gradient_scores(gradients, periods):
    return {
        kind: {
            str(period): {"share": pattern_share(images, period)}
            | (
                {
                    "variance_ratio": variance_ratio(images, period),
                    "prominence": peak_prominence(images, period).mean,
                }
                if kind == "noise"
                else {}
            )
            for period in _fitting(periods, images)
        }
        for kind, images in gradients.items()
    }


def _fitting(periods, images):
    """The periods that fit twice into the images without margin."""
    side = min(images.shape[1:3])
    side -= 2 * (side // 8)
    return [
        p for p in periods if 2 * p <= side and side // p * p >= _LEAST_SIDE
    ]


def _inputs(kind, shapes, samples, rng):
    """Arrays for all inputs; one of them an image of this kind."""

    def draw(shape, dtype):
        if "int" in dtype:
            return np.zeros((samples, *shape), dtype)
        if len(shape) != 3:
            return rng.normal(size=(samples, *shape)).astype(dtype)
        size = shape if kind == "noise" else (1, 1, shape[-1])
        colours = rng.uniform(-1, 1, (samples, *size))
        return np.broadcast_to(colours, (samples, *shape)).astype(dtype)

    return [draw(*shape) for shape in shapes]


def _batches(inputs, size):
    return [
        [ops.convert_to_tensor(x[start : start + size]) for x in inputs]
        for start in range(0, len(inputs[0]), size)
    ]


def _one_or_list(arrays):
    return arrays[0] if len(arrays) == 1 else arrays


def _input_shapes(model, period):
    """`(shape without batch, dtype)` of each input, or `None`."""
    side = max(SIDE, 8 * period)
    tensors = getattr(model, "inputs", None)
    if tensors:
        shapes = [(t.shape[1:], t.dtype) for t in tensors]
    else:
        shape = (model.get_build_config() or {}).get("input_shape")
        if not shape or not isinstance(shape[-1], int):
            return None
        shapes = [(tuple(shape[1:]), keras.config.floatx())]
    return [
        (tuple(n or side for n in shape), str(dtype)) for shape, dtype in shapes
    ]


def _first_line(error):
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
