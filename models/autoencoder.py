"""Convolutional autoencoders, plain and variational, on any upsampler."""

import keras
from keras import ops

from tfupsample.arguments import MOST_SIDE, boolean, check_channels, integer
from tfupsample.layers.padded_conv import PaddedConv2D
from tfupsample.layers.upsampler import network_upsampler, upsampler_names

from . import replicas

# A multiple of the stride, so that no gradient is a checkerboard either.
_DOWN_KERNEL = 4


def code_size(image_size, depth):
    """Returns the pixels a side of the code; `None` for images of any size.

    Raises:
        ValueError: if `image_size` is not a multiple of `2**depth`.
    """
    cell = 1 << integer("depth", depth, 1, 12)
    if image_size is None:
        return None
    if integer("image_size", image_size, 1, MOST_SIDE) % cell:
        raise ValueError(
            f"`image_size` must be a multiple of {cell}, 2 to the power of "
            f"depth={depth}. Received: {image_size!r}"
        )
    return image_size // cell


def encoder(
    image_size=64,
    channels=3,
    width=32,
    code=16,
    depth=3,
    pad_mode="symmetric",
    variational=False,
):
    """Returns the encoder: images to codes.

    `depth` strided 4×4 convolutions with ReLU, doubling the channels from
    `width`, and a 3×3 convolution to the code.

    Args:
        image_size: Pixels a side, a multiple of `2**depth`; `None` for any.
        channels: Channels of the images.
        width: Channels of the first convolution.
        code: Channels of the code.
        depth: Number of times that the sides are halved.
        pad_mode: What the convolutions see beyond the border.
        variational: Whether to return distributions instead of codes.

    Returns:
        A `keras.Model` from `(batch, image_size, image_size, channels)` to
        codes `(batch, side, side, code)`, `side = image_size / 2**depth`; if
        variational, to their means and the logarithms of their variances.
        float32.

    Raises:
        ValueError: for an argument outside what is listed here.
    """
    code_size(image_size, depth)
    check_channels(channels=channels, width=width, code=code)
    boolean("variational", variational)
    images = keras.Input((image_size, image_size, channels), name="images")
    x = images
    for stage in range(depth):
        x = PaddedConv2D(
            width << stage, _DOWN_KERNEL, 2, pad_mode, activation="relu"
        )(x)
    codes = [
        PaddedConv2D(code, 3, pad_mode=pad_mode, dtype="float32", name=name)(x)
        for name in ("code", "log_variance")[: 1 + bool(variational)]
    ]
    return keras.Model(
        images, codes if variational else codes[0], name="encoder"
    )


def decoder(
    image_size=64,
    channels=3,
    width=32,
    code=16,
    depth=3,
    upsample="nearest",
    kernel_size=3,
    pad_mode="symmetric",
):
    """Returns the decoder: codes to images.

    A 3×3 convolution, then `depth` upsamplings that halve the channels down to
    `width`, ReLU between them; the last upsampling makes the image.

    Args:
        image_size: As for `encoder`.
        channels: Channels of the images.
        width: Channels before the last upsampling.
        code: Channels of the code.
        depth: Number of times that the sides are doubled.
        upsample: Key of `UPSAMPLERS`, or one for each upsampling from the
            smallest resolution up, as a sequence or joined by commas.
        kernel_size: Size of the kernels of the upsamplings.
        pad_mode: What the convolutions see beyond the border.

    Returns:
        A `keras.Model` from `(batch, side, side, code)` to
        `(batch, image_size, image_size, channels)`, float32 in [-1, 1].

    Raises:
        ValueError: for an argument outside what is listed here.
    """
    side = code_size(image_size, depth)
    check_channels(channels=channels, width=width, code=code)
    *inner, last = upsampler_names(upsample, depth)
    codes = keras.Input((side, side, code), name="codes")
    filters = width << (depth - 1)
    x = PaddedConv2D(filters, 3, pad_mode=pad_mode, activation="relu")(codes)
    for name in inner:
        filters //= 2
        x = network_upsampler(
            name, filters, kernel_size, 2, pad_mode, activation="relu"
        )(x)
    # 16-bit images would be coarser than the 8 bits of a picture near ±1.
    x = network_upsampler(
        last, channels, kernel_size, 2, pad_mode, dtype="float32"
    )(x)
    images = keras.layers.Activation("tanh", dtype="float32", name="images")(x)
    return keras.Model(codes, images, name="decoder")


class Autoencoder(keras.Model):
    """Trains an encoder and a decoder with `fit` on images alone.

    The loss is the mean squared error of the reconstructions. With an encoder
    that gives distributions, codes are drawn from them (Kingma and Welling,
    2014, arXiv 1312.6114), and `kl_weight` times their divergence from a
    standard normal, in nats a value of the image, is added. For a decoder with
    Gaussian noise of variance `v`, `2 v` gives the evidence lower bound.

    Args:
        encoder: Model from images to codes, or to means and log variances.
        decoder: Model from codes to images.
        kl_weight: Factor of the divergence.
        image_loss: Function of images and reconstructions whose scalar is
            added to the loss, or `None`.
        seed: Seed of the codes that are drawn.
    """

    def __init__(
        self, encoder, decoder, kl_weight=0.01, image_loss=None, seed=0
    ):
        super().__init__(name="autoencoder_training")
        self.encoder = encoder
        self.decoder = decoder
        self.kl_weight = kl_weight
        self.image_loss = image_loss
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.squared_error = keras.metrics.Mean("squared_error")
        if self.variational:
            self.divergence = keras.metrics.Mean("divergence")

    @property
    def variational(self):
        """Whether the encoder gives distributions."""
        return len(self.encoder.outputs) == 2

    def call(self, images, training=False):
        """Returns the reconstructions.

        If variational, also mean and log variance of the codes, which are
        drawn, in training or not.
        """
        if not self.variational:
            codes = self.encoder(images, training=training)
            return {"images": self.decoder(codes, training=training)}
        mean, log_variance = self.encoder(images, training=training)
        count, *shape = ops.shape(mean)
        noise = replicas.rows(
            lambda n: keras.random.normal(
                (n, *shape), dtype=mean.dtype, seed=self.seed_generator
            ),
            count,
        )
        codes = mean + ops.exp(log_variance / 2) * noise
        return {
            "images": self.decoder(codes, training=training),
            "mean": mean,
            "log_variance": log_variance,
        }

    def compute_loss(self, x, y, y_pred, sample_weight=None, training=True):
        loss = ops.mean(ops.square(y_pred["images"] - x))
        self.squared_error.update_state(loss)
        if self.variational:
            divergence = self._divergence(y_pred) / ops.cast(
                ops.size(x), "float32"
            )
            self.divergence.update_state(divergence)
            loss += self.kl_weight * divergence
        if self.image_loss:
            loss += self.image_loss(x, y_pred["images"])
        return replicas.share(self, loss)

    @staticmethod
    def _divergence(y_pred):
        """The divergence from a standard normal, in nats, over the batch."""
        mean, log_variance = y_pred["mean"], y_pred["log_variance"]
        return 0.5 * ops.sum(
            ops.square(mean) + ops.exp(log_variance) - log_variance - 1
        )

    def reconstructor(self):
        """Returns the model from images to reconstructions; it shares weights.

        It decodes the mean code, so nothing is drawn at random.
        """
        images = keras.Input(self.encoder.input_shape[1:], name="images")
        codes = self.encoder(images)
        codes = codes[0] if self.variational else codes
        return keras.Model(images, self.decoder(codes), name="autoencoder")


def autoencoder(
    image_size=64,
    channels=3,
    width=32,
    code=16,
    depth=3,
    upsample="nearest",
    kernel_size=3,
    pad_mode="symmetric",
    variational=False,
    **kwargs,
):
    """Returns an `Autoencoder` of new networks.

    Args:
        image_size: As for `encoder`.
        channels: Channels of the images.
        width: Channels at half the full resolution.
        code: Channels of the code.
        depth: Number of halvings, and of doublings.
        upsample: As for `decoder`.
        kernel_size: Size of the kernels of the upsamplings.
        pad_mode: What the convolutions see beyond the border.
        variational: Whether codes are drawn from distributions.
        **kwargs: Further arguments of `Autoencoder`.

    Raises:
        ValueError: for an argument that `encoder` or `decoder` refuses.
    """
    sizes = (image_size, channels, width, code, depth)
    return Autoencoder(
        encoder(*sizes, pad_mode, variational),
        decoder(*sizes, upsample, kernel_size, pad_mode),
        **kwargs,
    )


def reconstructor(
    image_size=64,
    channels=3,
    width=32,
    code=16,
    depth=3,
    upsample="nearest",
    kernel_size=3,
    pad_mode="symmetric",
    variational=False,
):
    """Returns `Autoencoder.reconstructor()` of a new `autoencoder`.

    Args:
        image_size: Pixels a side; `None` for any multiple of `2**depth`.
        channels: Channels of the images.
        width: Channels at half the full resolution.
        code: Channels of the code.
        depth: Number of halvings, and of doublings.
        upsample: As for `decoder`.
        kernel_size: Size of the kernels of the upsamplings.
        pad_mode: What the convolutions see beyond the border.
        variational: Whether the encoder gives distributions, whose mean is
            decoded.

    Returns:
        A `keras.Model` from images to images, both `(batch, image_size,
        image_size, channels)` in [-1, 1].
    """
    return autoencoder(
        image_size,
        channels,
        width,
        code,
        depth,
        upsample,
        kernel_size,
        pad_mode,
        variational,
    ).reconstructor()
