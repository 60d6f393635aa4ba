"""What can be done to an ONNX graph to repair it."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from tfupsample.errors import UnusableInput
from tfupsample.inspection.onnx.graph import read_graph
from tfupsample.inspection.onnx.network import network_of
from tfupsample.inspection.onnx.windows import zeros_around
from tfupsample.inspection.outputs import Outputs
from tfupsample.inspection.probe_inputs import inputs_of
from tfupsample.model_files.onnx_edit import copy_of, replace_nodes
from tfupsample.model_files.onnx_run import session_of
from tfupsample.ops.phase_gain import balanced
from tfupsample.ops.ramps import ramp_keeping
from tfupsample.repair.onnx import methods

_BATCH = 32
_NEEDS_KERAS = "is for Keras models; repair the one that was exported."


@dataclasses.dataclass(frozen=True)
class OnnxModel:
    """A graph that can be run.

    Attributes:
        proto: The `onnx.ModelProto`.
        run: A function from `{name: array}` to the list of its outputs.
        moved: `{path: relative L2 distance}` of the kernels that moved.
    """

    proto: Any
    run: Callable
    moved: dict = dataclasses.field(default_factory=dict)


class OnnxSubject:
    """An ONNX model that a `Trial` repairs.

    Args:
        proto: The `onnx.ModelProto`, which is not changed.
        side: Pixels along the axes that it leaves open.

    Attributes:
        given: A `Given` for each input.
        names: The names of the inputs.
        channel_axis: The axis of the channels of its images, 1 or -1.
        networks: Its `Network`, in a list.
    """

    def __init__(self, proto, side):
        self._graph = read_graph(proto, side)
        network, _ = network_of(self._graph)
        self.networks = [network]
        self.given, self.names = inputs_of(network), list(self._graph.inputs)
        images = [one.channel_axis for one in self.given if one.image]
        self.channel_axis = next(filter(None, images), -1)
        self._outputs = Outputs(self.networks)
        self.model = OnnxModel(proto, session_of(proto))

    def run(self, model, inputs):
        """Returns the output of a model in which patterns are measured."""
        count = len(inputs[self.names[0]])
        size = self._graph.batch or _BATCH
        pieces = []
        for start in range(0, count, size):
            rows = np.arange(start, start + size)
            if not self._graph.batch:
                rows = rows[: count - start]
            # A graph of a fixed batch gets the first examples once more.
            part = {name: x[rows % count] for name, x in inputs.items()}
            pieces.append(model.run(part))
        arrays = [np.concatenate(outputs)[:count] for outputs in zip(*pieces)]
        return self._outputs.chosen(arrays)

    def pictures(self, outputs):
        """Returns outputs as pictures, or `None`."""
        return self._outputs.pictures(outputs)

    def copy(self):
        """Returns the model, which nobody changes."""
        return self.model

    def paths(self, method):
        """Returns `{path: strides}` of the nodes that a method is for.

        Raises:
            UnusableInput: if there are none.
        """
        steps = self.networks[0].steps
        if method == "pad":
            found = {step.path: () for step in steps if self._is_padded(step)}
        else:
            found = {
                step.path: step.strides
                for step in steps
                if step.role == "transposed convolution"
                and max(step.strides) > 1
            }
        if not found:
            raise UnusableInput(
                "The graph has no ConvTranspose that enlarges."
                if method != "pad"
                else "No convolution of the graph pads with zeros."
            )
        return found

    def _is_padded(self, step):
        if step.type != "Conv" or step.kernel is None:
            return False
        (node,) = self._nodes([step.path])[:1] or [None]
        try:
            zeros = node and zeros_around(node, step.kernel_size)
        except ValueError:
            return False
        return bool(zeros) and any(map(any, zeros))

    def repaired(self, candidate, paths):
        """Returns what a `Candidate` makes of the model.

        Raises:
            UnusableInput: if it is for Keras models only.
        """
        if candidate.steps:
            raise UnusableInput(f"Distillation {_NEEDS_KERAS}")
        if candidate.method == "smooth":
            raise UnusableInput(f"The mean after a layer {_NEEDS_KERAS}")
        new = {
            node.output[0]: (_name(node), self._instead(candidate, node))
            for node in self._nodes(paths)
        }
        proto = copy_of(self.model.proto)
        replace_nodes(
            proto, {key: (x.nodes, x.arrays) for key, (_, x) in new.items()}
        )
        moved = {path: x.moved for path, x in new.values() if x.moved}
        return OnnxModel(proto, session_of(proto), moved)

    def _nodes(self, paths):
        kinds = ("Conv", "ConvTranspose")
        return [
            node
            for node in self._graph.nodes
            if _name(node) in paths and node.op_type in kinds
        ]

    def _instead(self, candidate, node):
        if candidate.method == "pad":
            mode = candidate.pad_mode or "edge"
            return methods.padded_node(self._graph, node, mode)
        if candidate.method == "resize":
            return methods.resized_node(
                self._graph, node, candidate.interpolation, candidate.pad_mode
            )
        nearest = balanced if candidate.method == "balance" else ramp_keeping
        return methods.balanced_node(self._graph, node, nearest)

    def moved(self, model):
        """Returns `{path: relative L2 distance}` of the kernels that moved."""
        return model.moved


def _name(node):
    return node.name or node.output[0]
