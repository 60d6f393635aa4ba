"""Reads the settings of a trainer from its command line."""

import dataclasses
import json
import sys
import textwrap

from absl import flags

from train.engine.command import as_typed
from train.engine.options import UsageError

_DEFINE = {bool: flags.DEFINE_bool, str: flags.DEFINE_string}
_DEFINE_NUMBER = {int: flags.DEFINE_integer, float: flags.DEFINE_float}

_CONFIG = (
    "Repeat the run that wrote this config.json, in a new --workdir; other "
    "flags override its settings."
)
_FLAGFILE = "Read flags from a file with one --name=value per line."
_THIS_RUN = ("workdir", "dry_run", "profile")  # which are not repeated
_APPLY = "Run tfupsample apply RUN PICTURE -o OUTPUT instead."
_FORMER = {
    "apply": _APPLY,
    "style": _APPLY,
    "output": _APPLY,
    "tile": _APPLY,
    "sweep": "Run python -m train.deep_image_prior_sweep instead.",
    "traverse": "Run python -m train.traverse RUN FACTOR instead.",
    "distance": "It is a flag of python -m train.traverse.",
    "factors": "It is a flag of python -m train.traverse.",
    "classifier_model": "It is called --classifier now.",
    "tpu_name": "TPUs train with KERAS_BACKEND=jax, which finds them.",
}


def parse(config_class, argv, description):
    """Returns a `config_class` from the command line.

    Args:
        config_class: A dataclass whose fields are made by `option`.
        argv: The program's name, then the arguments.
        description: Text that `--help` shows above the flags.

    Raises:
        UsageError: for an unknown flag, an unusable value or an argument that
            is no flag.
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
        name = getattr(error, "flagname", None)
        if name in _FORMER:
            raise UsageError(
                f"There is no --{name} any more. {_FORMER[name]}"
            ) from error
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
    """Returns the settings in the file that `--config` names, as flags."""
    finder = flags.FlagValues()
    flags.DEFINE_string("config", "", _CONFIG, flag_values=finder)
    finder(argv, known_only=True)
    if not finder.config:
        return []
    try:
        with open(finder.config, encoding="utf-8") as file:
            settings = {**json.load(file)["config"]}
    except (
        *(OSError, ValueError, RecursionError),
        *(KeyError, TypeError),
    ) as error:
        raise UsageError(
            f"--config={finder.config} is not the config.json of a run "
            f"({error})."
        ) from error
    known = {field.name for field in dataclasses.fields(config_class)}
    if unknown := sorted(settings.keys() - known - _FORMER.keys()):
        raise UsageError(
            f"--config={finder.config} comes from another trainer: this one "
            f"has no {', '.join(unknown)}."
        )
    repeated = known - {*_THIS_RUN}
    return [f"--{k}={v}" for k, v in settings.items() if k in repeated]


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
    lines = [as_typed(description.strip()), "", "Flags:"]
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
