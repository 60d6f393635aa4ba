"""Outputs of sizes that the call says: `size=` and `like=`."""

import fractions
import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from layer_cases import KINDS, UPSAMPLINGS, example, skip_of, smallest
from layer_checks import assert_close

from tfupsample import ResizeConv1D, ResizeConv2D
from tfupsample.layers.conv_base import ConvBase

CLASSES = sorted(
    {c.func for c in UPSAMPLINGS.values()}, key=lambda c: c.__name__
)
SOME = [name for name in KINDS if name in UPSAMPLINGS]
SLOW = [
    name if name in SOME else pytest.param(name, marks=pytest.mark.slow)
    for name in UPSAMPLINGS
]


def unknown(layer, channels):
    """A shape of which only the channels are known."""
    shape = [None] * (layer.rank + 2)
    shape[layer.channel_axis] = channels
    return tuple(shape)


def outputs(layer, x, kept, **target):
    """What is kept of an output, and its gradients, by input and weights."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x, **target)[kept]
        loss = tf.reduce_sum(y**2)
    return [y, *tape.gradient(loss, [x, *layer.trainable_weights])]


@pytest.fixture(params=UPSAMPLINGS)
def called(request, rng):
    layer, x = (
        UPSAMPLINGS[request.param](),
        example(rng, UPSAMPLINGS[request.param]),
    )
    whole = np.asarray(layer(x))
    return layer, x, whole


def test_an_output_is_the_beginning_of_the_larger_one(called):
    layer, x, whole = called
    sizes, kept = smallest(layer, x)
    like = skip_of(layer, sizes)
    for target in ({"size": sizes}, {"size": list(sizes)}, {"like": like}):
        np.testing.assert_array_equal(layer(x, **target), whole[kept])
    full = whole.shape[layer.spatial_axes]
    np.testing.assert_array_equal(layer(x, size=full), whole)


def test_shapes_are_known_beforehand(called):
    layer, x, whole = called
    sizes, kept = smallest(layer, x)
    shape, channels = whole[kept].shape, whole.shape[layer.channel_axis]
    assert layer.compute_output_shape(x.shape, size=sizes) == shape
    free = unknown(layer, x.shape[layer.channel_axis])
    for batch in (x.shape, free):
        given, like = keras.KerasTensor(batch), skip_of(layer, sizes)
        like = keras.KerasTensor(like.shape)
        expected = (batch[0], *shape[1:])
        assert layer.compute_output_spec(given, sizes).shape == expected
        assert layer.compute_output_spec(given, like=like).shape == expected
        like = keras.KerasTensor(unknown(layer, 1))
        spec = layer.compute_output_spec(given, like=like)
        assert spec.shape == (batch[0], *unknown(layer, channels)[1:])


@pytest.mark.parametrize("name", SLOW)
def test_a_graph_need_not_know_the_sizes(name, rng):
    layer, x = UPSAMPLINGS[name](), example(rng, UPSAMPLINGS[name])
    layer.build(x.shape)
    sizes, kept = smallest(layer, x)
    graph = tf.function(
        lambda x, like: outputs(layer, x, ..., like=like),
        input_signature=[
            tf.TensorSpec(unknown(layer, x.shape[layer.channel_axis])),
            tf.TensorSpec(unknown(layer, 1)),
        ],
        autograph=False,
    )
    expected = outputs(layer, tf.constant(x), kept)
    assert_close(graph(x, skip_of(layer, sizes)), expected, 1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_xla_cuts_off_the_same(name, rng):
    layer, x = UPSAMPLINGS[name](), tf.constant(example(rng, UPSAMPLINGS[name]))
    layer.build(x.shape)
    sizes, kept = smallest(layer, x)
    like = skip_of(layer, sizes)
    compiled = tf.function(
        lambda x, like: outputs(layer, x, ..., like=like), jit_compile=True
    )
    assert_close(compiled(x, like), outputs(layer, x, kept), 1e-5)


def test_other_sizes_are_refused(called):
    layer, x, whole = called
    sizes, _ = smallest(layer, x)
    full = whole.shape[layer.spatial_axes]
    for axis, (least, most) in enumerate(zip(sizes, full)):
        for wrong in (least - 1, most + 1):
            size = tuple(wrong if i == axis else m for i, m in enumerate(sizes))
            said = f"must have from {least} to {most} pixels"
            with pytest.raises(ValueError, match=f"`size` {said}.*axis {axis}"):
                layer(x, size=size)
            with pytest.raises(ValueError, match=f"`like` {said}"):
                layer(x, like=skip_of(layer, size))


def network(names, known):
    """Layers beside one another, each `like` an input of its own."""
    layers = {name: UPSAMPLINGS[name](name=name) for name in names}
    inputs, made = [], {}
    for name, layer in layers.items():
        x = example(np.random.default_rng(0), UPSAMPLINGS[name])
        like = skip_of(layer, smallest(layer, x)[0])
        shapes = [
            a.shape if known else unknown(layer, a.shape[layer.channel_axis])
            for a in (x, like)
        ]
        inputs += [keras.Input(shape[1:]) for shape in shapes]
        made[name] = layer(inputs[-2], like=inputs[-1])
    return keras.Model(inputs, made)


def examples(model, rng):
    """Inputs for `network`, and what it makes of them, cut by numpy."""
    inputs, expected = [], {}
    for name in model.output:
        layer, x = model.get_layer(name), example(rng, UPSAMPLINGS[name])
        sizes, kept = smallest(layer, x)
        inputs += [x, skip_of(layer, sizes, batch=len(x))]
        expected[name] = np.asarray(layer(x))[kept]
    return inputs, expected


def check(run, inputs, expected):
    made = run(inputs)
    for name, array in expected.items():
        np.testing.assert_allclose(made[name], array, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("known", [True, False])
def test_functional_models_come_back_from_a_file(known, rng, tmp_path):
    model = network(SOME, known)
    model.save(tmp_path / "model.keras")
    inputs, expected = examples(model, rng)
    check(keras.models.load_model(tmp_path / "model.keras"), inputs, expected)


@pytest.mark.slow
def test_functional_models_come_back_from_a_saved_model(rng, tmp_path):
    """With images of unknown sizes."""
    model = network(SOME, known=False)
    model.export(tmp_path / "saved_model", verbose=False)
    served = tf.saved_model.load(str(tmp_path / "saved_model"))
    check(served.serve, *examples(model, rng))


def test_a_size_given_as_numbers_is_kept_in_a_file(rng, tmp_path):
    image = keras.Input((None, None, 2))
    model = keras.Model(image, ResizeConv2D(3)(image, size=(9, 7)))
    assert model.output_shape == (None, 9, 7, 3)
    model.save(tmp_path / "model.keras")
    restored = keras.models.load_model(tmp_path / "model.keras")
    x = rng.normal(size=(1, 5, 4, 2)).astype("float32")
    whole = np.asarray(model.layers[1](x))
    np.testing.assert_array_equal(restored(x), whole[:, :9, :7])
    with pytest.raises(ValueError, match="`size` must have from 11 to 12"):
        restored(np.zeros((1, 6, 4, 2), "float32"))


def test_sizes_may_come_as_any_integers(rng):
    layer, x = ResizeConv2D(3), rng.normal(size=(1, 5, 5, 2))
    whole = np.asarray(layer(x))[:, :9, :9]
    skip = tf.zeros((1, 9, 9, 4))
    for size in (9, np.array([9, 9]), skip.shape[1:3], tf.shape(skip)[1:3]):
        np.testing.assert_array_equal(layer(x, size=size), whole)
    sound = ResizeConv1D(3, scale=4)
    x = rng.normal(size=(1, 2, 2))
    np.testing.assert_array_equal(sound(x, size=5), sound(x)[:, :5])


@pytest.mark.parametrize(
    "target, message",
    [
        ({"size": (9,)}, "`size` must be 2 integers.*as `like`"),
        ({"size": (9, 9, 9)}, "`size` must be 2 integers"),
        ({"size": (9.5, 9)}, "`size` must be 2 integers"),
        ({"size": (None, 9)}, "`size` must be 2 integers"),
        ({"size": "ab"}, "`size` must be 2 integers"),
        ({"size": (-1, 9)}, "`size` must have from 9 to 10"),
        ({"size": 20}, "another `scale`, or resize the input first"),
        ({"like": (9, 9)}, "`like` must be an array.*pass integers as `size`"),
        ({"like": np.zeros((9, 9, 3))}, "`like` must be.*shape=\\(9, 9, 3\\)"),
        ({"like": np.zeros((1, 9, 9, 3)), "size": 9}, "must not both be given"),
    ],
)
def test_wrong_targets_are_named(target, message):
    layer = ResizeConv2D(3)
    with pytest.raises(ValueError, match=message):
        layer(np.zeros((1, 5, 5, 2), "float32"), **target)


def with_scale(make, scale):
    filters = {"filters": 1} if issubclass(make, ConvBase) else {}
    return make(scale=scale, **filters)


FRACTIONS = (1.5, "3/2", fractions.Fraction(3, 2), np.float32(1.5))


@pytest.mark.parametrize("make", CLASSES)
@pytest.mark.parametrize("scale", FRACTIONS)
def test_a_fraction_is_refused_and_the_way_is_told(make, scale):
    told = "`scale` must be an integer.*input to ceil.size / 2. .*scale=2 with"
    for given in (scale, [scale] * make.rank):
        with pytest.raises(ValueError, match=told):
            with_scale(make, given)


@pytest.mark.parametrize("make", CLASSES)
@pytest.mark.parametrize("scale", [0.5, "1/0", "two", float("inf"), 2.0])
def test_what_is_no_fraction_is_refused_as_ever(make, scale):
    with pytest.raises(ValueError, match="`scale` must be an integer of at"):
        with_scale(make, scale)


@pytest.mark.parametrize("before, after", [(10, 15), (7, 10), (31, 81)])
def test_the_way_that_is_told_for_a_fraction_works(before, after):
    scale = math.ceil(after / before)
    x = np.ones((1, before, before, 2), "float32")
    x = keras.ops.image.resize(x, (math.ceil(after / scale),) * 2)
    y = ResizeConv2D(3, scale=scale)(x, size=(after, after))
    assert y.shape == (1, after, after, 3)
    assert np.ptp(y, axis=(1, 2)).max() < 1e-5
