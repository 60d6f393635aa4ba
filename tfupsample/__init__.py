"""Upsampling for Keras 3 that cannot paint a checkerboard or a border."""

from tfupsample.layers.constraints import EqualPhaseGain
from tfupsample.layers.filtered_conv import FilteredConvTranspose2D
from tfupsample.layers.initializers import ICNR, Balanced
from tfupsample.layers.padded_conv import (
    PaddedConv1D,
    PaddedConv2D,
    PaddedConv3D,
)
from tfupsample.layers.padding_layer import Pad1D, Pad2D, Pad3D
from tfupsample.layers.regularizers import PhaseGainRegularizer
from tfupsample.layers.resample import BlurDownsample2D, BlurUpsample2D
from tfupsample.layers.resize_conv import (
    ResizeConv1D,
    ResizeConv2D,
    ResizeConv3D,
)
from tfupsample.layers.subpixel_conv import (
    SubpixelConv1D,
    SubpixelConv2D,
    SubpixelConv3D,
)
from tfupsample.layers.upsampler import UPSAMPLERS, make_upsampler
from tfupsample.measures.losses import (
    BorderLoss,
    SpectralLoss,
    TotalVariationLoss,
)
from tfupsample.ops.padding import PAD_MODES
from tfupsample.pretrained.load import list_pretrained, load_pretrained
from tfupsample.version import __version__

__all__ = [
    "Balanced",
    "BlurDownsample2D",
    "BlurUpsample2D",
    "BorderLoss",
    "EqualPhaseGain",
    "FilteredConvTranspose2D",
    "ICNR",
    "PAD_MODES",
    "Pad1D",
    "Pad2D",
    "Pad3D",
    "PaddedConv1D",
    "PaddedConv2D",
    "PaddedConv3D",
    "PhaseGainRegularizer",
    "ResizeConv1D",
    "ResizeConv2D",
    "ResizeConv3D",
    "SpectralLoss",
    "SubpixelConv1D",
    "SubpixelConv2D",
    "SubpixelConv3D",
    "TotalVariationLoss",
    "UPSAMPLERS",
    "__version__",
    "list_pretrained",
    "load_pretrained",
    "make_upsampler",
]
