"""Every public function called wrongly: an error that says what to do.

For each argument a kind of `bad_values.BAD`, all of which it must refuse by an
error of ours that names it.
"""

import keras
import layer_cases
import numpy as np
import pytest
from bad_calls import BUILDERS, CASES, FEATURES, toy
from bad_values import BAD, IMAGES
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

import tfupsample
from models import deep_dream, latent
from tfupsample.errors import UnusableInput
from tfupsample.images import arrays
from tfupsample.inspection import gains
from tfupsample.measures import (
    artifacts,
    border,
    frechet_distance,
    gradient,
    kernel_distance,
    operator,
    overlap,
    pattern,
    score,
    spectrum,
)
from tfupsample.pretrained import architecture

MEASURES = [
    artifacts.coherent_score,
    artifacts.variance_ratio,
    artifacts.peak_prominence,
    gradient.pattern_share,
    pattern.pattern_strength,
    pattern.phase_tiles,
    lambda images, period: spectrum.radial_spectrum(images).power,
    lambda images, period: border.border_deviation(images),
    lambda images, period: frechet_distance.frechet_distance(images, images),
    lambda images, period: gains.imbalance(images),
]


def name_of(case):
    name = getattr(case[0], "__name__", type(case[0]).__name__)
    return f"{name}-{case[1]['name']}" if "name" in case[1] else name


def complaint(function, arguments, name):
    """What is wrong with how a wrong argument is refused; `None` if nothing."""
    try:
        function(**arguments)
    except UnusableInput:
        return None
    except (TypeError, ValueError) as error:
        text = str(error)
        if name in text and "Received: " in text:
            return None
        return f"{type(error).__name__}: {text[:150]}"
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:150]}"
    return "accepted"


@pytest.mark.parametrize("case", CASES + BUILDERS, ids=name_of)
def test_wrong_arguments_are_named(case):
    function, arguments, kinds = case
    if "model" in kinds and "model" not in arguments:
        arguments = arguments | {"model": toy()}
    complaints = [
        f"{name}={value!r}"[:60] + f" ({kind}): {found}"
        for name, kind in kinds.items()
        for value in BAD[kind]
        if (found := complaint(function, arguments | {name: value}, name))
    ]
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize("name", layer_cases.ALL)
def test_layers_name_what_they_cannot_take(name, rng):
    """Wrong ranks and channels are the business of Keras, which says so."""
    layer = layer_cases.ALL[name]()
    x = layer_cases.example(rng, layer_cases.ALL[name])
    layer(x)
    wrongs = [x[..., 0], x[None], x[:0], x[:, :0], x[..., :0]]
    if layer.weights:  # else any number of channels will do
        wrongs.append(np.delete(x, 0, layer.channel_axis))
    for wrong in wrongs:
        with pytest.raises(ValueError, match="shape|axis|`inputs`"):
            layer(wrong)
    for dtype in ("complex64", "S1"):
        with pytest.raises(ValueError, match="`inputs` must be real numbers"):
            layer(keras.ops.convert_to_tensor(np.zeros(x.shape, dtype)))


@pytest.mark.parametrize("name", layer_cases.ALL)
def test_layers_take_integers_and_pass_nan_on(name, rng):
    layer = layer_cases.ALL[name]()
    x = layer_cases.example(rng, layer_cases.ALL[name])
    whole = np.round(10 * x).astype("int32")
    np.testing.assert_array_equal(layer(whole), layer(whole.astype("float32")))
    x[0] = np.nan
    y = np.asarray(layer(x))
    assert np.isnan(y[0]).any() and np.isfinite(y[1]).all()


def test_padding_keeps_integers():
    """In any precision, labels stay themselves."""
    labels = np.array([2**24 + 1, 3]).reshape(1, 2, 1)
    layer = tfupsample.Pad1D(1, "edge", dtype="float16")
    assert (
        np.asarray(layer(labels)).ravel().tolist() == [2**24 + 1] * 2 + [3] * 2
    )
    assert layer(keras.Input((2, 1), dtype="int32")).dtype == "int32"


@pytest.mark.parametrize(
    "loss, sizes",
    [
        (tfupsample.SpectralLoss(), (32, 16)),
        (tfupsample.BorderLoss(), (32, 16)),
        (tfupsample.BorderLoss(), (4, 4)),
        (tfupsample.TotalVariationLoss(), (1, 1)),
        (tfupsample.TotalVariationLoss(), (0, 0)),
    ],
)
def test_losses_name_the_sizes_they_cannot_take(loss, sizes):
    images = [IMAGES[:, :size, :size] for size in sizes]
    with pytest.raises(ValueError, match="`y_(true|pred)`.* Received: "):
        loss(*images)


@pytest.mark.parametrize(
    "call",
    [
        lambda: tfupsample.ResizeConv2D(2**20, (1024, 1024))(IMAGES),
        lambda: keras.Sequential([tfupsample.ResizeConv2D(3)]).build(
            (None,) * 4
        ),
        lambda: spectrum.spectral_distance(IMAGES, IMAGES[:, :16]),
        lambda: kernel_distance.kernel_distance(FEATURES, FEATURES[:, :5]),
        lambda: score.common_corner([]),
        lambda: score.common_corner([IMAGES[0], IMAGES[0, ..., :1]]),
        lambda: gains.upsampling_gains(keras.layers.Conv2DTranspose(3, 3, 2)),
        lambda: gains.gradient_gains(keras.layers.Conv2D(3, 3)),
        lambda: overlap.overlap([(3, 256)] * 9),
        lambda: operator.operator_matrix(np.asarray, (100, 100)),
        lambda: deep_dream.dream(keras.ops.sum, IMAGES[0], octaves=50),
        lambda: latent.find_direction(FEATURES, [True, False]),
        lambda: latent.perceptual_path_length(None, None, epsilon=0),
        lambda: arrays.to_uint8([np.nan]),
        lambda: arrays.picture(IMAGES[0]),
        lambda: arrays.picture(np.zeros((2, 2, 2), "uint8")),
    ],
)
def test_what_does_not_fit_together_is_refused(call):
    with pytest.raises(ValueError, match="Received: "):
        call()


@settings(deadline=None, max_examples=40, derandomize=True)
@given(
    st.sampled_from(MEASURES), array_shapes(max_dims=5, max_side=12), st.data()
)
def test_measures_are_numbers_or_refuse(measure, shape, data):
    """Of any array, and any period: never NaN, never an error of numpy."""
    kinds = st.sampled_from(["zeros", "noise", "huge", "tiny"])
    strength = {"zeros": 0, "noise": 1, "huge": 1e30, "tiny": 1e-300}
    images = np.random.default_rng(0).normal(size=shape)
    images *= strength[data.draw(kinds)]
    period = data.draw(st.integers(2, 9))
    try:
        found = measure(images, period)
    except ValueError as error:
        assert "Received: " in str(error)
    else:
        assert np.isfinite(np.asarray(found, "float64")).all()


@pytest.mark.parametrize(
    "path, arguments",
    [
        ("os.system", {}),
        ("models.nothing.build", {}),
        ("models.dcgan.nothing", {}),
        ("models.dcgan.keras", {}),
        ("models.dcgan.stages", {"image_size": 8}),
        ("models.dcgan.generator", {"image_size": 9}),
        ("models.dcgan.generator", {"width": 2**11}),
        ("models.dcgan.generator", {"width": float("nan")}),
        ("models.dcgan.generator", {"nothing": 1}),
        ("models.dcgan.generator", {"upsample": [1]}),
        ("models.dcgan.generator", {"upsample": "x" * 201}),
    ],
)
def test_an_index_can_name_only_models_and_plain_arguments(path, arguments):
    with pytest.raises(UnusableInput, match="models|os.system"):
        architecture.build(path, arguments)
