"""A verdict is what the model does: on what it stands, and on what it does not.

Each test has a model whose pattern on flat images is known from its weights.
"""

import keras
import numpy as np
import pytest
from keras import layers, ops

import tfupsample
from tfupsample.inspection.inspect import inspect_model
from tfupsample.ops.phase_gain import balanced


def stack(*layers_, shape=(16, 16, 2), dtype="float32"):
    return keras.Sequential([keras.Input(shape, dtype=dtype), *layers_])


def up(filters=2, size=3, stride=2, rank=2, **kwargs):
    kind = getattr(layers, f"Conv{rank}DTranspose")
    kwargs.setdefault("kernel_initializer", "ones")
    return kind(filters, size, stride, "same", **kwargs)


def mean_filter(size):
    """A fixed filter that averages `size` pixels along each axis."""
    taps = keras.initializers.Constant(1 / size**2)
    return layers.DepthwiseConv2D(
        size, padding="same", use_bias=False, depthwise_initializer=taps
    )


def paints(model, **kwargs):
    return inspect_model(model, samples=2, **kwargs).has("paints")


def ripples(model):
    flat = inspect_model(model, samples=2).probe["forward"]["flat"]
    return {period: row["ripple"] for period, row in flat.items()}


def test_what_follows_counts():
    assert paints(stack(up()))
    # The mean over one period removes the pattern, over another one it stays.
    assert not paints(stack(up(), mean_filter(2)))
    assert paints(stack(up(), mean_filter(3)))
    assert not paints(stack(up(size=4, stride=3), mean_filter(3)))
    assert paints(stack(up(), layers.Cropping2D(((3, 1), (0, 5)))))
    assert not paints(stack(up(), layers.AveragePooling2D(2)))


def test_a_pattern_that_is_taken_away_is_a_note_that_says_so():
    findings = inspect_model(stack(up(), mean_filter(2)), samples=2).findings
    told = {f.kind: f for f in findings}
    assert told["uneven overlap"].severity == "note"
    assert told["unequal gain"].severity == "note"
    assert "show no pattern in the output" in told["unequal gain"].message


def test_biases_of_phases_count_and_those_of_channels_do_not():
    shuffle = layers.Lambda(lambda x: ops.depth_to_space(x, 2))
    before = layers.Conv2D(4, 1, kernel_initializer="ones")
    model = stack(before, shuffle)
    assert not paints(model)
    before.bias.assign([0, 0, 0, 1])
    assert paints(model)
    assert not paints(stack(up(size=4, bias_initializer="ones")))


def test_equal_gains_are_at_most_a_note_whatever_the_taps():
    for size, stride in ((3, 2), (5, 2), (5, 3), (7, 4), (4, 4)):
        layer = up(2, size, stride, kernel_initializer="glorot_normal")
        model = stack(layer)
        assert paints(model)
        layer.kernel.assign(balanced(layer.kernel, stride))
        for probe in (True, False):
            assert not paints(model, probe=probe)
            found = inspect_model(model, probe=probe, samples=2).findings
            kinds = {f.kind for f in found if f.severity != "note"}
            assert kinds <= {"zero padding"}


def test_neither_size_nor_border_nor_samples_change_what_flat_becomes():
    keras.utils.set_random_seed(0)
    near = [
        layers.Conv2D(3, 5, padding="same", activation="relu"),
        up(3, 4, kernel_initializer="glorot_normal"),
        layers.Conv2D(2, 3, padding="same"),
        layers.UpSampling2D(2, interpolation="bilinear"),
    ]
    found = []
    for side in (4, 7, 16, 40):
        images = x = keras.Input((side, side, 2))
        for layer in near:
            x = layer(x)
        found.append(ripples(keras.Model(images, x))["4"])
    np.testing.assert_allclose(found, found[0], rtol=1e-4)
    model = keras.Model(images, x)
    reports = [inspect_model(model, samples=n).findings for n in (1, 9)]
    assert reports[0] == reports[1]


def test_zero_padding_is_named_and_no_pattern():
    box = {"kernel_initializer": keras.initializers.Constant(1 / 9)}
    for side in (4, 9, 28):
        model = stack(
            layers.Conv2D(2, 3, padding="same", **box),
            layers.UpSampling2D(),
            layers.Conv2D(2, 3, padding="same", **box),
            layers.UpSampling2D(),
            shape=(side, side, 1),
        )
        inspection = inspect_model(model, samples=2)
        assert {f.kind for f in inspection.findings} == {"zero padding"}
        assert set(ripples(model).values()) == {0.0}


@pytest.mark.parametrize("rank", [1, 3])
def test_other_ranks_are_measured(rank):
    sizes = (6,) * rank
    model = stack(up(rank=rank), up(2, 2, rank=rank), shape=(*sizes, 2))
    assert ripples(model)["4"] > 0.2
    assert paints(model)
    # Equal gains of a layer without bias: nothing is left for the second.
    assert ripples(model)["2"] < 1e-6
    clean = stack(
        getattr(tfupsample, f"SubpixelConv{rank}D")(2, 3),
        getattr(tfupsample, f"ResizeConv{rank}D")(2, 3),
        shape=(*sizes, 2),
    )
    assert set(ripples(clean).values()) == {0.0}
    assert not inspect_model(clean, samples=2).findings


def test_films_are_inspected_frame_by_frame():
    frames = layers.TimeDistributed
    assert paints(stack(frames(up()), shape=(3, 8, 8, 2)))
    clean = frames(layers.UpSampling2D())
    assert not paints(stack(clean, shape=(3, 8, 8, 2)))
    inner = stack(up(name="inside"), mean_filter(2), shape=(8, 8, 2))
    assert not paints(stack(frames(inner), shape=(None, 8, 8, 2)))
    found = inspect_model(stack(frames(inner), shape=(3, 8, 8, 2)), samples=1)
    assert {f.layer.rsplit("/")[-1] for f in found.findings} > {"inside"}


def test_integers_are_drawn_as_pixels_or_as_labels():
    pixels = stack(layers.Rescaling(1 / 255), up(), dtype="uint8")
    assert ripples(pixels)["2"] > 0.2
    label = keras.Input((1,), dtype="int32", name="label")
    latent = keras.Input((4,), name="latent")
    x = layers.Flatten()(layers.Embedding(5, 4)(label)) * latent
    x = layers.Reshape((5, 5, 2))(layers.Dense(50)(x))
    given = {"label": label, "latent": latent}
    model = keras.Model(given, {"image": up()(x), "code": latent})
    inspection = inspect_model(model, samples=2)
    assert inspection.probe["kind"] == "generator"
    assert inspection.has("paints")


def test_pictures_without_channels_and_flattened_ones_are_seen():
    for last in (
        [layers.Reshape((32, 32))],
        [layers.Flatten()],
        [layers.Flatten(), layers.Activation("sigmoid")],
    ):
        shape = layers.Reshape((16, 16, 1))
        assert paints(stack(shape, up(1), *last, shape=(16, 16)))
        clean = up(1, 4, kernel_initializer="ones")
        assert not paints(stack(shape, clean, *last, shape=(16, 16)))


def test_a_pixel_of_latents_is_no_image():
    first = layers.Conv2DTranspose(4, 4, 4)
    resize = layers.UpSampling2D(), layers.Conv2D(3, 3, padding="same")
    assert not paints(stack(first, *resize, shape=(1, 1, 5)))
    assert paints(stack(first, up(), shape=(1, 1, 5)))


@pytest.mark.parametrize(
    "name", ["Conv2DTranspose", "SubpixelConv2D", "ResizeConv2D"]
)
def test_channels_first_has_the_numbers_of_channels_last(name):
    kind = getattr(layers, name, None) or getattr(tfupsample, name)
    found = {}
    for order, shape in (("last", (9, 9, 3)), ("first", (3, 9, 9))):
        keras.utils.set_random_seed(0)
        order = {"data_format": f"channels_{order}"}
        layer = kind(2, 3, 2, **order)
        axis = -1 if shape[-1] == 3 else 1
        model = stack(
            layers.Conv2D(3, 3, padding="same", **order),
            layers.BatchNormalization(axis=axis),
            layer,
            layers.LeakyReLU(),
            shape=shape,
        )
        found[axis] = inspect_model(model, samples=3)
    last, first = found[-1], found[1]
    assert [f.kind for f in last.findings] == [f.kind for f in first.findings]
    for part in ("forward", "gradient"):
        for kind, rows in last.probe[part].items():
            for period, row in rows.items():
                other = first.probe[part][kind][period]
                np.testing.assert_allclose(
                    list(row.values()),
                    list(other.values()),
                    rtol=1e-3,
                    atol=1e-4,
                )


def test_outputs_that_are_all_alike_are_said_to_be_so():
    dead = layers.Dense(72, kernel_initializer="zeros", bias_initializer="ones")
    model = stack(dead, layers.Reshape((6, 6, 2)), up(), shape=(4,))
    inspection = inspect_model(model, samples=3)
    assert inspection.probe["alike"]
    assert "latents" not in inspection.probe["forward"]
    assert "outputs alike" in {f.kind for f in inspection.findings}
    assert inspection.has("paints")


class Pair(keras.Model):
    """A generator that its call does not use, beside what it does use."""

    def __init__(self):
        super().__init__()
        self.generator = stack(up(name="up"), shape=(8, 8, 2))
        self.discriminator = stack(
            layers.Conv2D(2, 4, 2), layers.GlobalAveragePooling2D()
        )

    def call(self, x):
        return self.discriminator(x)


def test_a_model_that_another_one_holds_and_does_not_call_is_inspected():
    model = Pair()
    model(np.zeros((1, 16, 16, 2)))
    painting = [
        f.layer
        for f in inspect_model(model, samples=2).findings
        if f.severity == "paints"
    ]
    assert set(painting) == {f"{model.generator.name}/up"}


class Closed(layers.Layer):
    """A layer whose call cannot be traced on symbols of Keras."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def build(self, shape):
        self.inner.build(shape)

    def call(self, x):
        if not keras.backend.is_keras_tensor(x):
            return self.inner(x)
        raise RuntimeError("no symbols")

    def compute_output_shape(self, shape):
        return self.inner.compute_output_shape(shape)


def test_layers_that_cannot_be_traced_are_judged_by_what_is_run():
    assert paints(stack(Closed(up(name="up"))))
    found = inspect_model(stack(Closed(up(name="up"))), samples=2).findings
    assert "up" in {f.layer for f in found}
    assert not paints(stack(Closed(up()), mean_filter(2)))
