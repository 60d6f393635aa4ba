"""Upsampling for Keras 3 that cannot paint a checkerboard or a border."""

from tfupsample.initializers import ICNR
from tfupsample.layers.resize_conv import ResizeConv2D
from tfupsample.layers.subpixel_conv import SubpixelConv2D
from tfupsample.layers.upsampler import UPSAMPLERS, make_upsampler
from tfupsample.padding import PAD_MODES
from tfupsample.version import __version__

__all__ = [
    "ICNR",
    "PAD_MODES",
    "ResizeConv2D",
    "SubpixelConv2D",
    "UPSAMPLERS",
    "__version__",
    "make_upsampler",
]
