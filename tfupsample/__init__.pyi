from .arguments import PAD_MODES
from .errors import UnusableInput
from .fuse.fuse import Fused, fuse_model
from .inspection.findings import Finding, Inspection, LayerReport
from .inspection.inspect import inspect_model
from .layers.alias_free import AliasFreeConv2D, FilteredActivation
from .layers.carafe import Carafe2D
from .layers.constraints import EqualPhaseGain
from .layers.content_aware_conv import ContentAwareConv2D
from .layers.dysample import DySample2D
from .layers.filtered_conv import FilteredConvTranspose2D
from .layers.initializers import ICNR, Balanced
from .layers.padded_conv import PaddedConv1D, PaddedConv2D, PaddedConv3D
from .layers.padding_layer import Pad1D, Pad2D, Pad3D
from .layers.regularizers import PhaseGainRegularizer
from .layers.resample import BlurDownsample2D, BlurUpsample2D
from .layers.resize_conv import ResizeConv1D, ResizeConv2D, ResizeConv3D
from .layers.subpixel_conv import (
    SubpixelConv1D,
    SubpixelConv2D,
    SubpixelConv3D,
)
from .layers.upsampler import UPSAMPLERS, make_upsampler
from .measures.losses import BorderLoss, SpectralLoss, TotalVariationLoss
from .measures.score import score_images
from .measures.score_results import ImageScore, PeriodScore, SetScore
from .pretrained.load import list_pretrained, load_pretrained
from .repair.repair import Repaired, repair_model
from .training.artifact_monitor import ArtifactMonitor
from .version import __version__

__all__ = [
    "AliasFreeConv2D",
    "ArtifactMonitor",
    "Balanced",
    "BlurDownsample2D",
    "BlurUpsample2D",
    "BorderLoss",
    "Carafe2D",
    "ContentAwareConv2D",
    "DySample2D",
    "EqualPhaseGain",
    "FilteredActivation",
    "FilteredConvTranspose2D",
    "Finding",
    "Fused",
    "ICNR",
    "ImageScore",
    "Inspection",
    "LayerReport",
    "PAD_MODES",
    "Pad1D",
    "Pad2D",
    "Pad3D",
    "PaddedConv1D",
    "PaddedConv2D",
    "PaddedConv3D",
    "PeriodScore",
    "PhaseGainRegularizer",
    "Repaired",
    "ResizeConv1D",
    "ResizeConv2D",
    "ResizeConv3D",
    "SetScore",
    "SpectralLoss",
    "SubpixelConv1D",
    "SubpixelConv2D",
    "SubpixelConv3D",
    "TotalVariationLoss",
    "UPSAMPLERS",
    "UnusableInput",
    "__version__",
    "fuse_model",
    "inspect_model",
    "list_pretrained",
    "load_pretrained",
    "make_upsampler",
    "repair_model",
    "score_images",
]
