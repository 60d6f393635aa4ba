"""Inspects an ONNX file: the way from its graph to a verdict."""

import dataclasses
import pathlib

from tfupsample.inspection.flat import flat_response
from tfupsample.inspection.judge import concluded, periods_of
from tfupsample.inspection.onnx.graph import read_graph
from tfupsample.inspection.onnx.network import network_of
from tfupsample.inspection.probe import SIDE
from tfupsample.inspection.probe_inputs import inputs_of
from tfupsample.inspection.probe_model import probe_function
from tfupsample.inspection.replay import picture_of, replay
from tfupsample.model_files.loading import unusable
from tfupsample.model_files.onnx_file import read_onnx


def inspect_onnx(path, samples=32, seed=0):
    """Finds the nodes of an ONNX file that paint; see `inspect_model`.

    Args:
        path: The file.
        samples: The number of images or latents to run it on; 0: do not run
            it. There is no gradient.
        seed: The seed of the samples.

    Returns:
        An `Inspection`.

    Raises:
        UnusableInput: if the file cannot be read.
    """
    model = read_onnx(path)
    with unusable(path):
        network, ends = network_of(read_graph(model, SIDE))
    probed, responses = {"skipped": "not asked for"}, []
    if samples:
        probed, responses = _probe(network, ends, samples, seed)
    return concluded(pathlib.Path(path).name, [network], probed, responses)


def _probe(network, ends, samples, seed):
    unread = {s.type for s in network.steps if s.role == "not read"}
    if unread:
        names = ", ".join(sorted(unread)[:5])
        return {"skipped": f"It holds operations not known here: {names}."}, []
    periods = periods_of([network])
    response = flat_response(network, periods[0], seed)
    known = [response] if response else []
    end = picture_of(network) or ends[0]
    given = [
        dataclasses.replace(one, differentiable=False)
        for one in inputs_of(network)
    ]
    batch = max(step.shape[0] for step in network.inputs)
    return probe_function(
        lambda arrays: replay(network, end, arrays),
        given,
        periods,
        samples,
        seed,
        batch,
        known,
    )
