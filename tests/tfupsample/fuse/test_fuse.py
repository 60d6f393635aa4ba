"""Fused models against the models that they were made of."""

import itertools

import keras
import numpy as np
import pytest
from keras import layers, ops

import tfupsample
from tfupsample import fuse_model
from tfupsample.errors import UnusableInput

RNG = np.random.default_rng(0)
SCALES = {1: (2, 3), 2: ((2, 2), (3, 2), (1, 4)), 3: ((2, 2, 2),)}


def randomised(model):
    """Gives every weight, statistics too, a random positive or mixed value."""
    for weight in model.weights:
        spread = 0.5 if "variance" in weight.path else 0.3
        value = RNG.normal(1.0 if "variance" in weight.path else 0.0, 0.1)
        noise = RNG.uniform(-spread, spread, weight.shape)
        weight.assign((value + noise).astype("float32"))
    return model


def sizes_of(data_format, rank, channels, side=None):
    sizes = (side or None,) * rank
    first = data_format == "channels_first"
    return (channels, *sizes) if first else (*sizes, channels)


def run(model, data_format="channels_last", side=5):
    """Runs a model on noise; several sides, as the border counts."""
    shape = [n or side + i for i, n in enumerate(model.inputs[0].shape[1:])]
    x = np.random.default_rng(1).normal(size=(2, *shape)).astype("float32")
    return keras.tree.flatten(model(x))


def assert_same(model, fused, tolerance=1e-5, **kwargs):
    for before, after in zip(run(model, **kwargs), run(fused, **kwargs)):
        before, after = map(ops.convert_to_numpy, (before, after))
        assert before.shape == after.shape
        assert np.abs(after - before).max() <= tolerance * np.abs(before).max()


def fused_of(model, pairs=None, **kwargs):
    """Fuses a model, checks that it gives the same, and returns the result."""
    result = fuse_model(randomised(model), size=5, **kwargs)
    assert_same(model, result.model)
    if pairs is not None:
        assert len(result.pairs) == pairs, result.left
    return result


def sequential(*inside, channels=3, rank=2, data_format="channels_last"):
    """A sequential model; layers are taken apart by `None`."""
    shape = sizes_of(data_format, rank, channels)
    return keras.Sequential([keras.Input(shape), *filter(None, inside)])


def reasons(result):
    return " ".join(reason for _, reason in result.left)


@pytest.mark.parametrize(
    ("rank", "size"), [(r, s) for r in SCALES for s in SCALES[r]]
)
def test_same_convolutions_after_nearest(rank, size):
    for kernel_size in (3, 4, 5):
        up = getattr(layers, f"UpSampling{rank}D")
        conv = getattr(layers, f"Conv{rank}D")
        model = sequential(
            up(size),
            conv(2, kernel_size, padding="same", activation="tanh"),
            rank=rank,
        )
        result = fused_of(model, pairs=1)
        assert result.pairs[0].scale == tuple(np.atleast_1d(size))
        assert (
            result.after["multiply_adds"] < 0.9 * result.before["multiply_adds"]
        )


def test_channels_first_is_fused_or_refused_in_a_sentence():
    """TensorFlow without oneDNN cannot convolve channels first."""
    first = {"data_format": "channels_first"}
    model = sequential(
        layers.UpSampling2D((2, 3), **first),
        layers.BatchNormalization(axis=1),
        layers.ZeroPadding2D(((0, 1), (2, 0)), **first),
        layers.Conv2D(4, (3, 5), **first),
        **first,
    )
    try:
        run(model)
    except Exception:
        with pytest.raises(UnusableInput, match="TF_ENABLE_ONEDNN_OPTS=1"):
            fuse_model(model)
        return
    assert fused_of(model, pairs=1).pairs[0].scale == (2, 3)


PADS = [
    layers.ZeroPadding2D(1),
    layers.ZeroPadding2D(((0, 1), (3, 2))),
    tfupsample.Pad2D(2, "symmetric"),
    tfupsample.Pad2D(((1, 4), 0), "edge"),
    tfupsample.Pad2D(((1, 2), 3), "circular"),
    tfupsample.Pad2D(1, "reflect"),
    tfupsample.Pad2D(((7, 0), (1, 1)), ("constant", "symmetric")),
    None,
]


@pytest.mark.parametrize(
    ("pad", "kernel_size"),
    list(itertools.product(range(len(PADS)), (3, (4, 5)))),
)
def test_any_padding_after_nearest(pad, kernel_size):
    given = PADS[pad] and PADS[pad].from_config(PADS[pad].get_config())
    conv = layers.Conv2D(4, kernel_size)
    fused_of(sequential(layers.UpSampling2D((2, 3)), given, conv), pairs=1)


@pytest.mark.parametrize("pad", range(len(PADS)))
def test_any_padding_after_bilinear(pad):
    """Zeros and reflections of several pixels stay, and are named."""
    given = PADS[pad] and PADS[pad].from_config(PADS[pad].get_config())
    up = layers.UpSampling2D(2, interpolation="bilinear")
    result = fused_of(sequential(up, given, layers.Conv2D(4, 5)))
    exact = given is None or {"symmetric", "edge"}.issuperset(
        getattr(given, "pad_mode", ["constant"])
    )
    assert len(result.pairs) == exact
    assert exact or "padding" in reasons(result)


@pytest.mark.parametrize("mode", tfupsample.PAD_MODES)
@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
def test_padded_convolutions_of_this_package(mode, interpolation):
    up = layers.UpSampling2D(2, interpolation=interpolation)
    conv = tfupsample.PaddedConv2D(4, 5, pad_mode=mode)
    result = fused_of(sequential(up, conv))
    assert result.pairs or "padding" in reasons(result)


def test_a_causal_convolution_and_its_padding():
    up, conv = layers.UpSampling1D(3), layers.Conv1D(2, 5, padding="causal")
    fused_of(sequential(up, conv, rank=1), pairs=1)


@pytest.mark.parametrize(
    "between",
    [
        layers.BatchNormalization,
        layers.LayerNormalization,
        lambda: layers.GroupNormalization(3),
        layers.ReLU,
        lambda: layers.Activation("silu"),
        lambda: layers.PReLU(shared_axes=[1, 2]),
        lambda: layers.Conv2D(6, 1, activation="relu"),
    ],
)
def test_what_commutes_with_nearest_is_done_at_low_resolution(between):
    model = sequential(
        layers.UpSampling2D(2), between(), layers.Conv2D(2, 3, padding="same")
    )
    result = fused_of(model)
    assert result.pairs[-1].convolution == model.layers[-1].name
    assert not any(
        isinstance(layer, layers.UpSampling2D) for layer in result.model.layers
    )


@pytest.mark.parametrize(
    "between",
    [
        lambda: layers.Softmax(axis=1),
        lambda: layers.LayerNormalization(axis=[2, 3]),
        lambda: layers.MaxPooling2D(2, 1),
    ],
)
def test_what_does_not_commute_stops_a_resize(between):
    inputs = keras.Input((6, 6, 3))
    x = between()(layers.UpSampling2D(2, name="up")(inputs))
    model = keras.Model(inputs, layers.Conv2D(2, 3)(x))
    result = fused_of(model, pairs=0)
    assert [path for path, _ in result.left] == ["up"]


def test_operations_resize_and_pad_too():
    inputs = keras.Input((6, 5, 3))
    x = ops.repeat(ops.repeat(inputs, 2, axis=1), 3, axis=-2)
    x = layers.Conv2D(4, 3, padding="same")(ops.relu(x))
    x = ops.image.resize(x, (24, 30), "nearest")
    x = layers.Conv2D(4, 3)(ops.pad(x, ((0, 0), (1, 2), (1, 1), (0, 0))))
    x = layers.Resizing(50, 60, "bilinear")(x)
    x = layers.Conv2D(2, 5)(x * 2.0)
    fused_of(keras.Model(inputs, x), pairs=2)
    y = layers.Resizing(12, 10, "bilinear")(inputs)
    y = layers.Conv2D(2, 5)(y)
    fused_of(keras.Model(inputs, y), pairs=1)


def test_a_blur_of_this_package_is_bilinear():
    blur = tfupsample.BlurUpsample2D(2)
    conv = tfupsample.PaddedConv2D(2, 5, pad_mode="edge")
    result = fused_of(sequential(blur, conv), pairs=1)
    assert result.pairs[0].interpolation == "bilinear"


@pytest.mark.parametrize(
    ("up", "conv", "words"),
    [
        ({"interpolation": "bicubic"}, {}, "bicubic"),
        ({}, {"strides": 2}, "strides"),
        ({}, {"dilation_rate": 2}, "dilated"),
        ({}, {"groups": 3}, "groups"),
        ({}, {"kernel_size": 2, "padding": "same"}, "faster"),
        ({"interpolation": "bilinear"}, {"padding": "valid"}, "faster"),
        ({"interpolation": "bilinear"}, {"padding": "same"}, "constant"),
    ],
)
def test_what_is_left_is_named(up, conv, words):
    conv = {"filters": 3, "kernel_size": 3} | conv
    model = sequential(layers.UpSampling2D(2, **up), layers.Conv2D(**conv))
    assert words in reasons(fused_of(model, pairs=0))


def test_a_skip_connection_keeps_the_large_map():
    inputs = keras.Input((None, None, 4))
    large = layers.UpSampling2D(2, name="up")(inputs)
    x = layers.Conv2D(4, 3, padding="same")(large)
    model = keras.Model(inputs, layers.Concatenate()([x, large]))
    result = fused_of(model, pairs=1)
    assert isinstance(result.model.get_layer("up"), layers.UpSampling2D)


def test_two_branches_that_are_enlarged_alike():
    a, b = keras.Input((None, None, 4)), keras.Input((None, None, 4))
    x = layers.Add()([layers.UpSampling2D(2)(a), layers.UpSampling2D(2)(b)])
    model = keras.Model([a, b], layers.Conv2D(2, 3)(x))
    result = fuse_model(randomised(model), size=5)
    assert len(result.pairs) == 1
    data = [RNG.normal(size=(1, 4, 5, 4)).astype("float32") for _ in range(2)]
    np.testing.assert_allclose(model(data), result.model(data), atol=1e-5)


def test_a_shared_convolution_stays():
    inputs = keras.Input((None, None, 3))
    conv = layers.Conv2D(3, 3, padding="same")
    model = keras.Model(inputs, conv(layers.UpSampling2D(2)(conv(inputs))))
    assert "several times" in reasons(fused_of(model, pairs=0))


def test_models_inside_models():
    """A resize in one model, the convolution in the next, and shared ones."""
    block = sequential(
        layers.UpSampling2D(2), layers.Conv2D(4, 3, padding="same"), channels=4
    )
    head = sequential(layers.Conv2D(4, 3), layers.ReLU(), channels=4)
    inputs = keras.Input((None, None, 4))
    x = layers.UpSampling2D(2)(block(block(inputs), training=False))
    inner = keras.Model(inputs, head(x), name="inner")
    outer = keras.Model(inputs, inner(inputs))
    result = fused_of(outer, pairs=2)
    assert result.pairs[0].convolution == f"inner/{block.name}/" + (
        block.layers[1].name
    )


@keras.saving.register_keras_serializable("test_fuse")
class Block(keras.layers.Layer):
    """A layer of layers, as in KerasHub; `own` is a weight beside them."""

    def __init__(self, own=False, **kwargs):
        super().__init__(**kwargs)
        self.own = own
        self.up = layers.UpSampling2D(2, name="up")
        self.conv = layers.Conv2D(4, 3, padding="same", name="conv")

    def build(self, shape):
        self.conv.build(shape)
        self.gain = self.add_weight(shape=()) if self.own else 1.0

    def call(self, inputs, training=None):
        x = self.conv(self.up(inputs, training=training), training=training)
        return x * self.gain if self.own else x

    def get_config(self):
        return super().get_config() | {"own": self.own}


def test_a_layer_of_layers_is_taken_apart():
    result = fused_of(
        sequential(Block(name="block"), Block(own=True, name="own")), pairs=1
    )
    assert result.pairs[0].convolution == "block/conv"
    assert "weights beside" in reasons(result)


def test_the_result_saves_trains_and_keeps_its_settings(tmp_path):
    frozen = layers.Conv2D(
        4, 3, padding="same", kernel_regularizer="l2", trainable=False
    )
    model = sequential(
        layers.UpSampling2D(2),
        frozen,
        layers.UpSampling2D(2),
        layers.Conv2D(2, 3, padding="same", name="head"),
    )
    before = fused_of(model, pairs=2).model
    before.save(tmp_path / "fused.keras")
    fused = keras.models.load_model(tmp_path / "fused.keras")
    assert_same(before, fused, 0)
    assert not fused.get_layer(frozen.name).trainable
    assert fused.get_layer(frozen.name).kernel_regularizer is not None
    head = np.array(fused.get_layer("head").kernel)
    kept = np.array(fused.get_layer(frozen.name).kernel)
    fused.compile("sgd", "mse")
    fused.fit(
        *np.ones((2, 1, 8, 8, 3), "float32")[:1],
        np.ones((1, 32, 32, 2)),
        verbose=0,
    )
    assert np.abs(fused.get_layer("head").kernel - head).max() > 0
    np.testing.assert_array_equal(fused.get_layer(frozen.name).kernel, kept)


def test_gradients_are_those_of_the_model():
    model = sequential(
        layers.UpSampling2D(2), layers.Conv2D(2, 3, padding="same")
    )
    fused = fused_of(model, pairs=1).model
    x = RNG.normal(size=(4, 6, 6, 3)).astype("float32")
    y = RNG.normal(size=(4, 12, 12, 2)).astype("float32")
    for one in (model, fused):
        one.compile(keras.optimizers.SGD(1.0), "mse")
        one.fit(x, y, batch_size=4, verbose=0)
    np.testing.assert_allclose(
        model.layers[-1].kernel, fused.layers[-1].kernel, atol=1e-5
    )


def test_16_bits_stay_16_bits():
    model = sequential(
        layers.UpSampling2D(2, dtype="mixed_float16"),
        layers.Conv2D(2, 3, padding="same", dtype="mixed_float16"),
    )
    result = fuse_model(model, size=8)
    assert result.pairs and result.model.output.dtype == "float16"
    assert_same(model, result.model, 5e-3)


def test_the_model_is_left_as_it_was():
    model = randomised(sequential(layers.UpSampling2D(2), layers.Conv2D(2, 3)))
    weights = [np.array(w) for w in model.weights]
    nodes = [len(layer._inbound_nodes) for layer in model.layers]
    result = fuse_model(model)
    result.model.set_weights([w * 0 for w in weights])
    assert nodes == [len(layer._inbound_nodes) for layer in model.layers]
    for weight, kept in zip(model.weights, weights):
        np.testing.assert_array_equal(weight, kept)


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.conv = layers.Conv2D(3, 3)

    def call(self, inputs):
        return self.conv(ops.repeat(inputs, 2, axis=1))

    def get_config(self):
        return {}


def test_a_model_without_a_graph_is_refused():
    model = Subclassed()
    model(np.ones((1, 4, 4, 3), "float32"))
    with pytest.raises(UnusableInput, match="class of its own"):
        fuse_model(model)


def test_costs_are_those_of_a_count_by_hand():
    """Nearest, 3×3: 9 taps become 4, on a border of cells that is cropped."""
    model = sequential(
        layers.UpSampling2D(2), layers.Conv2D(5, 3, padding="same")
    )
    result = fuse_model(model, size=(6, 8))
    pixels = 12 * 16
    assert result.before["multiply_adds"] == pixels * 9 * 3 * 5
    assert result.after["multiply_adds"] == pixels * 4 * 3 * 5
    small, large, out = 6 * 8 * 3 * 4, pixels * 3 * 4, pixels * 5 * 4
    assert result.before["activation_bytes"] == max(small + large, large + out)
    assert result.after["activation_bytes"] == small + 2 * out
