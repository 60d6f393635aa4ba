"""Repairs an ONNX file: the way from its graph to another one."""

import base64
import dataclasses
import functools
import io

import numpy as np

from tfupsample.model_files.loading import unusable
from tfupsample.model_files.onnx_file import read_onnx
from tfupsample.repair.choices import FAITHFUL_DB
from tfupsample.repair.inputs import crops, random_arrays
from tfupsample.repair.onnx.subject import OnnxSubject
from tfupsample.repair.repair import tried
from tfupsample.repair.trial import Trial

_SIDE = 64  # pixels along the axes that a model leaves open


def repair_onnx(
    path,
    folder=None,
    limits=None,
    size=None,
    method=None,
    layers=None,
    steps=None,
    interpolation="nearest",
    pad_mode=None,
    least_psnr=FAITHFUL_DB,
):
    """Repairs an ONNX file in closed form, as `repair_model` does a model.

    Args:
        path: The file.
        folder: A folder of pictures for the inputs; random ones if `None`.
        limits: The values of black and white in the inputs; -1 and 1 if
            `None`. Where they are given and the model takes pictures, PSNR is
            relative to their range.
        size: Pixels along the axes that the model leaves open.
        method: As for `repair_model`, as are the others.
        layers: As there.
        steps: As there.
        interpolation: As there.
        pad_mode: As there; `"edge"` by default for `"pad"`.
        least_psnr: As there.

    Returns:
        A `Repaired` whose `model` is an `onnx.ModelProto`.

    Raises:
        UnusableInput: if the file cannot be read or run, or cannot be repaired
            this way.
    """
    proto = read_onnx(path)
    with unusable(path):  # what a graph holds may raise anything, anywhere
        subject = OnnxSubject(proto, size or _SIDE)
        draw = _draw(subject, folder, tuple(limits or (-1.0, 1.0)))
        takes_pictures = any(len(one.shape) == 3 for one in subject.given)
        span = limits[1] - limits[0] if limits and takes_pictures else None
        trial = Trial(subject, draw, least_psnr, span)
        result = tried(trial, method, layers, steps, interpolation, pad_mode)
    return dataclasses.replace(result, model=result.model.proto)


def _draw(subject, folder, limits):
    pack = functools.partial(_named, subject.names)
    if folder:
        return crops(subject.given, pack, folder, limits)
    return random_arrays(subject.given, pack, limits)


def _named(names, arrays):
    return dict(zip(names, arrays))


def repair_file(**arguments):
    """Does what `repair_onnx` does, in words that JSON can hold.

    Returns:
        The fields of `Repaired`, and `accepted`; the model is its file, and
        `outputs` are files of NumPy, in base64.
    """
    result = repair_onnx(**arguments)
    fields = {
        field.name: getattr(result, field.name)
        for field in dataclasses.fields(result)
    }
    content = result.model.SerializeToString()
    return fields | {
        "accepted": result.accepted,
        "model": base64.b64encode(content).decode(),
        "outputs": list(map(_stored, result.outputs)),
    }


def _stored(array):
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return base64.b64encode(file.getvalue()).decode()
