"""Fuses an ONNX file: the way from its graph to another one."""

import base64
import dataclasses

import numpy as np
from onnx import TensorProto

from tfupsample.errors import UnusableInput
from tfupsample.fuse.compare import apart, milliseconds
from tfupsample.fuse.fuse import TOLERANCE, TOLERANCE_16, Fused
from tfupsample.fuse.onnx.cost import cost
from tfupsample.fuse.onnx.rewrite import rewritten
from tfupsample.inspection.onnx.graph import read_graph
from tfupsample.inspection.onnx.network import network_of
from tfupsample.inspection.probe_inputs import draw, inputs_of
from tfupsample.model_files.loading import unusable
from tfupsample.model_files.onnx_file import read_onnx
from tfupsample.model_files.onnx_run import of_known_size, session_of

_SIDE = 64  # pixels along the axes that a model leaves open
_PATIENCE = 4  # seconds of those that the sandbox gives


def fuse_onnx(path, size=None, rounds=0):
    """Fuses each resize of an ONNX file with the convolutions after it.

    Args:
        path: The file.
        size: As for `fuse_model`.
        rounds: As for `fuse_model`.

    Returns:
        A `Fused` whose `model` is an `onnx.ModelProto`.

    Raises:
        UnusableInput: if the file cannot be read or run, or would give another
            output than before.
    """
    model, size = read_onnx(path), size or (_SIDE,)
    with unusable(path):
        graphs = [
            _graph(model, sizes) for sizes in (size, [2 * n for n in size])
        ]
        new, pairs, left = rewritten(model, graphs)
        costs = [cost(graphs[0]), cost(_graph(new, size))]
        example = _example(graphs[0])
        runs = [session_of(each) for each in (model, new)]
        difference = apart(*(_outputs(run, example) for run in runs))
    _check(path, graphs[0], difference["relative"])
    times = rounds and milliseconds(*runs, example, rounds, _PATIENCE)
    return Fused(new, pairs, left, *costs, difference, times or None)


def fuse_file(path, size=None, rounds=0):
    """Does what `fuse_onnx` does, in words that JSON can hold.

    Returns:
        The fields of `Fused`; the model is its file in base64.
    """
    result = fuse_onnx(path, size, rounds)
    content = result.model.SerializeToString()
    fields = {
        field.name: getattr(result, field.name)
        for field in dataclasses.fields(result)
    }
    return fields | {
        "model": base64.b64encode(content).decode(),
        "pairs": list(map(dataclasses.asdict, result.pairs)),
    }


def _graph(model, size):
    return read_graph(of_known_size(model, size), size[0])


def _example(graph):
    """Returns `{name: array}` of random inputs."""
    network, _ = network_of(graph)
    rng = np.random.default_rng(0)
    arrays = draw("noise", inputs_of(network), graph.batch or 1, rng)
    return {
        name: array.reshape(shape)
        for (name, (shape, _)), array in zip(graph.inputs.items(), arrays)
    }


def _outputs(run, example):
    return [np.asarray(x, "float64") for x in run(example)]


def _check(path, graph, relative):
    kinds = {kind.tensor_type.elem_type for kind in graph.types.values()}
    small = kinds & {TensorProto.FLOAT16, TensorProto.BFLOAT16}
    if not relative <= (TOLERANCE_16 if small else TOLERANCE):
        raise UnusableInput(
            f"The outputs of {path} would change by {relative:.2g} of the "
            "largest: it is not computed as it was read, or it draws random "
            "numbers. It stays as it is."
        )
