"""Verdicts on well-known networks and on each trap."""

import functools
import math

import keras
import numpy as np
import public_examples as examples
import pytest
from keras import layers, ops

from models import dcgan
from models.gan import GAN
from tfupsample import (
    ICNR,
    AliasFreeConv2D,
    BlurDownsample2D,
    Carafe2D,
    ContentAwareConv2D,
    DySample2D,
    FilteredActivation,
    Pad2D,
    PaddedConv2D,
    ResizeConv2D,
    SubpixelConv2D,
    make_upsampler,
)
from tfupsample.inspection import probe
from tfupsample.inspection.flat import FlatResponse, flat_response
from tfupsample.inspection.inspect import inspect_model
from tfupsample.inspection.judge import concluded
from tfupsample.inspection.keras_graph import networks_of
from tfupsample.ops.phase_gain import balanced

PUBLIC = {
    examples.tensorflow_dcgan: {
        ("up_64", "uneven overlap", 4),
        ("up_64", "unequal gain", 4),
        ("last", "uneven overlap", 2),
        ("last", "unequal gain", 2),
    },
    examples.keras_vae: {
        ("decoder/up_64", "uneven overlap", 4),
        ("decoder/up_64", "unequal gain", 4),
        ("decoder/up_32", "uneven overlap", 2),
        ("decoder/up_32", "unequal gain", 2),
    },
    examples.keras_cyclegan: {
        ("up_1", "uneven overlap", 4),
        ("up_1", "unequal gain", 4),
        ("up_2", "uneven overlap", 2),
        ("up_2", "unequal gain", 2),
    },
    examples.keras_super_resolution: {("depth_to_space", "no ICNR", 3)},
    examples.clean_unet: set(),
}


def look(model, **kwargs):
    return inspect_model(model, probe=False, **kwargs)


def found(inspection, severity=None):
    return {
        (f.layer, f.kind, f.period)
        for f in inspection.findings
        if severity in (None, f.severity)
    }


def on_images(*stack, size=None, channels=3):
    """A functional model of a stack of layers or functions."""
    x = images = keras.Input((size, size, channels))
    for layer in stack:
        x = layer(x)
    return keras.Model(images, x, name="stack")


def up(filters=4, kernel_size=4, strides=2, **kwargs):
    return layers.Conv2DTranspose(
        filters, kernel_size, strides, "same", **kwargs
    )


@pytest.mark.parametrize("example", PUBLIC, ids=lambda e: e.__name__)
def test_public_examples_get_the_right_verdict(example):
    assert found(look(example()), "paints") == PUBLIC[example]


@pytest.mark.slow
@pytest.mark.parametrize("name", examples.EXAMPLES)
def test_public_examples_paint_if_their_table_says_so(name, monkeypatch):
    monkeypatch.setattr(probe, "SECONDS", 600)  # on a busy machine too
    model, paints, _ = examples.EXAMPLES[name]
    inspection = inspect_model(model(), samples=1)
    assert inspection.has("paints") == paints
    assert inspection.probe["forward"]["flat"]


def test_a_clean_network_is_clean_of_everything_and_when_run():
    inspection = inspect_model(examples.clean_unet(), samples=4)
    assert not inspection.findings
    flat = inspection.probe["forward"]["flat"]
    assert set(flat) == {"2", "4"}
    assert max(row["ripple"] for row in flat.values()) < 1e-5


def test_traps_of_the_examples_are_named():
    kinds = {kind for _, kind, _ in found(look(examples.keras_vae()), "note")}
    assert kinds == {"strided gradient"}
    kinds = found(look(examples.keras_super_resolution()), "may paint")
    assert ("depth_to_space", "between convolution and shuffle", 3) in kinds
    assert sum(kind == "zero padding" for _, kind, _ in kinds) == 4


def test_equal_gains_and_even_overlap_are_clean():
    model = on_images(up())
    layer = model.layers[-1]
    assert (layer.name, "unequal gain", 2) in found(look(model))
    layer.kernel.assign(balanced(layer.kernel, 2))
    assert found(look(model), "paints") == set()


def test_magnitude_is_the_share_of_pattern():
    """Gains 1 + a and 1 - a on a checkerboard: mean 1, deviation a."""
    model = on_images(up(1, 2, use_bias=False), channels=1)
    for share in (0.005, 0.02, 0.2):
        signs = np.array([[1, -1], [-1, 1]])
        model.layers[-1].kernel.assign((1 + share * signs)[..., None, None])
        gain = [f for f in look(model).findings if f.kind == "unequal gain"]
        if share < 0.01:
            assert not gain
        else:
            expected = share / math.hypot(1, share)
            assert gain[0].magnitude == pytest.approx(expected, rel=1e-4)
            assert gain[0].severity == (
                "paints" if share > 0.05 else "may paint"
            )


def test_periods_follow_the_graph_through_pools_and_skips():
    shared = up(3, name="shared")
    images = keras.Input((None, None, 3))
    small = layers.AveragePooling2D(4)(images)
    x = layers.UpSampling2D()(shared(small))
    x = layers.Add()([x, images])
    x = layers.AveragePooling2D(2)(ResizeConv2D(3, scale=6, name="six")(x))
    inspection = look(keras.Model(images, x))
    periods = {layer.layer: layer.period for layer in inspection.layers}
    assert periods["shared"] == 12
    assert periods["six"] == 3


def test_of_several_outputs_the_coarsest_pattern_counts():
    images = keras.Input((16, 16, 3))
    x = up(3, name="both")(images)
    small, large = layers.ReLU()(x), layers.UpSampling2D()(x)
    for outputs in ([small, large], [large, small]):
        inspection = inspect_model(keras.Model(images, outputs), samples=2)
        assert ("both", "unequal gain", 4) in found(inspection)
        assert "forward" in inspection.probe


def test_shared_and_nested_layers_are_reported_once():
    inner = keras.Sequential(
        [keras.Input((None, None, 3)), up(3, name="twice")], name="inner"
    )
    inspection = look(on_images(inner, inner, size=16))
    assert found(inspection, "paints") == {("inner/twice", "unequal gain", 4)}


class Block(layers.Layer):
    def __init__(self):
        super().__init__(name="block")
        self.convolution = layers.Conv2D(12, 3, name="convolution")

    def call(self, x):
        return ops.nn.depth_to_space(self.convolution(x), 2)


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__(name="subclassed")
        self.block, self.last = Block(), up(3, name="last")

    def call(self, x, training=False):
        return self.last(self.block(x)) + 1


def test_subclassed_models_and_composite_layers_are_traced():
    model = Subclassed()
    model(np.zeros((1, 16, 16, 3)))
    assert found(look(model), "paints") == {
        ("block/depth_to_space", "no ICNR", 4),
        ("last", "unequal gain", 2),
    }


def test_a_model_that_cannot_be_traced_is_taken_apart():
    model = GAN(
        dcgan.generator(16, width=4, upsample="deconv", kernel_size=4),
        dcgan.discriminator(16, width=4),
    )
    model(np.zeros((1, 16, 16, 3)))
    inspection = look(model)
    paints = found(inspection, "paints")
    assert {period for _, _, period in paints} == {2, 4}
    assert all(path.startswith("generator/") for path, _, _ in paints)
    strided = {f for f in found(inspection) if f[1] == "strided gradient"}
    assert {period for _, _, period in strided} == {2, 4}


def test_a_model_is_not_changed():
    model = examples.clean_unet(2, 1)
    before = model.to_json(), [w.copy() for w in model.get_weights()]
    inspect_model(model, samples=2)
    assert model.to_json() == before[0]
    for weight, old in zip(model.get_weights(), before[1]):
        np.testing.assert_array_equal(weight, old)


def shuffle(x):
    return ops.nn.depth_to_space(x, 2)


def test_icnr_before_a_shuffle_is_clean_until_training_moves_it():
    convolution = PaddedConv2D(12, 3, kernel_initializer=ICNR())
    model = on_images(convolution, shuffle)
    assert found(look(model)) == set()
    convolution.kernel.assign_add(
        0.05 * keras.random.normal(convolution.kernel.shape)
    )
    assert found(look(model)) == {("depth_to_space", "unequal gain", 2)}
    model = on_images(SubpixelConv2D(3, icnr=False))
    assert [f.kind for f in look(model).findings] == ["no ICNR"]


def test_biases_of_the_phases_count():
    convolution = PaddedConv2D(4, 1, kernel_initializer="ones")
    model = on_images(convolution, shuffle, channels=1)
    assert not look(model).findings
    convolution.bias.assign([0.5, -0.5, -0.5, 0.5])
    share = look(model).findings[0].magnitude
    assert share == pytest.approx(math.sqrt(0.125 / (0.125 + 0.5)), rel=1e-4)


def test_normalisation_before_a_shuffle_is_measured():
    convolution = PaddedConv2D(12, 3, kernel_initializer=ICNR(), use_bias=False)
    norm = layers.BatchNormalization(name="norm")
    model = on_images(convolution, norm, layers.ReLU(), shuffle)
    assert found(look(model)) == {
        ("depth_to_space", "between convolution and shuffle", 2)
    }
    norm.gamma.assign(np.repeat([1.0, 1.5, 1.0, 1.0], 3))
    paints = [f for f in look(model).findings if f.severity == "paints"]
    gains = np.array([1, 1.5, 1, 1])
    expected = gains.std() / math.hypot(gains.mean(), gains.std())
    assert paints[0].magnitude == pytest.approx(expected, rel=1e-4)


def test_padding_before_an_average_is_found_whatever_pads():
    for padding in (
        layers.ZeroPadding2D(1),
        lambda x: ops.pad(x, [(0, 0), (1, 1), (1, 1), (0, 0)]),
    ):
        pool = layers.AveragePooling2D(2, 1, name="pool")
        inspection = look(on_images(padding, pool))
        finding = next(f for f in inspection.findings if f.layer == "pool")
        assert finding.kind == "padding before average"
        assert finding.magnitude == pytest.approx(0.75)
    pool = layers.AveragePooling2D(3, 1, "same")
    assert not look(on_images(pool)).findings  # its zeros do not count


def test_zeros_reach_as_far_as_a_flat_image_shows():
    for layer in (
        layers.Conv2D(1, 5, padding="same"),
        layers.Conv2D(1, 3, 2, "same"),
        up(1, 4),
        up(1, 5),
        up(1, 6, 3),
        layers.Conv2DTranspose(1, 4, 2),
    ):
        layer.kernel_initializer = keras.initializers.Ones()
        model = on_images(layer, size=36, channels=1)
        row = model(np.ones((1, 36, 36, 1))).numpy()[0, :, 9, 0]
        period, middle = max(layer.strides), len(row) // 2
        start = middle // period * period
        inner = np.resize(row[start : start + period], len(row))
        broken = ~np.isclose(row, inner)
        seen = max(broken[:middle].sum(), broken[middle:].sum())
        zeros = [f for f in look(model).findings if f.kind == "zero padding"]
        assert zeros[0].magnitude == seen, layer.get_config()


def content_aware(pad_mode):
    """One of each kind, with weights far from those that it starts with."""
    rng = np.random.default_rng(0)
    model = on_images(
        Carafe2D(compressed_channels=4, pad_mode=pad_mode, name="carafe"),
        DySample2D(3, groups=1, pad_mode=pad_mode, name="dysample"),
        ContentAwareConv2D(3, pad_mode=pad_mode, name="up"),
        size=8,
    )
    model.set_weights([rng.normal(0, 0.3, w.shape) for w in model.weights])
    return model


def test_content_aware_layers_are_named_and_clean():
    inspection = inspect_model(content_aware("symmetric"), samples=1)
    assert not inspection.findings
    assert {layer.layer for layer in inspection.layers} >= {
        "carafe",
        "dysample",
        "up",
    }
    inspection = look(content_aware("constant"))
    assert {(f.layer, f.kind, f.magnitude) for f in inspection.findings} == {
        ("carafe", "zero padding", 4 * 6),
        ("dysample", "zero padding", 1 * 2),
        ("up", "zero padding", 4 + 1),
    }


def alias_free(pad_mode):
    return on_images(
        FilteredActivation("tanh", pad_mode=pad_mode, name="act"),
        AliasFreeConv2D(3, pad_mode=pad_mode, name="up"),
        size=24,
    )


def test_alias_free_layers_are_named_and_clean():
    inspection = inspect_model(alias_free("symmetric"), samples=1)
    assert not inspection.findings
    assert {layer.layer for layer in inspection.layers} >= {"act", "up"}
    inspection = look(alias_free("constant"))
    assert {(f.layer, f.kind, f.magnitude) for f in inspection.findings} == {
        ("act", "zero padding", 2 * 5),
        ("up", "zero padding", 5 + 1),
    }


@pytest.mark.parametrize(
    "prominence, samples, severity",
    [(5.9, 32, "may paint"), (6.1, 32, "paints"), (6.1, 2, "may paint")],
)
def test_what_samples_show_is_painted(prominence, samples, severity):
    """Where flat inputs show little, as after training."""
    model = keras.Sequential(
        [keras.Input((16, 16, 4)), layers.Conv2DTranspose(3, 5, 2, "same")]
    )
    networks = networks_of(model)
    drawn = {"2": {"prominence": prominence}}
    probed = {"samples": samples, "forward": {"latents": drawn}}
    inspection = concluded(
        "model", networks, probed, [FlatResponse(0.02, {2: 0.02}, False)]
    )
    found = {f.kind: f.severity for f in inspection.findings}
    assert found["unequal gain"] == found["uneven overlap"] == severity
    assert found["zero padding"] == "may paint"
    assert inspection.layers[0].severity == severity


class AdaIN(layers.Layer):
    """Normalises each picture by itself, as a user may write it."""

    def call(self, x):
        mean, variance = ops.moments(x, (1, 2), keepdims=True)
        return (x - mean) * ops.rsqrt(variance + 1e-5)


@pytest.mark.parametrize("upsample", ["nearest", "deconv"])
def test_rounding_is_no_pattern_where_each_picture_is_normalised(upsample):
    """As in style transfer, where that makes 300 times as much of it."""
    inputs = keras.Input((32, 32, 3))
    x = PaddedConv2D(8, 9)(inputs)
    for _ in range(3):
        x = layers.ReLU()(AdaIN()(PaddedConv2D(8, 3)(x)))
    x = AdaIN()(make_upsampler(upsample, 8, 4)(x))
    inspection = look(keras.Model(inputs, PaddedConv2D(3, 9)(x)))
    painted = {f.kind for f in inspection.findings if f.severity == "paints"}
    assert painted == ({"unequal gain"} if upsample == "deconv" else set())


class Striped(layers.Layer):
    """Enlarges, and darkens every other row, as a custom shuffle may."""

    def call(self, x):
        x = ops.repeat(ops.repeat(x, 2, axis=1), 2, axis=2)
        rows = ops.arange(x.shape[1])[None, :, None, None] % 2
        return x * ops.cast(1 - rows / 2, x.dtype)


class Shaded(layers.Layer):
    """Adds the mean of far neighbours, which no attribute tells."""

    def call(self, x):
        mean = np.full((41, 41, x.shape[-1], 1), 1 / 41**2, "float32")
        return x + ops.depthwise_conv(x, mean, padding="same")


@pytest.mark.parametrize(
    "far", [FilteredActivation("relu"), Shaded(), Pad2D(3, "edge")]
)
def test_flat_inputs_are_judged_behind_layers_that_do_not_keep_a_pattern(far):
    """No pixel of so small an image is out of reach of its border."""
    stack = layers.Conv2D(3, 3, padding="same"), Striped(), far
    (network,) = networks_of(on_images(*stack, size=12))
    response = flat_response(network, (2, 4))
    assert response.shares[2] == response.total > 0.1


def test_gradients_of_networks_without_pictures_may_paint():
    stack = (
        layers.MaxPooling2D(name="pool"),
        layers.Conv2D(4, 3, 2, name="odd"),
        layers.Conv2D(4, 4, 2, name="even"),
        layers.Conv2D(4, 1, 2, name="skipping"),
        BlurDownsample2D(name="blur"),
        layers.GlobalAveragePooling2D(),
    )
    inspection = look(on_images(*stack, size=64))
    assert found(inspection, "may paint") == {
        ("pool", "max-pool gradient", 2),
        ("odd", "strided gradient", 4),
        ("skipping", "strided gradient", 16),
    }
    magnitude = {f.layer: f.magnitude for f in inspection.findings}
    assert magnitude == {"pool": 0.75, "odd": 0.75, "skipping": 1.0}


def test_an_unbuilt_model_is_refused():
    with pytest.raises(ValueError, match="must be built"):
        inspect_model(Subclassed())


def odd_unet(upsampler, given, side=21, data_format="channels_last"):
    """Two levels; the decoder meets the sizes of each skip."""
    sizes = [side, side]
    sizes.insert(2 if data_format == "channels_last" else 0, 3)
    axis = -1 if data_format == "channels_last" else 1
    x, skips = keras.Input(sizes), []
    images = x
    for _ in range(2):
        x = PaddedConv2D(4, 3, activation="relu", data_format=data_format)(x)
        skips.append(x)
        x = PaddedConv2D(4, 4, 2, data_format=data_format)(x)
    for level in (1, 0):
        up = upsampler(4, data_format=data_format, name=f"up_{level}")
        x = up(x, **given(skips[level]))
        x = layers.Concatenate(axis)([skips[level], x])
    last = PaddedConv2D(3, 3, data_format=data_format)
    return keras.Model(images, last(x))


def like(skip):
    return {"like": skip}


def size(skip):
    return {"size": skip.shape[1:3]}


@pytest.mark.parametrize("given", [like, size])
def test_layers_that_are_told_their_size_are_clean_if_they_are(given):
    model = odd_unet(ResizeConv2D, given)
    assert not inspect_model(model, samples=2).findings
    (network,) = networks_of(model)
    assert flat_response(network, [2, 4]).total < 1e-5


@pytest.mark.parametrize("form", ["channels_last", "channels_first"])
def test_layers_that_are_told_their_size_paint_if_they_do(form):
    uneven = functools.partial(SubpixelConv2D, icnr=False)
    model = odd_unet(uneven, like, data_format=form)
    found_here = {("up_1", "no ICNR", 4), ("up_0", "no ICNR", 2)}
    assert found(look(model)) == found_here
    assert found(inspect_model(model, samples=2), "paints") == found_here
    whole = odd_unet(uneven, like, 24, data_format=form)
    whole.set_weights(model.get_weights())
    # The plane has no border, so the cut takes nothing away.
    totals = [flat_response(networks_of(m)[0], [2, 4]) for m in (model, whole)]
    assert totals[0].shares.keys() == {2, 4}
    assert totals[0].total == pytest.approx(totals[1].total, rel=0.02)


def test_an_array_that_only_tells_its_size_passes_no_pattern_on():
    """As its input, it would make the period four times as long."""
    images = keras.Input((8, 8, 3))
    skip = up(kernel_size=3)(images)
    small = PaddedConv2D(4, 4, 2)(images)
    enlarged = ResizeConv2D(4, scale=4)(small, like=skip)
    model = keras.Model(images, layers.Add()([skip, enlarged]))
    assert {period for _, _, period in found(look(model))} == {2, None}
