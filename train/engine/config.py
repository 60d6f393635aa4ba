"""The settings that trainers have in common, as frozen dataclasses."""

import dataclasses

from keras import ops

from tfupsample.arguments import PAD_MODES
from tfupsample.measures.losses import (
    BorderLoss,
    SpectralLoss,
    TotalVariationLoss,
)
from train.engine.options import option

_XLA = {"auto": "auto", "on": True, "off": False}
_DEVICES = ("auto", "cpu", "gpu", "tpu")

FIT_SETTINGS = (
    *("dry_run", "profile", "steps_per_execution", "hosts"),
    "callbacks",
)
"""Settings that only `Run.fit` and `Run.fit_dataset` use."""


@dataclasses.dataclass(frozen=True)
class BasicConfig:
    """What every trainer has in common."""

    workdir: str = option(
        "",
        "Folder of the run; runs/<trainer>-<dataset>-<upsample> if empty.",
        may_differ=True,
    )
    epochs: int = option(
        20, "Passes over the images.", least=1, may_differ=True
    )
    seed: int = option(
        0,
        "Seed of the weights, the latents and the order of the images.",
        most=2**32 - 1,
    )
    xla: str = option(
        "auto",
        "Whether XLA compiles the training step; auto lets Keras decide.",
        _XLA,
    )
    steps_per_execution: int = option(
        1,
        "Steps to run before looking at losses and signals; more may be "
        "faster.",
        least=1,
        may_differ=True,
    )
    dry_run: bool = option(
        False,
        "Describe the training and stop; write nothing.",
        may_differ=True,
    )
    profile: bool = option(
        False,
        "Trace a few of the first steps for TensorBoard's profiler.",
        may_differ=True,
    )
    callbacks: str = option(
        "",
        "MODULE:FUNCTION: a function that takes the folder of the run and "
        "returns a list of Keras callbacks. What they remember is not kept "
        "when a run resumes.",
        may_differ=True,
    )
    deterministic: bool = option(
        False, "Make runs repeat bit for bit, at some cost in speed."
    )
    precision: str = option(
        "auto",
        "Precision of the arithmetic; auto: mixed_bfloat16 on GPU and TPU, "
        "float32 on the processor.",
        ("auto", "float32", "mixed_bfloat16", "mixed_float16"),
    )
    device: str = option(
        "auto",
        "Device to train on; auto: the best one there is.",
        _DEVICES,
        may_differ=True,
    )
    num_devices: int = option(
        0,
        "Number of devices of this host that share each batch; 0: all.",
        may_differ=True,
    )
    hosts: str = option(
        "",
        "HOST:PORT of every host that shares each batch, separated by commas. "
        "Start the same command on each, with KERAS_BACKEND=jax.",
        may_differ=True,
    )
    host_index: int = option(
        0,
        "Index of this host in --hosts, from 0; host 0 writes the run.",
        may_differ=True,
    )

    def may_differ(self, field):
        """Whether a run may be resumed with another value of a field."""
        return field.metadata["may_differ"]

    @property
    def jit_compile(self):
        """`xla` in the words of `keras.Model.compile`."""
        return _XLA[self.xla]


@dataclasses.dataclass(frozen=True)
class RunConfig(BasicConfig):
    """What every trainer that learns from a data set has in common."""

    dataset: str = option(
        "shapes",
        "shapes (drawn here), digits (from scikit-learn), photos (crops of the "
        "photographs of scikit-image and scikit-learn), folder (the pictures "
        "in --data_dir), or the name of a TensorFlow dataset such as mnist.",
    )
    data_dir: str = option(
        "",
        "Folder of the pictures, or the folder where prepared data sets are "
        "kept.",
    )
    max_images: int = option(
        0, "Use at most this many images, from the first; 0: all."
    )
    image_size: int = option(
        64, "Side of the images in pixels.", least=1, most=4096
    )
    batch_size: int = option(64, "Images per step.", least=1)
    flip: bool = option(False, "Mirror half of the images left to right.")
    crop: int = option(0, "Shift images at random by up to this many pixels.")
    colour: float = option(
        0.0,
        "Change brightness, contrast and saturation at random by up to this "
        "share.",
        most=1,
    )


@dataclasses.dataclass(frozen=True)
class PhotographsConfig(BasicConfig):
    """What every trainer that learns from photographs has in common."""

    dataset: str = option(
        "photos",
        "Pictures to learn from: photos (of scikit-image and scikit-learn), "
        "folder (the pictures in --data_dir, in their own size), or another "
        "data set as for train.dcgan.",
    )
    data_dir: str = option(
        "",
        "Folder of the pictures, or the folder where prepared data sets are "
        "kept.",
    )
    max_images: int = option(0, "Use at most this many pictures; 0: all.")


@dataclasses.dataclass(frozen=True)
class UpsampleOptions:
    """How a model upsamples."""

    upsample: str = option(
        "nearest",
        "How the model upsamples: nearest, bilinear, bicubic, subpixel, "
        "filtered, alias_free, carafe, dysample, deconv_balanced or deconv; or "
        "a list with one for each upsampling, from the smallest resolution up, "
        "separated by commas.",
    )
    kernel_size: int = option(
        3, "Kernel size of each upsampling.", least=1, most=1024
    )
    pad_mode: str = option(
        "symmetric", "What kernels see beyond the border.", PAD_MODES
    )


@dataclasses.dataclass(frozen=True)
class UpsampleConfig(UpsampleOptions, RunConfig):
    """What every trainer of a model that upsamples has in common."""


@dataclasses.dataclass(frozen=True)
class LossConfig:
    """Losses that a trainer can add for the images that its model makes."""

    border_weight: float = option(
        0.0, "Weight of BorderLoss: borders like those of real images."
    )
    spectral_weight: float = option(
        0.0, "Weight of SpectralLoss: the spectrum of real images."
    )
    tv_weight: float = option(
        0.0, "Weight of TotalVariationLoss: smooth images."
    )

    def image_loss(self):
        """Returns the weighted sum of the losses as a function.

        It maps real and generated images to a scalar. Without weights there is
        none, and `None` is returned.
        """
        weighted = [
            (weight, loss)
            for weight, loss in (
                (self.border_weight, BorderLoss(reduction=None)),
                (self.spectral_weight, SpectralLoss(reduction=None)),
                (self.tv_weight, TotalVariationLoss(reduction=None)),
            )
            if weight
        ]
        if not weighted:
            return None
        # Not reduced by Keras, which would divide by the number of devices: the
        # models do that for all that they add up.
        return lambda real, made: sum(
            weight * ops.mean(loss(real, made)) for weight, loss in weighted
        )
