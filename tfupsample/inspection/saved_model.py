"""Inspects a SavedModel by the nodes of its graph, without running it."""

import pathlib

from tfupsample.errors import UnusableInput
from tfupsample.inspection.findings import Inspection
from tfupsample.inspection.graph_steps import is_spatial, step_of
from tfupsample.inspection.inspect import by_severity, judge, periods_of
from tfupsample.inspection.probe import SIDE, probe
from tfupsample.inspection.steps import Network
from tfupsample.model_files.loading import (
    flat_graph,
    graph_inputs,
    load_saved_model,
)


def inspect_saved_model(path, samples=0, seed=0):
    """Finds the nodes of a SavedModel that paint; see `inspect_model`.

    Kernels are read where they are variables or constants.

    Args:
        path: Its folder.
        samples: Images or latents to run it on; 0, the default, does not run
            it: it is a program of its author's that can read and write files.
        seed: Seeds them.

    Returns:
        An `Inspection`.

    Raises:
        UnusableInput: if it cannot be loaded or has no signature.
    """
    loaded = load_saved_model(path)
    if not loaded.signatures:
        raise UnusableInput(f"{path} has no signature to inspect.")
    signatures = loaded.signatures
    name = "serving_default" if "serving_default" in signatures else None
    signature = signatures[name or next(iter(signatures))]
    network, shapes = _network(signature)
    findings, reports = judge([network])
    probed = {"skipped": "A SavedModel is run only if asked for (--run)."}
    if samples:
        probed = _probe(signature, shapes, periods_of([network]), samples, seed)
    return Inspection(
        pathlib.Path(path).name, by_severity(findings), reports, probed
    )


def _probe(signature, shapes, periods, samples, seed):
    """Runs the signature; under the TensorFlow backend with its gradient."""
    names = [t.name.split(":")[0] for t in graph_inputs(signature)]

    def function(x):
        given = x if isinstance(x, list) else [x]
        return next(iter(signature(**dict(zip(names, given))).values()))

    try:
        return probe(function, shapes, periods, samples, seed)
    # Graphs fail in any way on sizes that they were not made for.
    except Exception as error:
        return {"skipped": f"It does not run: {str(error).splitlines()[0]}"}


def _network(signature):
    """The network of a signature, and `(shape, dtype)` of each input."""
    graph, inputs, outputs = flat_graph(signature, SIDE)
    steps = {}
    ranks = [t.shape.rank for t in [*inputs, *outputs] if t.shape.rank]
    axes = max(ranks, default=4) - 2
    for operation in graph.get_operations():
        if operation.outputs:
            steps[operation] = step_of(operation, steps, axes)
    side = max([_side(t) for t in inputs if is_spatial(t)], default=1)
    network = Network(
        list(steps.values()),
        [steps[t.op] for t in inputs if is_spatial(t)],
        [
            steps[t.op]
            for t in outputs
            if is_spatial(t) and _side(t) >= side / 2
        ],
    )
    return network, [(tuple(t.shape[1:]), t.dtype.name) for t in inputs]


def _side(tensor):
    return max(tensor.shape[1:-1])
