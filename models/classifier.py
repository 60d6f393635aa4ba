"""A small image classifier, whose features judge styles and distances."""

import keras

from tfupsample.arguments import MOST_SIDE, check_channels, integer, one_of
from tfupsample.layers.padded_conv import PaddedConv2D

BLOCKS = ("block1", "block2", "block3", "block4")


POOLINGS = ("average", "max", "strided")


def classifier(
    image_size=32, channels=3, classes=10, width=32, pooling="average"
):
    """Returns a classifier: images to logits.

    Four blocks of two 3×3 convolutions with batch normalisation and ReLU,
    doubling the channels from `width`, then the mean over the pixels. After
    Simonyan and Zisserman, 2014, arXiv 1409.1556, with three changes that keep
    its gradient with respect to the image, and its features at the border,
    clean. Average pooling separates the blocks: its gradient is the same for
    the four pixels of a cell, whereas that of a strided convolution draws a
    checkerboard and that of maximum pooling reaches one pixel of four. The
    kernels see a mirrored border instead of zeros. And one network takes images
    of every size.

    Layers by name: `block1` to `block4` are the outputs of the blocks, after
    the last ReLU, `features` is the pooled vector before the logits.

    Args:
        image_size: Pixels a side, at least 8; `None` for any height and width.
            Each pooling leaves out the last pixel of an odd side.
        channels: Channels of the image.
        classes: Number of classes.
        width: Channels of the first block; the features are `8 * width`.
        pooling: How the resolution is halved between blocks: `"average"`; or,
            to study the patterns that they draw in the gradient, `"max"`, or
            `"strided"` for a first convolution of stride 2.

    Returns:
        A `keras.Model` from `(batch, image_size, image_size, channels)` in
        [-1, 1] to `(batch, classes)`, float32.

    Raises:
        ValueError: for an argument outside what is listed here.
    """
    check_channels(channels=channels, classes=classes, width=width)
    if image_size is not None:
        integer("image_size", image_size, 8, MOST_SIDE)
    one_of("pooling", pooling, POOLINGS)
    images = keras.Input((image_size, image_size, channels), name="images")
    x = images
    for stage, name in enumerate(BLOCKS):
        strides = 2 if stage and pooling == "strided" else 1
        if stage and pooling == "average":
            x = keras.layers.AveragePooling2D(2, name=f"{name}_pool")(x)
        if stage and pooling == "max":
            x = keras.layers.MaxPooling2D(2, name=f"{name}_pool")(x)
        filters = width << stage
        x = _normed_relu(x, filters, f"{name}_1", f"{name}_1_relu", strides)
        x = _normed_relu(x, filters, f"{name}_2", name)
    # In 16 bits the mean of many pixels would be coarse, and so the logits.
    features = keras.layers.GlobalAveragePooling2D(
        name="features", dtype="float32"
    )(x)
    logits = keras.layers.Dense(classes, name="logits", dtype="float32")(
        features
    )
    return keras.Model(images, logits, name="classifier")


def _normed_relu(x, filters, name, relu_name, strides=1):
    x = PaddedConv2D(
        filters,
        3,
        strides,
        use_bias=False,
        kernel_initializer="he_normal",
        name=f"{name}_conv",
    )(x)
    x = keras.layers.BatchNormalization(name=f"{name}_norm", momentum=0.9)(x)
    return keras.layers.ReLU(name=relu_name)(x)


def feature_model(model, layers="features"):
    """Returns the model from images to the output of layers; shares weights.

    Args:
        model: A `classifier`.
        layers: The name of a layer, or a sequence of names.

    Returns:
        A `keras.Model` from images to the output of the layer, or to a list of
        one output for each: `(batch, 8 * width)` for `"features"`,
        `(batch, height, width, channels)` for a block.

    Raises:
        ValueError: if there is no such layer.
    """
    if isinstance(layers, str):
        outputs = model.get_layer(layers).output
    else:
        outputs = [model.get_layer(name).output for name in layers]
    return keras.Model(model.input, outputs, name="features")
