"""Instance normalisation whose scale and offset depend on the style."""

import keras
from keras import ops

from tfupsample.arguments import finite, keras_object, positive_integer


@keras.saving.register_keras_serializable(package="tfupsample.models")
class ConditionalInstanceNormalization(keras.layers.Layer):
    """Normalises each channel of each image, then scales it as its style says.

    `y = scale * (x - mean) / sqrt(variance + epsilon) + offset` with mean and
    variance over the pixels of one image and channel. There is a scale and an
    offset for each style and channel; a mixture of styles has the mixture of
    theirs, so one network holds many styles and blends them.

    The mean and variance make each pixel depend on the whole image. A caller
    that sees only a part of one passes them instead; see
    `models.tiled_style_transfer`.

    Args:
        styles: Number of styles.
        epsilon: Added to the variance.
        scale_initializer: Initializer of the scales.
        **kwargs: `name` and `dtype`.

    Call arguments:
        inputs: Images `(batch, height, width, channels)` and the share of each
            style `(batch, styles)`; optionally `(batch, 2, channels)`, mean and
            variance to use instead of the images' own.

    Output shape:
        The shape of the images.

    Raises:
        ValueError: if `styles` is not a positive integer.

    Example:
    >>> import numpy as np
    >>> layer = ConditionalInstanceNormalization(styles=2)
    >>> images = np.random.default_rng(0).normal(3, 5, size=(1, 8, 8, 4))
    >>> float(np.std(layer([images, np.array([[0.5, 0.5]])]))).__round__(2)
    1.0

    References:
        Dumoulin, Shlens and Kudlur, 2017, "A Learned Representation For
        Artistic Style", arXiv 1610.07629.
    """

    def __init__(
        self, styles, epsilon=1e-5, scale_initializer="ones", **kwargs
    ):
        # In 16 bits, sums of many pixels would be coarse: each input keeps its
        # precision.
        super().__init__(autocast=False, **kwargs)
        self.styles = positive_integer("styles", styles)
        self.epsilon = finite("epsilon", epsilon, 0)
        self.scale_initializer = keras_object(
            keras.initializers, "scale_initializer", scale_initializer
        )

    def build(self, input_shape):
        shape = (self.styles, input_shape[0][-1])
        self.scale = self.add_weight(
            name="scale", shape=shape, initializer=self.scale_initializer
        )
        self.offset = self.add_weight(
            name="offset", shape=shape, initializer="zeros"
        )

    def call(self, inputs):
        x, shares, *given = inputs
        mean, variance = ops.split(given[0] if given else moments(x), 2, axis=1)
        scale = ops.matmul(ops.cast(shares, "float32"), self.scale)
        offset = ops.matmul(ops.cast(shares, "float32"), self.offset)
        # One factor and one summand a channel: one pass over the pixels.
        factor = scale[:, None] * ops.rsqrt(variance + self.epsilon)
        summand = offset[:, None] - mean * factor
        return x * ops.cast(factor[:, None], x.dtype) + ops.cast(
            summand[:, None], x.dtype
        )

    def compute_output_shape(self, input_shape):
        return input_shape[0]

    def get_config(self):
        return super().get_config() | {
            "styles": self.styles,
            "epsilon": self.epsilon,
            "scale_initializer": keras.initializers.serialize(
                self.scale_initializer
            ),
        }


def moments(x):
    """Returns mean and variance over the pixels, `(batch, 2, channels)`.

    Args:
        x: `(batch, height, width, channels)`.

    Returns:
        float32: sums of many pixels of 16 bits would be coarse.
    """
    mean, variance = ops.moments(ops.cast(x, "float32"), axes=(1, 2))
    return ops.stack([mean, variance], axis=1)
