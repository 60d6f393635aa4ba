"""What style and content are: features of pictures, and losses on them.

A feature network is a `keras.Model` from images `(batch, height, width, 3)` in
[-1, 1], of any size, to `{"style": [maps], "content": map}`, each map
`(batch, rows, columns, channels)`. It is not trained here.
"""

import keras
import numpy as np
from keras import ops

from tfupsample.arguments import check_channels, integer
from tfupsample.layers.padded_conv import PaddedConv2D
from tfupsample.layers.resample import BlurDownsample2D
from tfupsample.measures.losses import TotalVariationLoss

VGG_LAYERS = ("block1_conv2", "block2_conv2", "block3_conv3", "block4_conv3")
VGG_CONTENT = "block3_conv3"
CLASSIFIER_LAYERS = ("block1_1_relu", "block1", "block2")
CLASSIFIER_CONTENT = "block2"
KERNEL_SIZES = (3, 5, 7)
TERMS = ("content", "style", "variation", "range")
RANGE_WEIGHT = 300.0  # so that a thousandth of the pixels beyond counts

_BGR_MEAN = (103.939, 116.779, 123.68)  # of ImageNet, in steps of 8 bits

_MOST_SCALES = 12


def vgg19(weights="imagenet"):
    """Returns features of the VGG19 network for ImageNet.

    The layers are those of Johnson et al. 2016, arXiv 1603.08155, in VGG19
    (Simonyan and Zisserman 2014, arXiv 1409.1556).

    Args:
        weights: `"imagenet"`, which Keras downloads once, the path of an `.h5`
            file from Keras, or `None` for random ones.

    Raises:
        Exception: whatever Keras raises where it cannot get the weights.
    """
    vgg = keras.applications.VGG19(include_top=False, weights=weights)
    images = keras.Input((None, None, 3), name="images")
    offset = [127.5 - mean for mean in _BGR_MEAN]
    pixels = keras.layers.Rescaling(127.5, offset)(ops.flip(images, axis=-1))
    layers = [vgg.get_layer(name).output for name in VGG_LAYERS]
    maps = keras.Model(vgg.inputs, layers)([pixels])
    return _frozen(images, maps, maps[VGG_LAYERS.index(VGG_CONTENT)])


def classifier(model, scales=3):
    """Returns features of a `models.classifier.classifier` at several scales.

    Such a network is trained on small images and its first blocks see a few
    pixels only; on smaller copies of a picture they see its larger strokes.

    Args:
        model: The trained classifier.
        scales: Number of copies of the picture, each half the size of the one
            before.
    """
    integer("scales", scales, 1, _MOST_SCALES)
    layers = [model.get_layer(name).output for name in CLASSIFIER_LAYERS]
    return _pyramid(
        keras.Model(model.inputs, layers),
        scales,
        CLASSIFIER_LAYERS.index(CLASSIFIER_CONTENT),
    )


def multiscale(filters=32, scales=4, seed=0):
    """Returns features that need no training: random filters of many sizes.

    One layer of random filters with ReLU, after Ustyuzhaninov et al. 2016,
    arXiv 1606.00021. They take eight sizes from 3 to 55 pixels; here the same
    filters of 3, 5 and 7 pixels are applied to copies of the picture of 1, 1/2,
    1/4 and 1/8 of its size, which is 3 to 56 pixels at a fraction of the
    arithmetic.

    Args:
        filters: Number of filters of each size.
        scales: Number of copies of the picture.
        seed: Seed of the filters.
    """
    check_channels(filters=filters)
    integer("scales", scales, 1, _MOST_SCALES)
    images = keras.Input((None, None, 3))
    responses = [
        PaddedConv2D(
            filters,
            size,
            activation="relu",
            kernel_initializer=keras.initializers.RandomUniform(
                -1 / size, 1 / size, seed=seed + size
            ),
        )(images)
        for size in KERNEL_SIZES
    ]
    together = keras.layers.Concatenate()(responses)
    return _pyramid(keras.Model([images], [together]), scales, 0)


def _pyramid(extract, scales, content):
    """`extract` at several scales; content is its map `content` at the second.

    The copies are blurred before every other pixel is dropped: strided kernels
    would send a checkerboard back to the picture in their gradient.
    """
    x = images = keras.Input((None, None, 3), name="images")
    maps = []
    for scale in range(scales):
        x = BlurDownsample2D()(x) if scale else x
        maps.append(extract([x]))
    middle = maps[min(1, scales - 1)][content]
    return _frozen(images, sum(maps, []), middle)


def _frozen(images, style, content):
    network = keras.Model(images, {"style": style, "content": content})
    network.trainable = False
    return network


def gram(features):
    """Returns the mean over the pixels of the products of all channels.

    Args:
        features: `(batch, height, width, channels)`.

    Returns:
        float32 `(batch, channels, channels)`.
    """
    batch, rows, columns, channels = ops.shape(features)
    # In 16 bits, sums of many pixels would be coarse.
    flat = ops.cast(
        ops.reshape(features, (batch, rows * columns, channels)), "float32"
    )
    total = ops.matmul(ops.swapaxes(flat, 1, 2), flat)
    return total / ops.cast(rows * columns, "float32")


def whitening(target, floor=1e-3):
    """Returns the symmetric matrix that makes a Gram matrix the identity.

    Args:
        target: `(channels, channels)`.
        floor: Added to the eigenvalues, as a share of their mean, so that what
            a style hardly contains is not infinitely important.
    """
    values, vectors = np.linalg.eigh(np.asarray(target, "float64"))
    values = np.maximum(values, 0) + floor * values.mean()
    return (vectors / np.sqrt(values)) @ vectors.T


def style_loss(grams, targets, whitenings):
    """Measures how far Gram matrices are from those of a style.

    The norm of the difference where the Gram matrix of the style is the
    identity. Measured as they are, Gram matrices differ above all by the few
    directions of largest eigenvalue, brightness before all, and strokes count
    for nothing.

    Args:
        grams: `(batch, channels, channels)`.
        targets: Gram matrices of the styles, of the same shape.
        whitenings: Their `whitening`, of the same shape.

    Returns:
        A scalar of at least 0, the mean over the batch; 0: the same; 1: all
        features vanish, or are stronger by the root of two.
    """
    difference = ops.matmul(ops.matmul(whitenings, grams - targets), whitenings)
    squares = ops.sum(ops.square(difference), axis=(1, 2)) / grams.shape[-1]
    # The root, so that no style or layer drowns the others.
    return ops.mean(ops.sqrt(squares + 1e-6))


def content_loss(features, targets):
    """Measures how far two pictures differ in what they show where.

    The mean square of the difference after each channel of each image was
    normalised: a style may change all colours and contrasts at once.

    Args:
        features: `(batch, height, width, channels)`.
        targets: The same shape.

    Returns:
        A scalar in 0..4, twice one minus the correlation; 0: the same but for
        an offset and a positive factor a channel.
    """
    return ops.mean(ops.square(_normalised(features) - _normalised(targets)))


def _normalised(features):
    features = ops.cast(features, "float32")
    mean, variance = ops.moments(features, axes=(1, 2), keepdims=True)
    return (features - mean) * ops.rsqrt(variance + 1e-5)


def range_loss(pictures):
    """Measures how far pictures leave [-1, 1], which files clip.

    A Gram matrix is a mean of squares: a few stripes far beyond black and white
    can stand for the contrast of a whole painting, and networks discover that.

    Args:
        pictures: `(batch, height, width, channels)`.

    Returns:
        A scalar, the mean square of the excess; 0 without any.
    """
    return ops.mean(ops.square(ops.relu(ops.abs(pictures) - 1)))


class PerceptualLoss:
    """The content of one picture in the style of another.

    Beside the weighted terms it holds pictures in their range, `range_loss`.

    Args:
        features: A feature network.
        styles: Pictures of the styles, a sequence of `(height, width, 3)` in
            [-1, 1], of any sizes.
        content_weight: Factor of `content_loss`.
        style_weight: Factor of the mean `style_loss` of the maps.
        tv_weight: Factor of `TotalVariationLoss`.
    """

    def __init__(
        self, features, styles, content_weight, style_weight, tv_weight
    ):
        self.features = features
        self.variation = TotalVariationLoss(reduction=None)
        self.weights = dict(
            zip(TERMS, (content_weight, style_weight, tv_weight, RANGE_WEIGHT))
        )
        grams = [self._grams(style) for style in styles]
        self.targets = [np.stack(of_layer) for of_layer in zip(*grams)]
        self.whitenings = [
            np.stack([whitening(g) for g in of_layer]).astype("float32")
            for of_layer in self.targets
        ]

    def _grams(self, style):
        maps = self.features(np.asarray(style, "float32")[None])["style"]
        return [ops.convert_to_numpy(gram(m))[0] for m in maps]

    def __call__(self, images, pictures, chosen):
        """Returns the weighted terms, whose sum is the loss.

        Args:
            images: What to show, `(batch, height, width, 3)`.
            pictures: How it is shown, the same shape.
            chosen: Index of the style of each, `(batch,)`.

        Returns:
            A scalar for each of `TERMS`.
        """
        shown = self.features(pictures)
        content = self.features(images)["content"]
        style = [
            style_loss(gram(m), ops.take(t, chosen, 0), ops.take(w, chosen, 0))
            for m, t, w in zip(shown["style"], self.targets, self.whitenings)
        ]
        values = (
            content_loss(shown["content"], content),
            sum(style) / len(style),
            ops.mean(self.variation(images, pictures)),
            range_loss(pictures),
        )
        return {k: self.weights[k] * v for k, v in zip(TERMS, values)}
