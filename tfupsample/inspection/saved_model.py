"""Inspects a SavedModel by the nodes of its graph, without running it."""

import pathlib

import keras

from tfupsample.errors import UnusableInput
from tfupsample.inspection.findings import Inspection, by_severity
from tfupsample.inspection.graph_shapes import infer
from tfupsample.inspection.graph_steps import step_of
from tfupsample.inspection.graph_values import Values, weights_of
from tfupsample.inspection.judge import judge, periods_of
from tfupsample.inspection.pictures import pictures_of
from tfupsample.inspection.probe import SIDE
from tfupsample.inspection.probe_inputs import Given
from tfupsample.inspection.probe_model import probe_function
from tfupsample.inspection.steps import Network
from tfupsample.model_files.loading import load_saved_model
from tfupsample.model_files.signature import read_signature

_SKIPPED = "A SavedModel is run only if asked for (--run)."


def inspect_saved_model(path, samples=0, seed=0):
    """Finds the nodes of a SavedModel that paint; see `inspect_model`.

    Only the graph and its variables are read. Nothing is loaded or run, since
    even loading a SavedModel runs what its author put into initialisers.

    Args:
        path: The folder of the SavedModel.
        samples: The number of images or latents to run it on. With 0, the
            default, it does not
        run: it is a program by its author that can read and write files.
        seed: The seed of the samples.

    Returns:
        An `Inspection`.

    Raises:
        UnusableInput: if the SavedModel cannot be read or has no signature.
    """
    signature = read_signature(path)
    network = _network(signature)
    periods = periods_of([network])
    probed, responses = {"skipped": _SKIPPED}, []
    if samples:
        probed, responses = _probe(path, signature, periods, samples, seed)
    findings, reports = judge([network], responses)
    return Inspection(
        pathlib.Path(path).name, by_severity(findings), reports, probed
    )


def _probe(path, signature, periods, samples, seed):
    """Runs the signature, which TensorFlow alone can differentiate."""
    if keras.backend.backend() != "tensorflow":
        raise UnusableInput(
            "SavedModels run on the TensorFlow backend alone: unset "
            "KERAS_BACKEND, or leave out --run to read the graph."
        )
    called = load_saved_model(path).signatures[signature.name]
    names = list(signature.inputs)
    shapes = [shape for shape, _ in signature.inputs.values()]
    batch = next((s[0] for s in shapes if s and s[0]), 8)

    def function(arrays):
        return next(iter(called(**dict(zip(names, arrays))).values()))

    given = [
        Given(_known(shape)[1:], dtype, image=len(shape) > 2)
        for shape, dtype in signature.inputs.values()
    ]
    return probe_function(function, given, periods, samples, seed, batch)


def _known(shape):
    """Returns a shape with a batch of 1 and `SIDE` for open sizes."""
    if shape is None:
        raise UnusableInput("The signature takes a tensor of unknown rank.")
    return tuple(n or (SIDE if axis else 1) for axis, n in enumerate(shape))


def _check_known(nodes, ends):
    """Refuses outputs of unknown shape, which must not pass for clean."""
    if ends and all(tensor.shape is None for tensor in ends):
        kinds = {node.op for node in nodes if node.shapes == [None]}
        raise UnusableInput(
            "The shape of its output is not known without running it, for "
            f"these operations: {', '.join(sorted(kinds)[:5])}."
        )


def _network(signature):
    nodes, ends = signature.nodes, signature.outputs
    shapes = [_known(shape) for shape, _ in signature.inputs.values()]
    for node, shape in zip(signature.placeholders, shapes):
        node.shapes = [shape]
    values = Values(signature.variables)
    for node in nodes:
        infer(node, values)
    ranks = [len(t.shape) for t in ends if t.shape] + list(map(len, shapes))
    axes = max(ranks, default=4) - 2
    weights = weights_of(nodes)
    _check_known(nodes, ends)
    steps = {}
    for node in nodes:
        if node not in weights:
            steps[node] = step_of(node, steps, axes, values)
    inputs = [
        steps[node]
        for node, shape in zip(signature.placeholders, shapes)
        if node in steps and len(shape) > 2
    ]
    outputs = [steps[t.node] for t in ends if t.node in steps]
    steps = list(steps.values())
    return Network(steps, inputs, pictures_of(steps, inputs, outputs))
