"""Settings that are command-line flags: one frozen dataclass a trainer."""

import contextlib
import dataclasses
import json
import sys
import textwrap

from absl import flags
from keras import ops

from tfupsample.arguments import PAD_MODES
from tfupsample.measures.losses import (
    BorderLoss,
    SpectralLoss,
    TotalVariationLoss,
)

_DEFINE = {bool: flags.DEFINE_bool, str: flags.DEFINE_string}
_DEFINE_NUMBER = {int: flags.DEFINE_integer, float: flags.DEFINE_float}


_CONFIG = (
    "Repeat the run that wrote this config.json, in a --workdir of its own; "
    "other flags change its settings."
)
_FLAGFILE = "Read flags from a file, one --name=value a line."
_THIS_RUN = ("workdir", "dry_run", "profile")  # which are not repeated
_XLA = {"auto": "auto", "on": True, "off": False}
_DEVICES = ("auto", "cpu", "gpu", "tpu")


class UsageError(Exception):
    """Arguments that cannot be used; the message is for the user."""


@contextlib.contextmanager
def usage_errors():
    """Turns a `ValueError`, with which models refuse, into a `UsageError`."""
    try:
        yield
    except ValueError as error:
        raise UsageError(str(error)) from error


def option(default, doc, choices=None, least=0, most=2**31 - 1):
    """Returns a dataclass field that is also a flag.

    Args:
        default: Of type bool, int, float or str.
        doc: One sentence for `--help`.
        choices: Allowed values of a string; all by default.
        least: Of a number, the smallest that is allowed.
        most: Of a number, the largest; none is infinite.
    """
    metadata = {"doc": doc, "choices": choices, "bounds": (least, most)}
    return dataclasses.field(default=default, metadata=metadata)


@dataclasses.dataclass(frozen=True)
class BasicConfig:
    """What every trainer has in common."""

    workdir: str = option(
        "", "Folder of the run; runs/<trainer>-<dataset>-<upsample> if empty."
    )
    epochs: int = option(20, "Passes over the images.", least=1)
    seed: int = option(
        0, "Seeds weights, latents and the order of images.", most=2**32 - 1
    )
    xla: str = option(
        "auto", "Whether to compile the step; auto leaves it to Keras.", _XLA
    )
    steps_per_execution: int = option(
        1,
        "Steps between two looks at losses and signals; more may be faster.",
        least=1,
    )
    dry_run: bool = option(
        False, "Describe the training and stop before it; write nothing."
    )
    profile: bool = option(
        False, "Trace some of the first steps for the profiler of TensorBoard."
    )
    deterministic: bool = option(
        False, "Repeat a run bit for bit, at some cost in speed."
    )
    precision: str = option(
        "auto",
        "Of the arithmetic; auto: mixed_bfloat16 on GPU and TPU, else float32.",
        ("auto", "float32", "mixed_bfloat16", "mixed_float16"),
    )
    device: str = option(
        "auto", "What to train on; auto: the best there is.", _DEVICES
    )
    num_devices: int = option(
        0, "Devices of a host that share each batch; 0: all there are."
    )
    hosts: str = option(
        "",
        "HOST:PORT of every host that shares each batch, joined by commas; the "
        "same command is started on each, with KERAS_BACKEND=jax.",
    )
    host_index: int = option(
        0, "Which of --hosts this one is, from 0; host 0 writes the run."
    )
    tpu_name: str = option(
        "", "Of the TPU to find, with TensorFlow up to 2.20 only."
    )

    @property
    def jit_compile(self):
        """`xla` in the words of `keras.Model.compile`."""
        return _XLA[self.xla]


@dataclasses.dataclass(frozen=True)
class RunConfig(BasicConfig):
    """What every trainer that learns from a data set has in common."""

    dataset: str = option(
        "shapes",
        "shapes (drawn here), digits (of scikit-learn), photos (crops of the "
        "photographs of scikit-image and scikit-learn), folder (the pictures "
        "in --data_dir), or the name of a TensorFlow dataset such as mnist.",
    )
    data_dir: str = option(
        "", "Folder of the pictures, or where prepared data sets are kept."
    )
    max_images: int = option(0, "Use only the first so many images; 0: all.")
    image_size: int = option(64, "Pixels a side.", least=1, most=4096)
    batch_size: int = option(64, "Images a step.", least=1)
    flip: bool = option(False, "Mirror half of the images left to right.")
    crop: int = option(0, "Move images by up to so many pixels at random.")
    colour: float = option(
        0.0,
        "Change brightness, contrast and saturation by up to this factor.",
        most=1,
    )


@dataclasses.dataclass(frozen=True)
class UpsampleOptions:
    """How a model upsamples."""

    upsample: str = option(
        "nearest",
        "How the model upsamples: nearest, bilinear, bicubic, subpixel, "
        "filtered, deconv_balanced or deconv; or one for each upsampling, from "
        "the smallest resolution up, joined by commas.",
    )
    kernel_size: int = option(
        3, "Kernel of each upsampling.", least=1, most=1024
    )
    pad_mode: str = option(
        "symmetric",
        "What the model's kernels see beyond the border.",
        PAD_MODES,
    )


@dataclasses.dataclass(frozen=True)
class UpsampleConfig(UpsampleOptions, RunConfig):
    """What every trainer of a model that upsamples has in common."""


@dataclasses.dataclass(frozen=True)
class LossConfig:
    """What a trainer can add to the loss of the images that its model makes."""

    border_weight: float = option(
        0.0, "Of BorderLoss in the loss: borders like those of real images."
    )
    spectral_weight: float = option(
        0.0, "Of SpectralLoss in the loss: the spectrum of real images."
    )
    tv_weight: float = option(
        0.0, "Of TotalVariationLoss in the loss: smooth images."
    )

    def image_loss(self):
        """Returns a function of real and made images, or `None` for no weight.

        Its value is the weighted sum of the losses, a scalar.
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


def parse(config_class, argv, description):
    """Returns a `config_class` from the command line.

    Args:
        config_class: A dataclass whose fields are made by `option`.
        argv: The arguments, the program's name first.
        description: Shown above the flags by `--help`.

    Raises:
        UsageError: for an unknown flag, a bad value or a stray argument.
        SystemExit: with status 0 after `--help`.
    """
    if {"--help", "-h", "-help"} & set(argv[1:]):
        print(_help(config_class, description))
        sys.exit(0)
    values = flags.FlagValues()
    for field in dataclasses.fields(config_class):
        _define(field, values)
    flags.DEFINE_string("config", "", _CONFIG, flag_values=values)
    try:
        replayed = _replayed(argv, config_class)
        stray = values([argv[0], *replayed, *argv[1:]])[1:]
    except flags.Error as error:
        raise UsageError(f"{error} Try --help.") from error
    if stray:
        raise UsageError(
            f"Arguments must be --name=value. Received: {' '.join(stray)}"
        )
    names = [field.name for field in dataclasses.fields(config_class)]
    settings = {name: values[name].value for name in names}
    for name, value in settings.items():
        if value != value:  # NaN is within all bounds of absl
            raise UsageError(f"--{name} must be a number. Received: {value}")
    return config_class(**settings)


def _replayed(argv, config_class):
    """The settings in the file of `--config`, as flags."""
    finder = flags.FlagValues()
    flags.DEFINE_string("config", "", _CONFIG, flag_values=finder)
    finder(argv, known_only=True)
    if not finder.config:
        return []
    try:
        with open(finder.config, encoding="utf-8") as file:
            settings = dict(json.load(file)["config"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"--config={finder.config} is no config.json of a run ({error})."
        ) from error
    known = {field.name for field in dataclasses.fields(config_class)}
    if unknown := sorted(settings.keys() - known):
        raise UsageError(
            f"--config={finder.config} is of another trainer, whose "
            f"{', '.join(unknown)} this one has not."
        )
    return [f"--{k}={v}" for k, v in settings.items() if k not in _THIS_RUN]


def _define(field, values):
    doc, choices = field.metadata["doc"], field.metadata["choices"]
    if choices:
        flags.DEFINE_enum(
            field.name, field.default, choices, doc, flag_values=values
        )
    elif field.type in _DEFINE:
        _DEFINE[field.type](field.name, field.default, doc, flag_values=values)
    else:
        _DEFINE_NUMBER[field.type](
            field.name,
            field.default,
            doc,
            *field.metadata["bounds"],
            flag_values=values,
        )


def _help(config_class, description):
    lines = [description.strip(), "", "Flags:"]
    for field in dataclasses.fields(config_class):
        choices = field.metadata["choices"]
        value = "|".join(choices) if choices else field.type.__name__.upper()
        default = f" (default: {field.default})" if field.default != "" else ""
        text = field.metadata["doc"] + default
        lines += [f"  --{field.name}={value}", *_wrapped(text)]
    for name, text in (("config", _CONFIG), ("flagfile", _FLAGFILE)):
        lines += [f"  --{name}=PATH", *_wrapped(text)]
    return "\n".join(lines)


def _wrapped(text):
    return textwrap.wrap(
        text, 78, initial_indent=" " * 6, subsequent_indent=" " * 6
    )
