"""The variables of a SavedModel, read from its bundle when needed."""

import collections
import math
import pathlib

from tfupsample.errors import UnusableInput
from tfupsample.model_files.graph import constant
from tfupsample.model_files.loading import unusable

_SLACK = 1 << 20  # bytes in the bundle that are no variables
_OBJECTS = "_CHECKPOINTABLE_OBJECT_GRAPH"
_MOST_KEYS = 1_000_000


class Variables:
    """Values by the node that stands for a variable.

    The function that restores variables says which node has which key in the
    bundle; it is read, not run. Without it, the names in the bundle decide.

    Args:
        path: The folder of the SavedModel.
        saver: Its `SaverDef`.
        graph: Its `Graph`.

    Raises:
        UnusableInput: if more is declared than stored.
    """

    def __init__(self, path, saver, graph):
        import tensorflow as tf

        self._path = path
        place = pathlib.Path(path) / "variables"
        self._reader, self._shapes, self._keys = None, {}, {}
        if not (place / "variables.index").is_file():
            return
        self._reader = tf.train.load_checkpoint(str(place / "variables"))
        self._shapes = self._reader.get_variable_to_shape_map()
        self._check_sizes(path, place)
        self._keys = _named(self._reader) | _restored(saver, graph)

    def _check_sizes(self, path, place):
        kinds = self._reader.get_variable_to_dtype_map()
        declared = sum(
            math.prod(shape) * (kinds[key].size or 0)
            for key, shape in self._shapes.items()
        )
        files = list(place.iterdir())
        if not all(file.is_file() for file in files):
            raise UnusableInput(f"{place} holds something else than files.")
        stored = sum(file.stat().st_size for file in files)
        if declared > stored + _SLACK:
            raise UnusableInput(
                f"{path} declares {declared} bytes of variables and stores "
                f"{stored}."
            )

    def read(self, node):
        """Returns the array of a `VarHandleOp` or `VariableV2`, or `None`."""
        key = self._keys.get(_resource(node))
        if key not in self._shapes:
            return None
        with unusable(self._path):
            return self._reader.get_tensor(key)


def _named(reader):
    """Returns keys by the full names of variables, if these are unique."""
    from tensorflow.core.protobuf import trackable_object_graph_pb2

    if not reader.has_tensor(_OBJECTS):
        return {}
    objects = trackable_object_graph_pb2.TrackableObjectGraph.FromString(
        reader.get_tensor(_OBJECTS)
    )
    found = [part for node in objects.nodes for part in node.attributes]
    count = collections.Counter(part.full_name for part in found)
    return {
        part.full_name: part.checkpoint_key
        for part in found
        if count[part.full_name] == 1
    }


def _resource(node):
    """Returns what stands for a variable: nodes may share its name."""
    return node.attr["shared_name"].s.decode() or node.name


def _restored(saver, graph):
    """`{resource: key in the bundle}`."""
    name = saver.restore_op_name.partition(":")[0]
    call = graph.top.body.get(name)
    frames = [graph.top, call is not None and graph.enter(graph.top, call)]
    keys = {}
    for frame in filter(None, frames):
        for node in frame.body.values():
            assigns = node.op in ("AssignVariableOp", "Assign")
            if assigns and len(node.input) > 1:
                key = _restored_key(graph, frame, node.input[1])
                if key is not None:
                    _, variable, _ = graph.resolve(frame, node.input[0])
                    keys[_resource(variable)] = key
    return keys


def _restored_key(graph, frame, reference):
    """Returns the key of the `RestoreV2` behind a value, or `None`."""
    frame, node, index = graph.resolve(frame, reference)
    while node.op == "Identity":
        frame, node, index = graph.resolve(frame, node.input[0])
    if node.op != "RestoreV2" or len(node.input) < 2:
        return None
    _, names, _ = graph.resolve(frame, node.input[1])
    keys = constant(names.attr, _MOST_KEYS)
    if keys is None or index >= keys.size:
        return None
    return keys.ravel()[index].decode()
