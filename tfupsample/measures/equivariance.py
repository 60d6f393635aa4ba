"""How well a model's output follows its input when that is moved (EQ-T)."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import ArrayLike

from tfupsample.arguments import check_function, finite, finite_array, integer

_DRAWN = 16  # translations
_DRAWN_SHARE = 8  # they reach one part in so many of the side, as published


def equivariance(
    model: Callable[[Any], Any],
    inputs: ArrayLike,
    layer: str | None = None,
    translations: Sequence[tuple[int, int]] | None = None,
    cyclic: bool = False,
    margin: int = 0,
    peak: float = 2.0,
) -> float:
    """Compares the translated output with the output for translated input.

    It is EQ-T: the mean square of the difference, over images, translations,
    channels and pixels, as a PSNR. The output moves by whole pixels. The input
    moves by as many of its own pixels, which need not be whole: where the
    output is `scale` times as large, an upsampler shows its phases only at
    fractions of an input pixel. What leaves the input on one side enters it on
    the other; fractions are interpolated by Fourier, so that the frequencies of
    the input stay what they are.

    Only what both outputs show is compared: all pixels of a `cyclic` model, and
    else those that neither image has from across its border.

    Args:
        model: A model or function of one array; noise within it counts as a
            difference. With `layer`, a functional model.
        inputs: What the model takes, at least one: `(batch, height, width,
            channels)`, or anything if `layer` is given.
        layer: Name of the layer whose output is moved instead of the input,
            such as the first features of a generator, `(batch, height, width,
            channels)`.
        translations: Pairs of integers, rows down and columns to the right, in
            pixels of the output; by default 16 that differ, drawn up to an
            eighth of each side.
        cyclic: Whether the model wraps around, as `pad_mode="circular"` does.
        margin: Further pixels of the output to leave out beside those from
            across the border, as many as the padding of the model reaches.
        peak: Largest difference between two values of the output: 2 for images
            from -1 to 1.

    Returns:
        EQ-T in dB, infinite where nothing differs.

    Raises:
        ValueError: for an argument outside these ranges, an output that is no
            batch of images, or one that the translations and the margin leave
            nothing of.

    References:
        Karras et al., 2021, "Alias-Free Generative Adversarial Networks", arXiv
        2106.12423, appendix E.3.
    """
    check_function("model", model)
    margin = integer("margin", margin, 0)
    peak = finite("peak", peak, 1e-30)
    if layer is None:
        images, function = finite_array("inputs", inputs), model
    else:
        images, function = _from_layer(model, inputs, layer)
    still = _images(function, images)
    if translations is None:
        translations = _drawn(still.shape[1:3])
    ratio = np.divide(images.shape[1:3], still.shape[1:3])
    errors = []
    for move in _checked(translations, margin, still.shape[1:3], cyclic):
        moved = _images(function, translated(images, move * ratio))
        difference = moved - translated(still, move)
        if not cyclic:
            difference = _inside(difference, move, margin)
        errors.append(np.mean(difference**2))
    with np.errstate(divide="ignore"):
        return float(10 * np.log10(peak**2 / np.mean(errors)))


def translated(images: np.ndarray, move: ArrayLike) -> np.ndarray:
    """Returns `(batch, height, width, channels)` images, moved cyclically.

    Args:
        images: The images.
        move: Pixels down and to the right; fractions are interpolated by
            Fourier.
    """
    move = np.asarray(move, float)
    whole = np.rint(move).astype(int)
    if np.allclose(move, whole, atol=1e-9):
        return np.roll(images, tuple(whole), axis=(1, 2))
    from scipy.ndimage import fourier_shift

    spectrum = np.fft.fft2(images, axes=(1, 2))
    spectrum = fourier_shift(spectrum, (0, *move, 0))
    return np.fft.ifft2(spectrum, axes=(1, 2)).real


def _from_layer(model, inputs, layer):
    """Returns the output of a layer, and the function of what follows it."""
    try:
        features = model.get_layer(layer).output
        whole = keras.Model(model.inputs, [features, model.outputs[0]])
    except (AttributeError, TypeError, ValueError) as error:
        raise ValueError(
            "`layer` must be the name of a layer of `model`, and `model` a "
            f"functional model. Received: layer={layer!r}, model={model!r}"
        ) from error
    # What bypasses the layer, such as styles, stays as it is.
    given = [np.asarray(inputs, "float32")]
    rest = keras.Model([features, *model.inputs], model.outputs[0])
    start = finite_array(
        f"output of {layer}", ops.convert_to_numpy(whole(given)[0])
    )
    return start, lambda x: rest([x, *given])


def _images(function, inputs):
    images = ops.convert_to_numpy(function(inputs.astype("float32")))
    return finite_array("output of model", images)


def _drawn(sizes):
    reach = [max(1, n // _DRAWN_SHARE) for n in sizes]
    rows, columns = (range(-n, n + 1) for n in reach)
    pairs = [(i, j) for i in rows for j in columns if i or j]
    return np.random.default_rng(0).permutation(pairs)[:_DRAWN]


def _checked(translations, margin, sizes, cyclic):
    """Returns `(count, 2)` integers that leave something to compare."""
    moves = np.asarray(translations)
    if moves.dtype.kind not in "iu" or moves.shape != (len(moves), 2):
        raise ValueError(
            "`translations` must be pairs of integers, at least one. "
            f"Received: {translations!r}"
        )
    reach = np.abs(moves).max(axis=0) + 2 * margin
    if not cyclic and (reach >= sizes).any():
        raise ValueError(
            "`translations` and `margin` must leave something of the "
            f"output's {sizes} pixels. Received: translations up to "
            f"{tuple(np.abs(moves).max(axis=0).tolist())}, margin={margin}"
        )
    return moves


def _inside(difference, move, margin):
    """Drops the rows and columns that came from across the border."""
    window = [
        slice(max(m, 0) + margin, n + min(m, 0) - margin)
        for m, n in zip(move.tolist(), difference.shape[1:3])
    ]
    return difference[:, window[0], window[1]]
