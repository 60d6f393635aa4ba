"""What the repairs promise, on small models with known answers."""

import json

import keras
import numpy as np
import pytest
from PIL import Image

from tfupsample import PaddedConv2D, SubpixelConv2D, cli
from tfupsample.errors import UnusableInput
from tfupsample.inspection.upsamplings import Upsampling, find_upsamplings
from tfupsample.repair import choices, methods, quality, repair, surgery, trial
from tfupsample.repair.composite_kernel import composite_kernel
from tfupsample.repair.inputs import UNSEEN, array_inputs, random_inputs
from tfupsample.repair.moved import moved


def predict(model, x):
    return np.asarray(model(x, training=False))


def inside(images, margin=6):
    return images[:, margin:-margin, margin:-margin]


def decoder(pad="same", data_format="channels_last"):
    """A deconvolution used twice, another one in a model inside."""
    inputs = keras.Input((8, 8, 4))
    twice = keras.layers.Conv2DTranspose(4, 4, 2, padding=pad, name="twice")
    inner = keras.Sequential(
        [
            keras.Input((None, None, 4)),
            keras.layers.Conv2D(4, 3, padding="same", name="mix"),
            keras.layers.Conv2DTranspose(3, 4, 2, padding="same", name="end"),
        ],
        name="inner",
    )
    return keras.Model(inputs, inner(twice(twice(inputs))), name="decoder")


def generator():
    return keras.Sequential(
        [
            keras.Input((5,)),
            keras.layers.Dense(8 * 8 * 8),
            keras.layers.Reshape((8, 8, 8)),
            keras.layers.BatchNormalization(),
            keras.layers.ReLU(),
            keras.layers.Conv2DTranspose(8, 4, 2, padding="same"),
            keras.layers.ReLU(),
            keras.layers.Conv2DTranspose(3, 4, 2, padding="same"),
            keras.layers.Activation("tanh"),
        ],
        name="generator",
    )


def shuffled(operation):
    inputs = keras.Input((8, 8, 4))
    x = keras.layers.Conv2D(
        12, 3, activation="relu", bias_initializer="random_normal", name="c"
    )(inputs)
    return keras.Model(inputs, operation(x))


def test_shared_and_nested_layers_are_found_once_with_their_periods():
    model = decoder()
    found = find_upsamplings(model)
    assert [u.path for u in found] == ["twice", "inner/end"]
    periods = {u.path: u.period for u in found}
    assert periods == {"twice": 8, "inner/end": 2}


@pytest.mark.parametrize(
    "operation, expected",
    [
        (lambda x: keras.ops.depth_to_space(x, 2), [(2, 2)]),
        (
            keras.layers.Lambda(lambda x: keras.ops.depth_to_space(x, 2)),
            [(2, 2)],
        ),
        (keras.layers.UpSampling2D(2), []),
        (keras.layers.Reshape((12, 12, 3)), []),
    ],
)
def test_the_convolution_before_a_depth_to_space_is_found(operation, expected):
    found = find_upsamplings(shuffled(operation))
    assert [u.strides for u in found] == expected


@pytest.mark.parametrize(
    "layer, rank",
    [
        (keras.layers.Conv1DTranspose(3, 5, 3, padding="same"), 1),
        (keras.layers.Conv2DTranspose(3, 4, 2, padding="same"), 2),
        (keras.layers.Conv2DTranspose(3, (4, 5), (2, 3), padding="valid"), 2),
        (keras.layers.Conv3DTranspose(3, 3, 2, padding="same"), 3),
        (SubpixelConv2D(3, icnr=False), 2),
    ],
)
def test_balanced_layers_keep_flat_images_flat(layer, rank):
    model = keras.Sequential([keras.Input((*[16] * rank, 4)), layer])
    flat = np.ones((1, *[16] * rank, 4), "float32")
    spatial = tuple(range(1, rank + 1))
    middle = (slice(None), *[slice(8, -8)] * rank)
    before, after = (
        np.ptp(predict(m, flat)[middle], axis=spatial).max()
        for m in (model, methods.balance(model, [layer.name]))
    )
    assert before > 1e-2
    assert after < 1e-5


def test_ramps_come_out_of_the_method_of_that_name_as_ramps():
    layer = SubpixelConv2D(3, 3, icnr=False, pad_mode="constant", name="up")
    model = keras.Sequential([keras.Input((16, 16, 2)), layer])
    y, x = np.mgrid[:16, :16]
    ramp = np.stack([0.3 * y - 0.2 * x, 0.1 * x], -1)[None].astype("float32")
    result = repair.repair_model(model, method="ramps")
    bends = [
        np.abs(np.diff(inside(predict(m, ramp)), 2, axis)).max()
        for m in (model, result.model)
        for axis in (1, 2)
    ]
    assert min(bends[:2]) > 1e-2 and max(bends[2:]) < 1e-4
    assert set(result.moved) == {"up"}


def test_a_balanced_shuffle_has_one_bias_for_all_phases():
    model = shuffled(lambda x: keras.ops.depth_to_space(x, 2))
    flat = np.ones((1, 8, 8, 4), "float32")
    assert np.ptp(predict(model, flat), axis=(1, 2)).max() > 1e-3
    repaired = methods.balance(model, ["c"])
    assert np.ptp(predict(repaired, flat), axis=(1, 2)).max() < 1e-5


def normalised_shuffle(rng, use_bias, **normalisation):
    """Convolution, normalisation of other numbers for each phase, shuffle."""
    norm = keras.layers.BatchNormalization(**normalisation)
    inputs = keras.Input((8, 8, 4))
    x = keras.layers.Conv2D(
        12, 3, use_bias=use_bias, bias_initializer="random_normal", name="c"
    )(inputs)
    x = keras.layers.ReLU()(norm(x))
    model = keras.Model(inputs, keras.ops.depth_to_space(x, 2))
    for weight in norm.weights:
        weight.assign(rng.uniform(0.5, 2, weight.shape))
    return model


@pytest.mark.parametrize("use_bias", [False, True])
@pytest.mark.parametrize("normalisation", [{}, {"center": False}])
def test_a_normalisation_before_a_shuffle_is_balanced_with_it(
    rng, use_bias, normalisation
):
    model = normalised_shuffle(rng, use_bias, **normalisation)
    flat = rng.uniform(0.5, 1.5, (6, 1, 1, 4)).astype("float32")
    flat = np.broadcast_to(flat, (6, 8, 8, 4))
    assert np.ptp(predict(model, flat), axis=(1, 2)).max() > 0.1
    repaired = predict(methods.balance(model, ["c"]), flat)
    assert np.ptp(repaired, axis=(1, 2)).max() < 1e-5
    # The smallest change is no change where nothing is to be done.
    again = methods.balance(methods.balance(model, ["c"]), ["c"])
    np.testing.assert_allclose(predict(again, flat), repaired, atol=1e-5)


def test_folding_a_normalisation_changes_no_output(rng):
    model = normalised_shuffle(rng, use_bias=True)
    x = rng.normal(size=(3, 8, 8, 4)).astype("float32")
    before, original = predict(model, x), surgery.copy_model(model)
    (found,) = find_upsamplings(model)
    methods.fold_normalisation(found)
    np.testing.assert_allclose(predict(model, x), before, atol=1e-5)
    assert max(moved(original, model).values(), default=0) < 1e-6


def test_the_model_itself_is_left_alone(rng):
    model = decoder()
    x = rng.normal(size=(2, 8, 8, 4)).astype("float32")
    before = predict(model, x)
    paths = ["twice", "inner/end"]
    for repaired in (
        methods.balance(model, paths),
        methods.resize(model, paths),
        methods.smooth(model, paths),
        methods.exchange_padding(model),
    ):
        assert not np.allclose(predict(repaired, x), before, atol=1e-4)
        assert predict(repaired, x).shape == before.shape
    np.testing.assert_array_equal(predict(model, x), before)


@pytest.mark.parametrize(
    "kernel_size, stride", [(4, 2), (5, 3), (3, 3), (6, 2)]
)
def test_a_composite_kernel_is_found_again(rng, kernel_size, stride):
    """Nearest resizing and a centred kernel, written as a deconvolution."""
    taps = kernel_size - stride + 1
    kernel = rng.normal(size=(taps, taps, 3, 2))
    composite = np.zeros((kernel_size, kernel_size, 3, 2))
    for i, j in np.ndindex(stride, stride):
        composite[i : i + taps, j : j + taps] += kernel[::-1, ::-1]
    layer = keras.layers.Conv2DTranspose(
        3, kernel_size, stride, padding="same", activation="relu"
    )
    layer.build((None, None, None, 2))
    layer.kernel.assign(composite)
    layer.bias.assign([0.1, -0.2, 0.3])
    new = surgery.nearest_resize_conv(
        Upsampling("deconv", layer, (stride, stride), True)
    )
    x = rng.normal(size=(2, 5, 6, 2)).astype("float32")
    np.testing.assert_allclose(predict(new, x), predict(layer, x), atol=1e-5)


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
@pytest.mark.parametrize("kernel_size", [3, 4, 5])
def test_no_other_kernel_is_nearer(rng, kernel_size, interpolation):
    layer = keras.layers.Conv2DTranspose(1, kernel_size, 2, padding="same")
    impulse = np.zeros((1, 17, 17, 1), "float32")
    impulse[0, 8, 8] = 1
    target = predict(layer, impulse)
    new = surgery.nearest_resize_conv(
        Upsampling("deconv", layer, (2, 2), True), interpolation
    )
    best = np.linalg.norm(predict(new, impulse) - target)
    kernel = new.kernel.numpy() if hasattr(new.kernel, "numpy") else new.kernel
    for _ in range(20):
        step = 0.01 * rng.normal(size=kernel.shape)
        new.kernel.assign(kernel + step)
        assert np.linalg.norm(predict(new, impulse) - target) > best
    assert best < np.linalg.norm(target)


@pytest.mark.parametrize("given", ["size", "like"])
def test_layers_that_are_told_their_size_are_balanced_not_smoothed(given):
    images = keras.Input((9, 7, 3))
    x = PaddedConv2D(4, 2, 2)(images)
    target = {"size": (9, 7), "like": images}[given]
    up = SubpixelConv2D(3, icnr=False, name="up")
    model = keras.Model(images, up(x, **{given: target}))
    balanced = methods.balance(model, ["up"])
    flat = np.ones((1, 9, 7, 3), "float32")
    before, after = (predict(m, flat) for m in (model, balanced))
    assert np.ptp(before, axis=(1, 2)).max() > 0.1
    assert np.ptp(after, axis=(1, 2)).max() < 1e-5
    with pytest.raises(UnusableInput, match="size of its output.*=balance"):
        methods.smooth(model, ["up"])


@pytest.mark.parametrize("stride", [2, 3, 4])
def test_smoothing_makes_flat_flat_to_the_edge(stride):
    """A valid deconvolution without overlap has no border of its own."""
    layer = keras.layers.Conv2DTranspose(2, stride, stride, name="up")
    model = keras.Sequential([keras.Input((6, 6, 3)), layer])
    flat = np.ones((1, 6, 6, 3), "float32")
    smoothed = predict(methods.smooth(model, ["up"]), flat)
    assert smoothed.shape == predict(model, flat).shape
    assert np.ptp(predict(model, flat), axis=(1, 2)).max() > 1e-2
    assert np.ptp(smoothed, axis=(1, 2)).max() < 1e-5


@pytest.mark.parametrize("strides, size", [(1, 7), (2, 8), (3, 9)])
@pytest.mark.parametrize("kernel_size", [4, 5, 6])
def test_only_the_border_changes_with_the_padding(
    rng, strides, size, kernel_size
):
    layer = keras.layers.Conv2D(
        2, kernel_size, strides, padding="same", activation="relu"
    )
    model = keras.Sequential([keras.Input((3 * size, 3 * size, 3)), layer])
    x = rng.normal(size=(2, 3 * size, 3 * size, 3)).astype("float32")
    zeros = methods.exchange_padding(model, pad_mode="constant")
    edge = methods.exchange_padding(model, pad_mode="edge")
    before, same, other = (predict(m, x) for m in (model, zeros, edge))
    np.testing.assert_allclose(same, before, atol=1e-5)
    np.testing.assert_allclose(inside(other, 3), inside(before, 3), atol=1e-5)
    assert not np.allclose(other, before, atol=1e-3)


@pytest.mark.parametrize("size", [9, None])
def test_strides_that_keras_aligns_by_size_are_refused(size):
    layer = keras.layers.Conv2D(2, 3, 2, padding="same")
    model = keras.Sequential([keras.Input((size, size, 3)), layer])
    with pytest.raises(UnusableInput, match="strides"):
        methods.exchange_padding(model)


class Subclassed(keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.up = keras.layers.Conv2DTranspose(3, 4, 2, name="up")

    def call(self, x):
        return self.up(x)


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("kernel_size, stride", [(4, 2), (5, 2), (7, 3)])
def test_a_valid_layer_is_the_same_one_with_more_border(
    rng, rank, kernel_size, stride
):
    """A converter writes PyTorch's padding as a valid layer and a crop."""
    kind = getattr(keras.layers, f"Conv{rank}DTranspose")
    shape = (*[6] * rank, 2)
    models = [
        keras.Sequential([keras.Input(shape), kind(3, kernel_size, stride, p)])
        for p in ("valid", "same")
    ]
    models[1].set_weights(models[0].get_weights())
    x = rng.normal(size=(2, *shape)).astype("float32")
    valid, same = (
        predict(methods.resize(m, [m.layers[-1].name]), x) for m in models
    )
    assert valid.shape == predict(models[0], x).shape
    start = (kernel_size - stride) // 2
    window = (slice(None), *[slice(start, start + 6 * stride)] * rank)
    np.testing.assert_allclose(valid[window], same, atol=1e-5)


def test_surgery_refuses_a_model_without_a_graph():
    model = Subclassed()
    model(np.zeros((1, 4, 4, 3), "float32"))
    with pytest.raises(UnusableInput, match="Use --method=balance"):
        surgery.replace_layers(model, {})


def test_a_model_compiled_with_a_loss_of_its_own_is_copied(rng):
    def own_loss(target, output):
        return keras.ops.mean(abs(target - output))

    model = decoder()
    model.get_layer("inner").compile("sgd", own_loss)
    model.compile("sgd", own_loss)
    x = rng.normal(size=(2, 8, 8, 4)).astype("float32")
    for copy in (surgery.copy_model(model), methods.smooth(model, ["twice"])):
        assert not copy.compiled
    assert model.compiled and model.get_layer("inner").compiled
    model.fit(x, predict(model, x), verbose=0)


def test_given_inputs_are_drawn_apart_for_judging(rng):
    given = np.arange(12.0)
    draw = array_inputs({"a": given, "b": 10 * given})
    judged = draw(3, UNSEEN)
    assert set(judged["a"]) == {9, 10, 11}
    np.testing.assert_array_equal(judged["b"], 10 * judged["a"])
    assert set(draw(20, 3)["a"]) == set(range(9))
    assert set(draw(9, 0)["a"]) == set(range(9))
    np.testing.assert_array_equal(draw(9, 1)["a"], draw(9, 1)["a"])
    assert not np.array_equal(draw(9, 1)["a"], draw(9, 2)["a"])


def test_a_model_is_repaired_on_given_inputs(rng):
    model = decoder()
    x = rng.normal(size=(64, 8, 8, 4)).astype("float32")
    result = repair.repair_model(model, x, method="balance", layers="all")
    judged = array_inputs(x)(64, UNSEEN)
    np.testing.assert_allclose(
        result.outputs[0], predict(model, judged[:8]), atol=1e-5
    )


@pytest.mark.parametrize(
    "given, error, said",
    [
        (np.zeros((3, 8, 8, 4)), ValueError, "at least 4 examples"),
        ([np.zeros((8, 4)), np.zeros((7, 4))], ValueError, "as many of each"),
        ("train.npy", TypeError, "must be arrays of numbers"),
    ],
)
def test_inputs_that_are_not_examples_are_refused(given, error, said):
    with pytest.raises(error, match=said):
        repair.repair_model(decoder(), given)


def test_periods_scores_and_distances_are_reported():
    model = generator()
    result = repair.repair_model(model, random_inputs(model), layers="last")
    (name,) = result.layers
    assert name == model.layers[-2].name
    assert set(result.moved) == {name}
    assert set(result.before) == set(result.after) == {2, 4}
    last = model.layers[-2].kernel
    distance = result.model.layers[-2].kernel - last
    assert result.moved[name] == pytest.approx(
        np.linalg.norm(distance) / np.linalg.norm(last)
    )
    unrepaired, repaired = result.outputs
    assert unrepaired.shape == (8, 32, 32, 3)
    assert not np.allclose(unrepaired, repaired)


def test_a_resized_layer_has_moved_to_its_composite_kernel():
    """Of a kernel that is a composite itself, no distance is left."""
    layer = keras.layers.Conv2DTranspose(2, 4, 2, padding="same", name="up")
    model = keras.Sequential([keras.Input((8, 8, 3)), layer])
    assert moved(model, methods.resize(model, ["up"]))["up"] > 0.1
    new = methods.resize(model, ["up"]).layers[-1]
    layer.kernel.assign(composite_kernel(new, (4, 4)))
    again = moved(model, methods.resize(model, ["up"]))
    assert again.get("up", 0) < 1e-6
    x = np.ones((1, 8, 8, 3), "float32")
    np.testing.assert_allclose(predict(new, x), predict(layer, x), atol=1e-5)


@pytest.mark.parametrize(
    "layer",
    [
        keras.layers.Conv2DTranspose(2, 4, 2, padding="same", name="up"),
        keras.layers.Conv2DTranspose(2, (5, 4), (3, 2), name="up"),
        SubpixelConv2D(
            2, 3, (2, 3), pad_mode="constant", icnr=False, name="up"
        ),
    ],
)
def test_a_smoothed_layer_has_moved_as_its_impulse_response(layer):
    """Measured from outputs: what a single pixel becomes."""
    model = keras.Sequential([keras.Input((9, 9, 3)), layer])
    smoothed = methods.smooth(model, ["up"])
    impulses = np.zeros((3, 9, 9, 3), "float32")
    impulses[range(3), 4, 4, range(3)] = 1
    before, after = (predict(m, impulses) for m in (model, smoothed))
    distance = np.linalg.norm(after - before) / np.linalg.norm(before)
    assert distance > 0.1
    assert moved(model, smoothed) == {"up": pytest.approx(distance, rel=1e-4)}


def test_a_valid_layer_has_moved_as_the_same_one():
    models = [
        keras.Sequential(
            [
                keras.Input((8, 8, 3)),
                keras.layers.Conv2DTranspose(2, 5, 2, padding, name="up"),
            ]
        )
        for padding in ("same", "valid")
    ]
    models[1].set_weights(models[0].get_weights())
    same, valid = (moved(m, methods.resize(m, ["up"])) for m in models)
    assert same["up"] > 0.1 and valid == pytest.approx(same)


def test_what_is_clean_is_left_alone():
    """A transposed convolution that interpolates paints nothing."""
    up = keras.layers.Conv2DTranspose(3, 4, 2, padding="same")
    model = keras.Sequential(
        [
            keras.Input((5,)),
            keras.layers.Dense(16 * 16 * 3),
            keras.layers.Reshape((16, 16, 3)),
            up,
        ]
    )
    taps = np.array([0.25, 0.75, 0.75, 0.25])
    up.kernel.assign(np.multiply.outer(np.outer(taps, taps), np.eye(3)))
    result = repair.repair_model(model)
    assert (result.method, result.steps, result.tried) == ("none", 0, ())
    assert result.accepted and "left alone" in result.notes[0]
    assert result.psnr_db == np.inf


def attempt(psnr_db, excess, warnings=()):
    """What a trial of a candidate found."""
    after = quality.Quality({2: scores(choices.CLEAN_DB + excess)}, 1, 0)
    return trial.Attempt(
        generator(),
        "balance",
        [],
        after,
        psnr_db,
        np.zeros((1, 8, 8, 3)),
        warnings=list(warnings),
    )


def scores(prominence_db):
    return {"coherent": 0.0, "prominence_db": prominence_db, "worst_db": 0.0}


@pytest.mark.parametrize(
    "attempts, kept",
    [
        ([attempt(36, 0), attempt(40, 0)], 36),  # the first close clean one
        ([attempt(30, 0), attempt(40, 0)], 40),
        # Distillation is the best that can be done, close or not.
        ([attempt(30, 0), *[None] * 3, attempt(29, 0), attempt(40, 0)], 30),
        ([attempt(30, 2), attempt(40, 1), attempt(35, 1)], 40),
        ([attempt(30, 2), attempt(40, 0, ["worse"]), attempt(35, 3)], 30),
        ([attempt(30, 0, ["worse"]), None, attempt(35, 3, ["worse"])], None),
    ],
)
def test_the_best_that_makes_nothing_worse_is_kept(attempts, kept, monkeypatch):
    left = iter(attempts)
    monkeypatch.setattr(trial.Trial, "run_or_note", lambda *_: next(left, None))
    before = quality.Quality({2: scores(9.0)}, 1, 0)
    monkeypatch.setattr(trial.Trial, "_quality", lambda *_: before)
    result = repair.repair_model(generator())
    if kept is None:
        assert not result.accepted and result.method == "none"
    else:
        assert result.accepted and result.psnr_db == kept


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "model.keras"
    generator().save(path)
    return path


def test_command_writes_a_model_and_a_picture(saved, tmp_path, capsys):
    output = tmp_path / "out.keras"
    before = saved.read_bytes()
    page = tmp_path / "report.html"
    arguments = ["repair", str(saved), "-o", str(output), "--json"]
    arguments += ["--method=balance", "--force", f"--html={page}"]
    assert cli.main(arguments) == 0
    text = page.read_text(encoding="utf-8")
    assert "data:image/png" in text and str(saved) in text
    report = json.loads(capsys.readouterr().out)
    assert report["layers"] and set(report["after"]) == {"2", "4"}
    assert saved.read_bytes() == before
    with Image.open(tmp_path / "out_before_after.png") as picture:
        assert min(picture.size) > 700  # large enough to see a pattern
    model = keras.saving.load_model(output)
    assert predict(model, np.zeros((1, 5), "float32")).shape == (1, 32, 32, 3)
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "model.keras",
        "out.keras",
        "out_before_after.png",
        "report.html",
    ]


@pytest.mark.parametrize(
    "output, more, words",
    [
        ("model.keras", [], "another file"),
        ("there.keras", [], "--overwrite"),
        ("out.h5", [], "must end in .keras"),
        ("no/out.keras", [], "no folder"),
        ("out.keras", ["--layers=nothing"], "no layer 'nothing'"),
        ("out.keras", ["--images=."], "takes"),
        ("out.keras", ["--method=pad"], "pads with zeros"),
        ("out.keras", ["--html=there.keras"], "--overwrite"),
        ("picture.keras", [], "picture_before_after.png exists"),
        ("out.keras", ["--method=balance", "--least_psnr=99"], "least 99 dB"),
    ],
)
def test_command_says_why_it_refuses(
    saved, tmp_path, capsys, monkeypatch, output, more, words
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.keras").write_text("kept")
    (tmp_path / "picture_before_after.png").write_text("kept")
    before = sorted(tmp_path.iterdir())
    arguments = ["repair", str(saved), "-o", str(tmp_path / output), *more]
    assert cli.main(arguments) == 2
    assert words in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == before
    for name in ("there.keras", "picture_before_after.png"):
        assert (tmp_path / name).read_text() == "kept"


@pytest.mark.parametrize("method", ["balance", "resize", "smooth"])
def test_channels_first_is_repaired_or_refused_in_a_sentence(method):
    """TensorFlow without oneDNN cannot convolve channels first."""
    first = {"padding": "same", "data_format": "channels_first"}
    latents = keras.Input((5,))
    x = keras.layers.Dense(4 * 8 * 8)(latents)
    x = keras.layers.Reshape((4, 8, 8))(x)
    x = keras.layers.Conv2DTranspose(6, 4, 2, activation="relu", **first)(x)
    x = keras.layers.Conv2DTranspose(3, 5, 2, activation="tanh", **first)(x)
    model = keras.Model(latents, x)
    if not runs(model, np.zeros((1, 5), "float32")):
        with pytest.raises(UnusableInput, match="TF_ENABLE_ONEDNN_OPTS=1"):
            repair.repair_model(model, None, method, "all")
        return
    result = repair.repair_model(model, None, method, "all")
    assert result.model.output_shape == (None, 3, 32, 32)
    before, after = (
        scores[2]["prominence_db"] for scores in (result.before, result.after)
    )
    assert after < before - 5


def runs(model, x):
    try:
        model.predict(x, verbose=0)
    except Exception:
        return False
    return True
