"""How public functions are called, and which arguments can be wrong."""

import functools

import keras
import numpy as np
from bad_values import IMAGES

import tfupsample
from models import (
    autoencoder,
    classifier,
    conditional_instance_norm,
    dcgan,
    deep_dream,
    deep_image_prior,
    latent,
    perceptual,
    segmentation,
    segmentation_loss,
    super_resolution,
    vocoder,
)
from models import style_transfer as style
from models.stylegan2 import networks
from tfupsample.fuse import fuse
from tfupsample.images import arrays, tiling
from tfupsample.inspection import gains
from tfupsample.inspection import inspect as inspection
from tfupsample.measures import (
    artifacts,
    border,
    equivariance,
    frechet_distance,
    gradient,
    kernel_distance,
    lines,
    operator,
    overlap,
    pattern,
    score,
    sliced_wasserstein,
    spectrum,
)
from tfupsample.ops import phase_gain
from tfupsample.repair import inputs, repair

CONV = {
    "filters": "count",
    "kernel_size": "counts",
    "pad_mode": "pad mode",
    "data_format": "choice or none",
    "activation": "of keras",
    "use_bias": "flag",
    "kernel_initializer": "of keras",
    "bias_initializer": "of keras",
    "kernel_regularizer": "of keras",
    "bias_regularizer": "of keras",
    "activity_regularizer": "of keras",
    "kernel_constraint": "of keras",
    "bias_constraint": "of keras",
}
RESIZE = CONV | {
    "scale": "counts",
    "interpolation": "choice",
    "implementation": "choice",
}
SUBPIXEL = CONV | {"scale": "counts", "icnr": "flag"}
PADDED = CONV | {
    "strides": "counts",
    "dilation_rate": "counts",
    "groups": "count",
}
PAD = {"padding": "padding", "pad_mode": "pad mode"}
BLUR = {"scale": "counts", "kernel": "taps", "pad_mode": "pad mode"}
CARAFE = {
    "scale": "counts",
    "kernel_size": "counts",
    "encoder_size": "counts",
    "compressed_channels": "count",
    "groups": "count",
    "kernel_initializer": "of keras",
    "pad_mode": "pad mode",
    "data_format": "choice or none",
}
DYSAMPLE = {
    "scale": "counts",
    "groups": "count",
    "order": "choice",
    "dynamic_scope": "flag",
    "kernel_initializer": "of keras",
    "pad_mode": "pad mode",
    "data_format": "choice or none",
}
LOW_PASS = {
    "scale": "counts",
    "cutoff": "number from 0",
    "half_width": "number from 0",
    "attenuation": "number from 0",
    "pad_mode": "pad mode",
    "data_format": "choice or none",
    "activation": "of keras",
}
CONTENT_AWARE = CONV | {"scale": "counts", "resampling": "choice"}
PHASES = {"scale": "counts", "transposed": "flag"}
SET = {"images": "images", "period": "period", "margin": "count from 0 or none"}
NETWORK = {
    "channels": "count",
    "width": "count",
    "upsample": "passed on",
    "kernel_size": "passed on",
    "pad_mode": "passed on",
}
SMALL = {"width": 1}
CODED = {"image_size": "count or none", "code": "count", "depth": "count"}
TWO_SETS = {"features": "latents", "others": "latents"}
FEATURES = IMAGES[..., 0, 0]
WAVE = IMAGES[..., 0].reshape(-1)
KERNEL = {"kernel": "kernel"} | PHASES


@functools.cache
def toy():
    """A model that paints."""
    return keras.Sequential(
        [keras.Input((8, 8, 3)), keras.layers.Conv2DTranspose(3, 3, 2)]
    )


# Function, right arguments, kind of each argument that is put wrong.
CASES = [
    *[
        (getattr(tfupsample, f"{kind}{rank}D"), arguments, kinds)
        for kind, arguments, kinds in (
            ("ResizeConv", {"filters": 2}, RESIZE),
            ("SubpixelConv", {"filters": 2}, SUBPIXEL),
            ("PaddedConv", {"filters": 2, "kernel_size": 3}, PADDED),
            ("Pad", {"padding": 1}, PAD),
        )
        for rank in (1, 2, 3)
    ],
    (tfupsample.FilteredConvTranspose2D, {"filters": 2}, CONV),
    (tfupsample.AliasFreeConv2D, {"filters": 2}, CONV | LOW_PASS),
    (tfupsample.FilteredActivation, {}, LOW_PASS),
    (tfupsample.Carafe2D, {}, CARAFE),
    (tfupsample.DySample2D, {}, DYSAMPLE),
    (tfupsample.ContentAwareConv2D, {"filters": 2}, CONTENT_AWARE),
    (tfupsample.BlurUpsample2D, {}, BLUR),
    (tfupsample.BlurDownsample2D, {}, BLUR | {"align": "choice"}),
    *[
        (
            tfupsample.make_upsampler,
            {"name": name, "filters": 2},
            {"filters": "count", "kernel_size": "counts", "scale": "counts"},
        )
        for name in tfupsample.UPSAMPLERS
    ],
    (
        tfupsample.make_upsampler,
        {"name": "nearest", "filters": 2},
        {"name": "choice", "pad_mode": "pad mode or none"},
    ),
    (
        tfupsample.ICNR,
        {},
        {"initializer": "of keras", "scale": "count", "transposed": "flag"},
    ),
    (tfupsample.ICNR(), {"shape": (3, 3, 2, 4)}, {"shape": "shape"}),
    (
        tfupsample.Balanced,
        {},
        {"initializer": "of keras", "scale": "count", "transposed": "flag"},
    ),
    (tfupsample.Balanced(), {"shape": (3, 3, 2, 4)}, {"shape": "shape"}),
    (tfupsample.EqualPhaseGain, {"scale": 2}, PHASES),
    (
        tfupsample.PhaseGainRegularizer,
        {"scale": 2},
        PHASES | {"factor": "number from 0"},
    ),
    (phase_gain.phase_gains, {"kernel": IMAGES, "scale": 2}, KERNEL),
    (phase_gain.balanced, {"kernel": IMAGES, "scale": 2}, KERNEL),
    (tfupsample.BorderLoss, {}, {"rings": "count"}),
    (tfupsample.load_pretrained, {}, {"name": "name"}),
    (
        tfupsample.load_pretrained,
        {"name": "dcgan_cifar10_nearest"},
        {"kind": "choice"},
    ),
    (artifacts.coherent_score, {"images": IMAGES, "period": 2}, SET),
    (artifacts.variance_ratio, {"images": IMAGES, "period": 2}, SET),
    (artifacts.peak_prominence, {"images": IMAGES, "period": 2}, SET),
    (
        border.border_error,
        {"function": np.asarray, "image": IMAGES[0], "size": 16},
        {"image": "one image", "size": "count", "multiple": "count"},
    ),
    (border.border_deviation, {"images": IMAGES}, {"images": "images"}),
    (
        equivariance.equivariance,
        {"model": np.asarray, "inputs": IMAGES},
        {"model": "function", "inputs": "images", "margin": "count from 0"}
        | {"peak": "number from 0"},
    ),
    *[
        (measure, {"features": FEATURES, "others": FEATURES}, TWO_SETS)
        for measure in (
            frechet_distance.frechet_distance,
            kernel_distance.kernel_distance,
        )
    ],
    (gains.imbalance, {"gains": IMAGES[0]}, {"gains": "one image"}),
    (gains.imbalance_per_channel, {"gains": IMAGES[0]}, {"gains": "one image"}),
    (gains.upsampling_gains, {}, {"layer": "layer"}),
    (gains.gradient_gains, {}, {"layer": "layer"}),
    (
        gradient.gradient_pattern,
        {"model": lambda x: x, "shape": (32, 32, 3), "period": 2},
        {"model": "function", "shape": "shape", "period": "period"}
        | {"batch": "count", "seed": "seed", "margin": "count from 0 or none"},
    ),
    (
        gradient.mean_gradient,
        {"model": lambda x: x, "inputs": IMAGES},
        {"model": "function", "inputs": "images"},
    ),
    (
        gradient.pattern_share,
        {"gradients": IMAGES, "period": 2},
        {"gradients": "images", "period": "period"},
    ),
    (
        operator.operator_matrix,
        {"function": lambda x: x, "sizes": (3, 3)},
        {"function": "function", "sizes": "sizes", "channels": "count"},
    ),
    (
        operator.transposed_convolution_matrix,
        {"kernel": FEATURES[0], "stride": 2, "size": 3},
        {"kernel": "images", "stride": "count", "size": "count"},
    ),
    (
        overlap.overlap,
        {"layers": [(3, 2)]},
        {"layers": "pairs", "rank": "count"},
    ),
    (overlap.unevenness, {"layers": [(3, 2)]}, {"rank": "count"}),
    (
        overlap.box_gain,
        {"kernel_size": 3, "period": 2},
        {"kernel_size": "count", "period": "count"},
    ),
    (
        pattern.pattern_strength,
        {"images": IMAGES, "period": 2},
        {"images": "images", "period": "period"},
    ),
    (
        pattern.significance,
        {"strength": 1.0, "period": 2},
        {"period": "period"},
    ),
    (
        lines.tone_lines,
        {"wave": WAVE, "rate": 8000, "period": 8},
        {"wave": "wave", "rate": "rate", "period": "period"},
    ),
    (
        lines.strongest_lines,
        {"wave": WAVE, "rate": 8000, "periods": (2, 8)},
        {"wave": "wave", "rate": "rate", "periods": "periods"},
    ),
    (
        lines.long_time_spectrum,
        {"wave": WAVE, "rate": 8000},
        {"wave": "wave", "rate": "rate", "size": "count"},
    ),
    (
        pattern.phase_tiles,
        {"images": IMAGES, "period": 2},
        {"images": "images", "period": "count"},
    ),
    (score.score_image, {"image": IMAGES[0]}, {"image": "one image"}),
    (
        score.score_images,
        {"images": IMAGES, "periods": (2,), "against": IMAGES},
        {"images": "images", "periods": "periods"},
    ),
    (
        sliced_wasserstein.sliced_wasserstein_distance,
        {"images": IMAGES, "others": IMAGES},
        {"images": "images", "others": "images", "patches": "count"}
        | {"projections": "count", "seed": "seed"},
    ),
    (
        sliced_wasserstein.projected_distance,
        {"points": FEATURES, "others": FEATURES},
        {"points": "latents", "others": "latents", "projections": "count"},
    ),
    (spectrum.radial_spectrum, {"images": IMAGES}, {"images": "images"}),
    (spectrum.power_spectrum, {"images": IMAGES}, {"images": "images"}),
    (
        spectrum.spectral_distance,
        {"images": IMAGES, "others": IMAGES},
        {"images": "images", "others": "images"},
    ),
    (
        tiling.apply_tiled,
        {"function": lambda x: x, "image": IMAGES[0], "tile": 64},
        {"function": "function", "image": "one image", "tile": "count"}
        | {"context": "count from 0", "blend": "count", "scale": "count"}
        | {"multiple": "count", "progress": "function or none"},
    ),
    (
        arrays.grid,
        {"images": IMAGES},
        {"images": "pictures", "columns": "count or none"},
    ),
    (
        arrays.picture,
        {"array": np.zeros((2, 2, 3), "uint8")},
        {"array": "one image", "zoom": "count"},
    ),
    (
        inputs.random_inputs,
        {},
        {"model": "model", "limits": "limits", "size": "count or none"},
    ),
    (
        repair.repair_model,
        {"inputs": lambda count, seed: IMAGES[:2, :8, :8]},
        {
            "model": "model",
            "inputs": "function or none",
            "method": "choice or none",
        }
        | {"interpolation": "choice", "pad_mode": "choice or none"}
        | {"steps": "count from 0 or none", "layers": "layers"},
    ),
    (
        fuse.fuse_model,
        {"inputs": lambda count, seed: IMAGES[:1, :8, :8]},
        {
            "model": "model",
            "inputs": "function or none",
            "size": "count or none",
            "rounds": "count from 0",
        },
    ),
    (
        inspection.inspect_model,
        {},
        {"model": "model", "probe": "flag", "samples": "count"}
        | {"seed": "seed"},
    ),
]
BUILDERS = [
    (
        dcgan.generator,
        SMALL | {"image_size": 8},
        NETWORK
        | {"image_size": "count", "latent_dim": "count", "activation": "choice"}
        | {"classes": "count from 0", "last_width": "count from 0"},
    ),
    (
        dcgan.discriminator,
        {},
        {"image_size": "count", "channels": "count", "width": "count"}
        | {"stem": "choice", "normalisation": "choice"}
        | {"classes": "count from 0"},
    ),
    (
        autoencoder.autoencoder,
        SMALL | {"image_size": 8},
        NETWORK | CODED | {"variational": "flag"},
    ),
    (
        classifier.classifier,
        {},
        {"image_size": "count or none", "channels": "count", "width": "count"}
        | {"classes": "count", "pooling": "choice"},
    ),
    (
        conditional_instance_norm.ConditionalInstanceNormalization,
        {"styles": 2},
        {"styles": "count", "epsilon": "number from 0"}
        | {"scale_initializer": "of keras"},
    ),
    (
        deep_image_prior.network,
        SMALL | {"size": 8, "depth": 1},
        NETWORK
        | {"architecture": "choice", "size": "counts", "depth": "count"},
    ),
    (
        networks.synthesis,
        SMALL | {"image_size": 8},
        NETWORK
        | {"image_size": "count", "latent_dim": "count", "widest": "count"}
        | {"noise": "flag"},
    ),
    (
        networks.mapping,
        {},
        {"latent_dim": "count", "layers": "count", "speed": "number"}
        | {"classes": "count from 0"},
    ),
    (
        networks.discriminator,
        {},
        {"image_size": "count", "channels": "count", "width": "count"}
        | {"widest": "count", "classes": "count from 0"},
    ),
    (
        style.network,
        {"styles": 2},
        {"width": "count"} | {"styles": "count", "blocks": "count"},
    ),
    (
        super_resolution.super_resolution,
        SMALL | {"blocks": 0},
        {"width": "count"}
        | {"scale": "count", "blocks": "count from 0", "icnr": "flag"},
    ),
    (
        segmentation.unet,
        SMALL | {"depth": 1},
        NETWORK
        | {"depth": "count", "image_size": "count or none"}
        | {"classes": "count", "norm": "choice", "rank": "count"},
    ),
    (
        vocoder.vocoder,
        {"bands": 2, "width": 1, "factors": (2,)},
        {"bands": "count", "width": "count", "upsample": "choice"},
    ),
    (
        segmentation_loss.SegmentationLoss,
        {},
        {"dice_weight": "number from 0"},
    ),
    (
        perceptual.multiscale,
        {"filters": 1, "scales": 1},
        {"filters": "count", "scales": "count"},
    ),
    (
        deep_dream.dream,
        {"objective": keras.ops.sum, "image": IMAGES[0], "steps": 1},
        {"image": "one image", "steps": "count", "octaves": "count"}
        | {"step_size": "number", "octave_scale": "number from 0"}
        | {"jitter": "count from 0"},
    ),
    (
        latent.linear,
        {"first": FEATURES, "last": FEATURES, "positions": [0, 1]},
        {"first": "latents", "last": "latents", "positions": "images"},
    ),
    (
        latent.traverse,
        {"latents": FEATURES, "direction": FEATURES[0], "steps": [0, 1]},
        {"latents": "latents", "direction": "vector", "steps": "images"},
    ),
    (latent.whitened, {"latents": FEATURES}, {"latents": "latents"}),
]
