"""Shapes and values of graphs, without TensorFlow, are those it computes."""

import numpy as np
import pytest
import tensorflow as tf

from tfupsample.errors import UnusableInput
from tfupsample.inspection.graph_shapes import infer
from tfupsample.inspection.graph_values import Values, weights_of
from tfupsample.model_files.graph import Graph

X = np.arange(2 * 6 * 8 * 4, dtype="float32").reshape(2, 6, 8, 4)
KERNEL = np.ones((3, 3, 4, 5), "float32")

SHAPES = {
    "conv": lambda x: tf.nn.conv2d(x, KERNEL, [1, 2, 3, 1], "SAME"),
    "dilated": lambda x: tf.nn.conv2d(x, KERNEL, 1, "VALID", dilations=2),
    "explicit": lambda x: tf.nn.conv2d(
        x, KERNEL, 2, [[0, 0], [1, 0], [2, 1], [0, 0]]
    ),
    "depthwise": lambda x: tf.nn.depthwise_conv2d(
        x, KERNEL, [1, 2, 2, 1], "SAME"
    ),
    "transposed": lambda x: tf.nn.conv2d_transpose(
        x,
        KERNEL.swapaxes(2, 3),
        tf.concat([tf.shape(x)[:1], tf.shape(x)[1:3] * 2, [5]], 0),
        2,
    ),
    "max pool": lambda x: tf.nn.max_pool2d(x, 3, 2, "SAME"),
    "average pool": lambda x: tf.nn.avg_pool2d(x, 3, 2, "VALID"),
    "conv 3-D": lambda x: tf.nn.conv3d(
        x[..., None], np.ones((3, 1, 2, 1, 7), "float32"), [1] * 5, "VALID"
    ),
    "resize": lambda x: tf.image.resize(x, tf.shape(x)[1:3] * 3),
    "shuffle": lambda x: tf.nn.depth_to_space(x, 2),
    "unshuffle": lambda x: tf.nn.space_to_depth(x, 2),
    "blocks": lambda x: tf.space_to_batch(x, [2, 3], [[1, 1], [0, 1]]),
    "unblocks": lambda x: tf.batch_to_space(x, [2, 1], [[1, 0], [0, 0]]),
    "pad": lambda x: tf.pad(x, [[0, 0], [1, 2], [3, 0], [0, 0]], "REFLECT"),
    "normalised": lambda x: tf.compat.v1.nn.fused_batch_norm(
        x, tf.ones(4), tf.ones(4)
    )[0],
    "einsum": lambda x: tf.einsum("bhwc,cd->bwhd", x, np.ones((4, 3), "f4")),
    "product": lambda x: tf.matmul(x, x, transpose_b=True),
    "dense": lambda x: tf.reshape(x, [-1, 4]) @ np.ones((4, 9), "float32"),
    "split": lambda x: tf.split(x, 2, axis=3)[1],
    "uneven split": lambda x: tf.split(x, [1, 3], axis=-1)[1],
    "elementwise": lambda x: tf.where(x > 3, x, x[:1]) * [1.0, 2, 3, 4],
    "random": lambda x: tf.random.normal(tf.shape(x)[1:]),
    "softmax": lambda x: tf.nn.softmax(tf.nn.leaky_relu(x)),
}
VALUES = {
    "sizes": lambda x: tf.stack([tf.shape(x)[1] * 2 - 1, tf.size(x)]),
    "rank": lambda x: tf.range(tf.rank(x), 1, -2) + 1,
    "slices": lambda x: tf.shape(x)[::-2][tf.newaxis, ...],
    "product": lambda x: tf.reduce_prod(tf.shape(x)[1:], keepdims=True),
    "mean": lambda x: tf.reduce_mean(tf.constant(X), [1, -1]),
    "joined": lambda x: tf.concat([tf.shape(x)[:1], [7], [-1]], 0),
    "unstacked": lambda x: tf.unstack(tf.shape(x))[2] // 3,
    "gathered": lambda x: tf.gather(tf.constant(X), [3, 0], axis=2),
    "reshaped": lambda x: tf.reshape(tf.constant(X), [2, -1, 3]),
    "turned": lambda x: tf.transpose(tf.constant(X), [0, 3, 1, 2])[:, ::-1],
    "tiled": lambda x: tf.tile(tf.constant(X), [1, 2, 1, 3]),
    "normalised": lambda x: tf.constant(X) * tf.math.rsqrt(X + 1) / 2 - 1,
    "cast": lambda x: tf.cast(tf.cast(tf.shape(x), "float32") * 1.5, "int32"),
    "filled": lambda x: tf.squeeze(tf.fill([1, 3, 1], 2.0), [0]),
    "wide": lambda x: tf.broadcast_to(tf.constant([1.0, 2.0]), [3, 2]),
    "piece": lambda x: tf.slice(tf.constant(X), [0, 1, 2, 0], [1, 2, -1, 4]),
    "half": lambda x: tf.split(tf.constant(X), 2, axis=1)[1],
}


def read(function, *specs):
    """Returns the nodes, and the tensors of inputs and output."""
    traced = tf.function(function, autograph=False).get_concrete_function(
        *(specs or [tf.TensorSpec(X.shape, name="x")])
    )
    definition = traced.graph.as_graph_def()
    names = [t.name for t in (*traced.inputs, *traced.outputs)]
    return Graph(definition).nodes(names)


def inferred(function):
    nodes, (x, y) = read(function)
    x.node.shapes = [X.shape]
    values = Values(None)
    for node in nodes:
        infer(node, values)
    return nodes, y, values


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_are_those_of_tensorflow(name):
    nodes, y, _ = inferred(SHAPES[name])
    assert y.shape == tuple(SHAPES[name](tf.constant(X)).shape)
    assert all(node.shapes != [None] for node in nodes)


@pytest.mark.parametrize("name", VALUES)
def test_values_are_those_of_tensorflow(name):
    nodes, y, values = inferred(VALUES[name])
    expected = VALUES[name](tf.constant(X)).numpy()
    np.testing.assert_allclose(values.of(y), expected, rtol=1e-6, atol=1e-6)
    assert y.shape == expected.shape
    assert y.node in weights_of(nodes)


def test_what_depends_on_an_input_has_no_value():
    nodes, y, values = inferred(lambda x: tf.reshape(x, [-1])[:3] * 2)
    assert y.shape == (3,)
    assert values.of(y) is None
    assert y.node not in weights_of(nodes)


@pytest.mark.parametrize(
    "bomb",
    [
        lambda x: tf.tile(tf.constant(X), [1, 40000, 40000, 1]),
        lambda x: tf.fill([1 << 20, 1 << 20], 1.0),
        lambda x: tf.broadcast_to(tf.constant(1.0), [1 << 30, 1 << 10]),
        lambda x: tf.range(0.0, 1e12, 1.0),
    ],
)
def test_values_that_would_not_fit_are_not_computed(bomb):
    _, y, values = inferred(bomb)
    assert values.of(y) is None


def test_unknown_operations_have_no_shape():
    _, y, values = inferred(lambda x: tf.linalg.band_part(x, 1, 1))
    assert y.shape is None and values.of(y) is None


def test_strides_of_zero_are_a_sentence():
    nodes, (x, _) = read(SHAPES["conv"])
    x.node.shapes = [X.shape]
    for node in nodes:
        if node.op == "Conv2D":
            node.attr["strides"].list.i[:] = [1, 0, 1, 1]
    with pytest.raises(UnusableInput, match="strides that are not positive"):
        for node in nodes:
            infer(node, Values(None))
