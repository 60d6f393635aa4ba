"""Reads the signature of a SavedModel: inputs, outputs, and the graph."""

import dataclasses

from tfupsample.errors import UnusableInput
from tfupsample.model_files.graph import Graph
from tfupsample.model_files.loading import read_meta_graph, unusable
from tfupsample.model_files.variables import Variables

_DEFAULT = "serving_default"
_HIDDEN = "__saved_model_"  # of signatures that initialise or train


@dataclasses.dataclass(frozen=True)
class Signature:
    """What a SavedModel computes when it is called.

    Attributes:
        name: The name of the signature.
        inputs: `{name: (shape, dtype)}`; open sizes are `None`, and so is a
            shape of unknown rank.
        placeholders: The nodes of the inputs, in the same order.
        nodes: All nodes, each after those of its inputs.
        outputs: The output `Tensor`s.
        variables: The `Variables` of the SavedModel.
    """

    name: str
    inputs: dict
    placeholders: list
    nodes: list
    outputs: list
    variables: Variables


def read_signature(path):
    """Reads the signature that serves; runs nothing.

    Args:
        path: The folder of the SavedModel.

    Raises:
        UnusableInput: if it cannot be read or has no signature.
    """
    meta = read_meta_graph(path)
    names = [n for n in meta.signature_def if not n.startswith(_HIDDEN)]
    if not names:
        raise UnusableInput(f"{path} has no signature to inspect.")
    name = _DEFAULT if _DEFAULT in names else min(names)
    definition = meta.signature_def[name]
    with unusable(path):
        graph = Graph(meta.graph_def)
        inputs = sorted(definition.inputs.items())
        outputs = sorted(definition.outputs.items())
        nodes, ends = graph.nodes(
            [info.name for _, info in (*inputs, *outputs)]
        )
        return Signature(
            name,
            {name: _shape_and_type(info) for name, info in inputs},
            [tensor.node for tensor in ends[: len(inputs)]],
            nodes,
            ends[len(inputs) :],
            Variables(path, meta.saver_def, graph),
        )


def _shape_and_type(info):
    import tensorflow as tf

    shape = info.tensor_shape
    sizes = tuple(d.size if d.size > 0 else None for d in shape.dim)
    kind = tf.dtypes.as_dtype(info.dtype).name
    return None if shape.unknown_rank else sizes, kind
