"""The U-Net, its loss and its tiles."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from models import segmentation, tiled_segmentation
from models.crop_like import CropLike
from models.segmentation import unet
from models.segmentation_loss import SegmentationLoss, mean_iou
from tfupsample import UPSAMPLERS
from tfupsample.images.masks import VOID
from tfupsample.images.reach import reach
from train.networks.weights import in_float32
from train.networks.write import export

ODD = (89, 75)


def small(**settings):
    return unet(**{"classes": 3, "width": 2, "depth": 2} | settings)


@pytest.mark.parametrize("size", [(13, 9), (1, 2), (8, 4)])
def test_any_size_is_the_size_of_the_result(size, rng):
    images = rng.normal(size=(2, *size, 3)).astype("float32")
    fixed, free = small(image_size=size), small()
    assert fixed.output_shape == (None, *size, 3)
    assert free.output_shape == (None, None, None, 3)
    free.set_weights(fixed.get_weights())
    # One with sizes known beforehand, the other while it runs.
    np.testing.assert_allclose(
        fixed(images), free(images), rtol=1e-4, atol=1e-5
    )


def test_odd_sizes_are_computed_inside_the_next_multiple(rng):
    """Far from where the larger one goes on, it makes the same."""
    model = small(depth=1)
    large = rng.normal(size=(1, 40, 44, 3)).astype("float32")
    whole, part = (np.asarray(model(x)) for x in (large, large[:, :39, :43]))
    inside = (0, slice(39 - 12), slice(43 - 12))
    np.testing.assert_allclose(whole[inside], part[inside], atol=1e-5)
    assert np.abs(whole[:, :39, :43] - part).max() > 1e-3


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("compiled", [True, False])
def test_cropping_and_its_gradient(known, compiled, rng):
    sizes = (3, 5) if known else (None, None)
    spec = [tf.TensorSpec((1, *s, 2)) for s in ((4, 6), sizes)]

    @tf.function(input_signature=spec, jit_compile=compiled)
    def gradient(x, like):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = CropLike()([x, like])
        return y, tape.gradient(y, x)

    x = rng.normal(size=(1, 4, 6, 2)).astype("float32")
    y, slope = gradient(x, np.zeros((1, 3, 5, 2), "float32"))
    np.testing.assert_array_equal(y, x[:, :3, :5])
    np.testing.assert_array_equal(slope[0, :3, :5], np.ones((3, 5, 2)))
    assert float(tf.reduce_sum(slope)) == 30


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("name", UPSAMPLERS)
def test_every_upsampler_learns_in_images(name, rng):
    model = small(upsample=name, depth=1)
    model.compile("adam", SegmentationLoss(), jit_compile=False)
    images = rng.normal(size=(2, 9, 9, 3)).astype("float32")
    masks = rng.integers(0, 3, (2, 9, 9))
    before = model.get_weights()
    assert np.isfinite(model.train_on_batch(images, masks))
    assert all(np.any(a != b) for a, b in zip(before, model.get_weights()))


@pytest.mark.parametrize("name", segmentation.UPSAMPLERS_3D)
def test_volumes_have_upsamplers_of_their_own(name):
    model = small(upsample=name, rank=3, depth=1, channels=1)
    assert model(np.zeros((1, 5, 6, 7, 1), "float32")).shape == (1, 5, 6, 7, 3)


@pytest.mark.parametrize("norm", segmentation.NORMS)
def test_norms_take_any_size(norm, rng):
    model = small(norm=norm, width=12)
    images = rng.normal(size=(1, 7, 5, 3)).astype("float32")
    assert np.isfinite(model(images)).all()


def softmax(logits):
    shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return shares / shares.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize("sizes", [(4, 6), (3, 4, 2)])
@pytest.mark.parametrize("weight", [0, 1, 0.3])
def test_the_loss_is_what_its_description_says(sizes, weight, rng):
    logits = rng.normal(0, 2, (2, *sizes, 5)).astype("float32")
    masks = rng.integers(0, 4, (2, *sizes))  # class 4 is absent
    masks[0].flat[:3] = VOID
    expected = []
    for mask, shares in zip(masks, softmax(logits)):
        known = mask != VOID
        right = np.take_along_axis(shares[known], mask[known][:, None], axis=-1)
        dice = []
        for c in range(5):
            true, likely = mask[known] == c, shares[known][:, c]
            both = 2 * np.sum(likely[true]) + 1
            dice.append(both / (np.sum(likely) + np.sum(true) + 1))
        expected.append(-np.log(right).mean() + weight * (1 - np.mean(dice)))
    loss = SegmentationLoss(weight, reduction=None)
    np.testing.assert_allclose(loss(masks, logits), expected, rtol=1e-5)
    copy = SegmentationLoss.from_config(loss.get_config())
    assert copy.dice_weight == weight


def test_the_loss_of_nothing_known_is_finite():
    void = np.full((1, 2, 2), VOID)
    assert np.isfinite(SegmentationLoss()(void, np.zeros((1, 2, 2, 3))))


def test_the_metric_counts_overlap_by_hand():
    metric = mean_iou(3)
    right = np.array([[0, 0, 1], [1, 1, VOID]])
    guesses = np.array([[0, 1, 1], [1, 0, 2]])
    metric.update_state(right[None], np.eye(3)[guesses][None])
    # Class 0: 1 of 3 pixels; class 1: 2 of 4; class 2 occurs nowhere known.
    assert float(metric.result()) == pytest.approx((1 / 3 + 2 / 4) / 2)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["nearest", "bicubic", "subpixel"])
def test_the_reach_is_no_less_than_what_is_seen(name):
    model = small(upsample=name)
    seen = reach(lambda images: np.asarray(model(images)), multiple=4)
    assert seen <= tiled_segmentation.reach(model) <= 3 * seen


def test_tiles_are_the_whole_image(rng):
    model = small()
    image = rng.normal(size=(*ODD, 3)).astype("float32")
    whole = model.predict_on_batch(image[None])[0]
    context = 29  # what `reach` of tfupsample.images measures
    done = []
    tiled = tiled_segmentation.predict_tiled(
        model, image, 72, context, lambda *count: done.append(count)
    )
    assert done[-1][0] == done[-1][1] > 4
    np.testing.assert_allclose(tiled, whole, atol=1e-5)
    wide = np.tile(image, (2, 2, 1))
    np.testing.assert_allclose(
        tiled_segmentation.predict_tiled(model, wide, 136),
        model.predict_on_batch(wide[None])[0],
        atol=1e-5,
    )


def test_volumes_are_not_tiled():
    with pytest.raises(ValueError, match="must take images"):
        tiled_segmentation.predict_tiled(small(rank=3), np.zeros((4, 4, 3)))


@pytest.mark.slow
def test_a_net_for_odd_sizes_learns_and_is_exported(rng, tmp_path):
    """Three halvings, and classes that differ in brightness."""
    model = small(depth=3, width=4, classes=2)
    model.compile(
        keras.optimizers.Adam(0.01),
        SegmentationLoss(),
        metrics=[mean_iou(2)],
    )
    coarse = rng.integers(0, 2, (8, 10, 9))
    masks = coarse.repeat(9, axis=1).repeat(9, axis=2)[:, :89, :75]
    noise = rng.normal(0, 0.3, (8, *ODD, 3))
    images = (masks[..., None] - 0.5 + noise).astype("float32")
    history = model.fit(images, masks, 4, epochs=15, verbose=0).history
    assert history["mean_iou"][-1] > 0.85 > history["mean_iou"][0]
    export(in_float32(model), tmp_path, "segmentation")
    saved = keras.models.load_model(tmp_path / "segmentation.keras")
    served = tf.saved_model.load(str(tmp_path / "saved_model"))
    logits = model(images)
    np.testing.assert_allclose(saved(images), logits, atol=1e-4)
    np.testing.assert_allclose(served.serve(images), logits, atol=1e-4)
    larger = rng.normal(size=(1, 97, 50, 3)).astype("float32")
    np.testing.assert_allclose(served.serve(larger), model(larger), atol=1e-4)


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"classes": 1}, "`classes` must be"),
        ({"rank": 4}, "`rank` must be"),
        ({"norm": "layer"}, "`norm` must be one of"),
        ({"upsample": "filtered", "rank": 3}, "`upsample` must be one of"),
        ({"upsample": "nearest,deconv,deconv"}, "one name or 2"),
        ({"image_size": (4, 4, 4)}, "`image_size` must be one value or 2"),
    ],
)
def test_wrong_arguments_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        small(**settings)


def test_a_wrong_weight_is_named():
    with pytest.raises(ValueError, match="`dice_weight`"):
        SegmentationLoss(-1)
