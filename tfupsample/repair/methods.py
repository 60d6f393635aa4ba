"""Makes repaired copies of models: gains, resizing, smoothing, padding.

`tfupsample.repair.repair` chooses among these functions.
"""

import math

import keras
from keras import ops

from tfupsample.errors import UnusableInput
from tfupsample.inspection.upsamplings import find_upsamplings
from tfupsample.ops.phase_gain import balanced
from tfupsample.repair import surgery


def balance(model, paths, nearest=balanced):
    """Returns a copy whose upsamplings have equal phase gains.

    Layers and cost stay the same: this is the smallest change of the kernels,
    in closed form. Biases and normalisations before a depth-to-space become
    the same for all phases.

    Args:
        model: Any model with transposed or sub-pixel convolutions.
        paths: Which of `find_upsamplings(model)`.
        nearest: The projection of kernels: `balanced`, or `ramp_keeping`, which
            makes the first moments of the phases equal too.

    Raises:
        UnusableInput: if a kernel is smaller than its stride.
    """
    copy = surgery.copy_model(model)
    for u in chosen(find_upsamplings(copy), paths):
        fold_normalisation(u)
        try:
            kernel = nearest(u.layer.kernel, u.strides, u.transposed)
        except ValueError as error:
            raise UnusableInput(f"{u.path}: {error}") from error
        u.layer.kernel.assign(kernel)
        equal_offsets(u)
    return copy


def resize(model, paths, interpolation="nearest", pad_mode=None):
    """Returns a copy with resize-convolutions for transposed convolutions.

    Args:
        model: A functional or sequential model.
        paths: Which of `find_upsamplings(model)`.
        interpolation: `"nearest"`, `"bilinear"` or `"bicubic"`.
        pad_mode: The padding of the new layers; zeros by default.

    Raises:
        UnusableInput: if no such layer can replace one of them.
    """
    copy = surgery.copy_model(model)
    return surgery.replace_layers(
        copy,
        {
            id(u.layer): surgery.nearest_resize_conv(u, interpolation, pad_mode)
            for u in chosen(find_upsamplings(copy), paths)
        },
    )


def smooth(model, paths):
    """Returns a copy that takes the mean over `strides` pixels after layers.

    Args:
        model: A functional or sequential model.
        paths: Which of `find_upsamplings(model)`.

    Raises:
        UnusableInput: if a layer cannot be exchanged.
    """
    copy = surgery.copy_model(model)
    return surgery.replace_layers(
        copy,
        {
            id(u.layer): surgery.smoothed(u)
            for u in chosen(find_upsamplings(copy), paths)
        },
    )


def exchange_padding(model, paths=None, pad_mode="symmetric"):
    """Returns a copy whose convolutions do not see zeros beyond the border.

    Weights and cost stay the same. Transposed convolutions keep their zeros.

    Args:
        model: A functional or sequential model.
        paths: Which of its `padding='same'` convolutions; all by default.
        pad_mode: One of `PAD_MODES`.

    Raises:
        UnusableInput: if there are none, or one cannot be exchanged.
    """
    copy = surgery.copy_model(model)
    found = surgery.zero_padded(copy)
    if not found:
        raise UnusableInput("No convolution of the model pads with zeros.")
    return surgery.replace_layers(
        copy,
        {
            id(found[path]): surgery.padded(path, found[path], pad_mode)
            for path in named_paths(found, paths or list(found))
        },
    )


def chosen(upsamplings, paths):
    """Returns those of a list of upsamplings whose path is among `paths`."""
    return [u for u in upsamplings if u.path in paths]


def named_paths(found, names):
    """Returns the paths that names, or paths, stand for.

    Raises:
        UnusableInput: if one stands for no layer; the message lists them all.
        ValueError: for anything but names.
    """
    names = names.split(",") if isinstance(names, str) else names
    if not isinstance(names, (list, tuple)) or not names:
        raise ValueError(
            "`layers` must be a name or path, or a sequence of them. "
            f"Received: {names!r}"
        )
    chosen = []
    for name in names:
        fits = [p for p in found if name in (p, p.rsplit("/")[-1])]
        if not fits:
            raise UnusableInput(
                f"There is no layer {name!r} to repair, but {', '.join(found)}."
            )
        chosen += fits
    return list(dict.fromkeys(chosen))


def normalisation_gain(upsampling):
    """Returns the factors by which a normalisation multiplies a convolution.

    It is the one between the convolution and its depth-to-space, if nothing
    but it follows the sums of the convolution; else `None`.
    """
    if not upsampling.between or not isinstance(
        upsampling.between[0], keras.layers.BatchNormalization
    ):
        return None
    if upsampling.layer.activation is not keras.activations.linear:
        return None
    norm = upsampling.between[0]
    gain = ops.rsqrt(norm.moving_variance + norm.epsilon)
    return gain * norm.gamma if norm.scale else gain


def fold_normalisation(upsampling):
    """Moves the normalisation before a depth-to-space into the convolution.

    Its factors differ from phase to phase, so that equal gains of the kernel
    alone would not come out equal. The layer stays in the model and multiplies
    by 1 from now on.
    """
    gain = normalisation_gain(upsampling)
    if gain is None:
        return
    layer, norm = upsampling.layer, upsampling.between[0]
    layer.kernel.assign(layer.kernel * gain)
    if layer.bias is not None:
        layer.bias.assign(layer.bias * gain)
    if norm.scale:
        norm.gamma.assign(ops.ones_like(gain))
    norm.moving_mean.assign(norm.moving_mean * gain)
    norm.moving_variance.assign(ops.ones_like(gain) - norm.epsilon)


def equal_offsets(upsampling):
    """Sets all offsets before a depth-to-space to their mean over the phases.

    These are the bias of the convolution and the weights of the normalisations
    behind it. Where a bias is added after the phases have been shuffled,
    nothing is to be done.
    """
    layer = upsampling.layer
    norms = [x for x in upsampling.between if x.weights]
    if upsampling.transposed:
        return
    phases, columns = math.prod(upsampling.strides), layer.kernel.shape[-1]
    offsets = [w for norm in norms for w in norm.weights]
    for offset in offsets if layer.bias is None else [layer.bias, *offsets]:
        if offset.shape[0] == columns:
            mean = ops.mean(ops.reshape(offset, (phases, -1)), axis=0)
            offset.assign(ops.tile(mean, (phases,)))
