"""Replaces layers of a trained model by others that do nearly the same."""

import keras
import numpy as np
from keras import ops

from tfupsample.errors import UnusableInput
from tfupsample.inspection.keras_graph import (
    channel_axis,
    input_shapes,
    is_told_sizes,
    layers_inside,
)
from tfupsample.inspection.steps import spatial_sizes
from tfupsample.layers import padded_conv, padding_layer, resize_conv
from tfupsample.layers.reconfigured import cloned
from tfupsample.repair.composite_kernel import least_squares_taps

_KEPT = ("name", "trainable", "dtype", "data_format", "activation", "use_bias")
_PADDED = {
    keras.layers.Conv1D: padded_conv.PaddedConv1D,
    keras.layers.Conv2D: padded_conv.PaddedConv2D,
    keras.layers.Conv3D: padded_conv.PaddedConv3D,
}


def copy_model(model):
    """Returns a copy with weights of its own.

    Raises:
        UnusableInput: if the model cannot be rebuilt from its configuration.
    """
    try:
        copy = cloned(model)
        copy.set_weights(model.get_weights())
    # A user's class may fail in any way.
    except Exception as error:
        raise UnusableInput(
            f"The model {model.name!r} cannot be copied from its "
            f"configuration: {error}"
        ) from error
    return copy


def replace_layers(model, replacements):
    """Returns the model with some layers replaced; it shares the others.

    Args:
        model: A functional or sequential model, as must be the models inside
            it that hold a layer to replace.
        replacements: `{id(layer): new layer}`. A layer that is used several
            times is replaced everywhere.

    Raises:
        UnusableInput: if the model is subclassed, or if a layer lies inside
            another layer, so that there is no graph to change.
    """
    if not isinstance(model, keras.Sequential) and not hasattr(
        model, "operations"
    ):
        raise UnusableInput(
            f"The model {model.name!r} is of a class of its own "
            f"({type(model).__name__}), without a graph in which layers can "
            "be exchanged. Use --method=balance."
        )
    repaired = cloned(
        model,
        clone_function=lambda layer: replacements.get(id(layer), layer),
        recursive=True,
    )
    inside = {id(layer) for _, layer in layers_inside(repaired)}
    for new in replacements.values():
        if id(new) not in inside:
            raise UnusableInput(
                f"{new.name!r} lies inside a layer without a graph in which it "
                "can be exchanged. Use --method=balance."
            )
    return repaired


def nearest_resize_conv(upsampling, interpolation="nearest", pad_mode=None):
    """Returns the resize-convolution nearest to a transposed convolution.

    The composite kernel of resizing and convolving is linear in the kernel, so
    least squares finds the kernel whose composite is nearest. Its size is the
    smallest for which the composite reaches as far as the old kernel did.

    Args:
        upsampling: An `Upsampling`.
        interpolation: `"nearest"`, `"bilinear"` or `"bicubic"`.
        pad_mode: The padding of the new layer; zeros by default, for which the
            weights around it were trained.

    Raises:
        UnusableInput: if no resize-convolution has the layer's output size.
    """
    layer = upsampling.layer
    _check_resizable(upsampling)
    if layer.padding == "valid" and layer.kernel_size != layer.strides:
        return _resized_valid(upsampling, interpolation, pad_mode)
    return _resize_conv(layer, interpolation, pad_mode)


def _resized_valid(upsampling, interpolation, pad_mode):
    """Handles `padding="valid"`, whose output is larger than with `"same"`.

    The input is extended by zeros, which a valid transposed convolution sees,
    and the result is cropped to the size of the output.
    """
    layer, rank = upsampling.layer, upsampling.layer.rank
    widen, crop = [], []
    for k, s in zip(layer.kernel_size, layer.strides):
        ends = ((k - s) // 2, k - s - (k - s) // 2)
        widths = [-(-end // s) for end in ends]
        widen.append(widths)
        crop.append([w * s - end for w, end in zip(widths, ends)])
    shared = {"data_format": layer.data_format, "dtype": layer.dtype_policy}
    zeros = getattr(padding_layer, f"Pad{rank}D")
    cropping = getattr(keras.layers, f"Cropping{rank}D")
    if rank == 1:  # Keras's 1-D padding takes neither a data format nor pairs
        crop, shared = tuple(*crop), {"dtype": layer.dtype_policy}
    return keras.Sequential(
        [
            keras.Input(_open_shape(layer, layer.kernel.shape[-1])),
            zeros(widen, "constant", name="zeros", **shared),
            _resize_conv(layer, interpolation, pad_mode),
            cropping(crop, name="crop", **shared),
        ],
        name=f"{layer.name}_resized",
    )


def _resize_conv(layer, interpolation, pad_mode):
    fits = [
        least_squares_taps(k, s, interpolation)
        for k, s in zip(layer.kernel_size, layer.strides)
    ]
    new = getattr(resize_conv, f"ResizeConv{layer.rank}D").from_config(
        shared_config(layer)
        | {
            "kernel_size": [len(fit) for fit in fits],
            "scale": layer.strides,
            "interpolation": interpolation,
            "pad_mode": pad_mode or "constant",
        }
    )
    kernel = ops.convert_to_numpy(layer.kernel)
    for axis, fit in enumerate(fits):
        kernel = np.moveaxis(np.tensordot(fit, kernel, (1, axis)), 0, axis)
    return with_weights(new, layer, np.swapaxes(kernel, -2, -1))


def _check_resizable(upsampling):
    layer = upsampling.layer
    reasons = {
        "is not a transposed convolution": not upsampling.transposed,
        "has an output_padding": getattr(layer, "output_padding", None),
        "has a dilation": max(getattr(layer, "dilation_rate", (1,))) > 1,
        "has a kernel smaller than its strides": min(
            k - s for k, s in zip(layer.kernel_size, upsampling.strides)
        )
        < 0,
    }
    for reason, holds in reasons.items():
        if holds:
            raise UnusableInput(
                f"{upsampling.path} {reason}; no resize-convolution replaces "
                "it. Use --method=balance."
            )


def smoothed(upsampling):
    """Returns a layer followed by the mean over `strides` pixels.

    This is the zero-order hold of Sugawara, Shiota and Kiya (2018): every
    window of `strides` pixels holds each phase once, so a flat image stays
    flat. The mean is taken inside the image and its edge repeated, so that
    flat stays flat up to where the layer sees its own padding. An even stride
    moves the picture by half a pixel.

    Raises:
        UnusableInput: for the convolution before a depth-to-space, and for a
            layer that is called with the size of its output.
    """
    layer, strides = upsampling.layer, upsampling.strides
    if is_told_sizes(layer):
        raise UnusableInput(
            f"{upsampling.path} is called with the size of its output; what "
            "takes a mean behind it is not. Use --method=balance."
        )
    if not (upsampling.transposed or hasattr(layer, "scale")):
        raise UnusableInput(
            f"{upsampling.path} makes its pixels in a later depth-to-space; "
            "it cannot be smoothed. Use --method=balance."
        )
    shared = {"data_format": layer.data_format, "dtype": layer.dtype_policy}
    rank = len(strides)
    average = getattr(keras.layers, f"AveragePooling{rank}D")
    pad = getattr(padding_layer, f"Pad{rank}D")
    widths = [((s - 1) // 2, s // 2) for s in strides]
    channels = layer.input_spec.axes[channel_axis(layer)]
    return keras.Sequential(
        [
            # Sizes stay open: the layer may be used for several.
            keras.Input(_open_shape(layer, channels)),
            layer,
            average(strides, 1, "valid", name="mean", **shared),
            pad(widths, "edge", name="edge", **shared),
        ],
        name=f"{layer.name}_smoothed",
    )


def padded(path, layer, pad_mode):
    """Returns a `padding='same'` convolution with another border.

    Args:
        path: The path of the layer, for the message.
        layer: A `Conv1D`, `Conv2D` or `Conv3D` of a built model.
        pad_mode: One of `PAD_MODES`.

    Raises:
        UnusableInput: if Keras aligns its strides in another way.
    """
    if layer.groups > 1:
        raise UnusableInput(f"{path} has groups; its padding stays zeros.")
    for size, stride in zip(_input_sizes(layer), layer.strides):
        if stride > 1 and (size is None or size % stride):
            raise UnusableInput(
                f"{path} has strides {layer.strides} on an input of size "
                f"{size}: Keras then shifts the kernel with the size, and no "
                "padding of another mode does the same. Name other --layers."
            )
    new = _PADDED[type(layer)].from_config(
        shared_config(layer)
        | {
            "kernel_size": layer.kernel_size,
            "strides": layer.strides,
            "dilation_rate": layer.dilation_rate,
            "pad_mode": pad_mode,
        }
    )
    return with_weights(new, layer, layer.kernel)


def zero_padded(model):
    """Returns `{path: layer}` of the convolutions that `padded` knows."""
    return {
        path: layer
        for path, layer in layers_inside(model)
        if type(layer) in _PADDED
        and layer.padding == "same"
        and max(layer.kernel_size) > 1
    }


def _input_sizes(layer):
    """Returns an input size per axis; `None` if unknown or not unique."""
    axis = channel_axis(layer)
    sizes = {spatial_sizes(shape, axis) for shape in input_shapes(layer)}
    return sizes.pop() if len(sizes) == 1 else (None,) * layer.rank


def shared_config(layer):
    """Returns what a convolution of this package takes over from a layer."""
    config = layer.get_config()
    kept = {key: config[key] for key in _KEPT}
    return kept | {"filters": layer.filters}


def _open_shape(layer, channels):
    """Returns the layer's input shape without batch, with open sizes."""
    sizes = (None,) * layer.rank
    first = channel_axis(layer) == 1
    return (channels, *sizes) if first else (*sizes, channels)


def with_weights(new, layer, kernel):
    """Returns the new layer, built for the old one's input, with weights.

    Args:
        new: A convolution of this package that is not built.
        layer: The convolution that it replaces; its bias is taken over.
        kernel: An array or variable of the kernel of the new layer.
    """
    channels = kernel.shape[-2]
    new.build((None, *_open_shape(layer, channels)))
    new.set_weights([kernel] + ([layer.bias] if layer.use_bias else []))
    return new
