"""Finds the resizes of an ONNX graph that a convolution can take in."""

import collections

from tfupsample.fuse.enlarged import NotFused
from tfupsample.fuse.onnx.convolutions import Enlarging, fused
from tfupsample.fuse.onnx.resizes import padding_of, resize_of
from tfupsample.fuse.rewrite import Pair
from tfupsample.model_files.onnx_edit import copy_of, replace_nodes


def rewritten(model, graphs):
    """Returns a model in which convolutions take in resizes.

    Args:
        model: An `onnx.ModelProto`, which is not changed.
        graphs: Its `Graph` for several sizes of its input.

    Returns:
        `(model, pairs, left)`: the new `onnx.ModelProto`, and `pairs` and
        `left` of `Fused`.
    """
    search = _Search(graphs)
    for node in graphs[0].nodes:
        if (node.op_type, node.domain) == ("Resize", ""):
            search.follow(node)
    new = copy_of(model)
    replace_nodes(new, search.new)
    return new, search.pairs, search.left


class _Search:
    """Follows resizes to convolutions."""

    def __init__(self, graphs):
        self._graphs = graphs
        graph = graphs[0].model.graph
        self._outputs = {output.name for output in graph.output}
        self._users = collections.defaultdict(list)
        for node in graph.node:
            for name in dict.fromkeys(node.input):
                self._users[name].append(node)
        self.new, self.pairs, self.left = {}, [], []

    def follow(self, resize):
        """Fuses all convolutions of what a resize makes, if it can be."""
        try:
            scale, interpolation = resize_of(self._graphs, resize)
        except NotFused as reason:
            self._leave(resize, reason)
            return
        enlarging = Enlarging(
            resize.input[0], scale, interpolation, ((0, 0),) * len(scale)
        )
        self._fuse(resize, enlarging, resize)

    def _fuse(self, resize, enlarging, last):
        """Fuses with what takes the output of the last node."""
        name = last.output[0]
        if name in self._outputs:
            self._leave(resize, "the model returns the large map")
        for user in self._users[name]:
            try:
                self._fuse_with(resize, enlarging, last, user)
            except NotFused as reason:
                self._leave(user, reason)

    def _fuse_with(self, resize, enlarging, last, user):
        name = last.output[0]
        takes = not user.domain and user.input[0] == name
        if takes and user.op_type == "Pad" and last is resize:
            widths, mode = padding_of(self._graphs, user)
            padded = Enlarging(
                enlarging.low,
                enlarging.scale,
                enlarging.interpolation,
                widths,
                mode,
            )
            self._fuse(resize, padded, user)
        elif takes and user.op_type == "Conv":
            *made, ratio = fused(self._graphs[0], user, enlarging)
            self.new[user.output[0]] = made
            self.pairs.append(
                Pair(
                    _name(resize),
                    _name(user),
                    enlarging.scale,
                    enlarging.interpolation,
                    ratio,
                )
            )
        else:
            what = f"{_name(user)} ({user.op_type})"
            self._leave(resize, f"{what} follows and needs the large map")

    def _leave(self, node, reason):
        self.left.append((_name(node), str(reason)))


def _name(node):
    return node.name or node.output[0]
