"""Style transfer in one pass, many styles in one network, on any upsampler."""

import keras
from keras import ops

from tfupsample.arguments import check_channels, integer
from tfupsample.layers.padded_conv import PaddedConv2D
from tfupsample.layers.upsampler import network_upsampler, upsampler_names

from . import perceptual, replicas
from .conditional_instance_norm import ConditionalInstanceNormalization

STRIDE = 4  # pixels of the picture for each pixel of the residual blocks


def network(
    styles,
    width=32,
    blocks=5,
    upsample="nearest",
    kernel_size=3,
    pad_mode="reflect",
):
    """Returns the network: pictures and style shares to stylised pictures.

    A 9×9 convolution, two of stride 2, residual blocks, two upsamplings and
    another 9×9 convolution, each followed by conditional instance normalisation
    (Dumoulin et al. 2017, arXiv 1610.07629, on the network of Johnson et al.
    2016, arXiv 1603.08155). Only the kernels of `"deconv"` and
    `"deconv_balanced"` see zeros beyond the border.

    Args:
        styles: Number of styles.
        width: Channels at full resolution; the residual blocks have four times
            as many.
        blocks: Residual blocks of two 3×3 convolutions.
        upsample: Key of `UPSAMPLERS`, or one for each of the two upsamplings
            from the smallest resolution up, as a sequence or joined by commas.
        kernel_size: Size of the kernels of the upsamplings.
        pad_mode: What kernels see beyond the border, one of `PAD_MODES`.

    Returns:
        A `keras.Model` from `[images, styles]` to pictures, float32, black at
        -1 and white at 1 but not clipped: `images` are `(batch, height, width,
        3)` in [-1, 1] of any height and width, `styles` the share of each
        style, `(batch, styles)`. Sides that are not a multiple of `STRIDE` come
        out enlarged to the next one.

    Raises:
        ValueError: for an argument outside what is listed here.
    """
    check_channels(width=width, styles=styles)
    integer("blocks", blocks, 1, 1000)
    names = upsampler_names(upsample, 2)
    images = keras.Input((None, None, 3), name="images")
    shares = keras.Input((styles,), name="styles")

    def convolved(x, filters, size, strides=1):
        return PaddedConv2D(filters, size, strides, pad_mode, use_bias=False)(x)

    def normed(x, scale="ones"):
        return ConditionalInstanceNormalization(
            styles, scale_initializer=scale
        )([x, shares])

    x = _relu(normed(convolved(images, width, 9)))
    x = _relu(normed(convolved(x, 2 * width, 3, strides=2)))
    x = _relu(normed(convolved(x, 4 * width, 3, strides=2)))
    for _ in range(blocks):
        y = _relu(normed(convolved(x, 4 * width, 3)))
        # From zero (Goyal et al. 2017, arXiv 1706.02677): at first the
        # photograph passes unchanged. Blocks of random kernels show blots in
        # its place, some of which never went away.
        y = normed(convolved(y, 4 * width, 3), scale="zeros")
        x = keras.layers.Add()([x, y])
    for name, filters in zip(names, (2 * width, width)):
        x = network_upsampler(
            name, filters, kernel_size, 2, pad_mode, use_bias=False
        )(x)
        x = _relu(normed(x))
    # Not through tanh: what it makes black or white learns no more, and such
    # blots carry the variance of the normalisations. In float32, as 16-bit
    # pictures would be coarser than the 8 bits of a file near ±1.
    pictures = PaddedConv2D(
        3,
        9,
        pad_mode=pad_mode,
        kernel_initializer=keras.initializers.RandomNormal(stddev=0.01),
        dtype="float32",
        name="pictures",
    )(x)
    return keras.Model([images, shares], pictures, name="style_transfer")


def _relu(x):
    return keras.layers.ReLU()(x)


class StyleTransfer(keras.Model):
    """Trains a `network` with `fit` on pictures, a random style for each.

    Args:
        network: A `network`.
        loss: A `perceptual.PerceptualLoss` whose style targets are those of the
            network, in the same order.
        seed: Seed of the choice of styles.
    """

    def __init__(self, network, loss, seed=0):
        super().__init__(name="style_transfer_training")
        self.network = network
        self.perceptual_loss = loss
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.trackers = {
            name: keras.metrics.Mean(name) for name in perceptual.TERMS
        }

    def call(self, images, training=False):
        """Returns the stylised images and the index of the style of each."""
        # Keras builds a model on arrays, and mixes none with tensors.
        images = ops.convert_to_tensor(images)
        styles = self.network.input_shape[1][-1]
        chosen = replicas.rows(
            lambda n: keras.random.randint(
                (n,), 0, styles, seed=self.seed_generator
            ),
            ops.shape(images)[0],
        )
        shares = ops.one_hot(chosen, styles)
        pictures = self.network([images, shares], training=training)
        return {"pictures": pictures, "chosen": chosen}

    def compute_loss(self, x, y, y_pred, sample_weight=None, training=True):
        terms = self.perceptual_loss(x, y_pred["pictures"], y_pred["chosen"])
        for name, value in terms.items():
            self.trackers[name].update_state(value)
        return replicas.share(self, sum(terms.values()))
