"""The layers of StyleGAN2 that Keras does not have."""

import math

import keras
from keras import ops

from .. import replicas

_ROOT = math.sqrt(2)  # the leaky ReLU that follows halves the mean square


@keras.saving.register_keras_serializable(package="models")
class EqualizedDense(keras.layers.Layer):
    """A dense layer whose weights all have unit variance at the start.

    What they should be (a variance of one over the inputs) is multiplied in
    when they are used, so that Adam, whose steps know no scale, moves every
    layer at the same relative speed.

    Args:
        units: Length of the output.
        multiplier: Speed relative to other layers; 0.01 learns 100 times more
            slowly.
        bias: Start of the bias.
        **kwargs: `name`, `dtype`.

    Input and output shape:
        `(batch, n)` to `(batch, units)`.
    """

    def __init__(self, units, multiplier=1.0, bias=0.0, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.multiplier = multiplier
        self.bias_start = bias

    def build(self, input_shape):
        self.gain = self.multiplier / math.sqrt(input_shape[-1])
        self.kernel = self.add_weight(
            name="kernel",
            shape=(input_shape[-1], self.units),
            initializer=_normal(1 / self.multiplier),
        )
        self.bias = self.add_weight(
            name="bias",
            shape=(self.units,),
            initializer=keras.initializers.Constant(
                self.bias_start / self.multiplier
            ),
        )

    def call(self, x):
        return ops.matmul(x, self.kernel) * self.gain + (
            self.bias * self.multiplier
        )

    def get_config(self):
        return super().get_config() | {
            "units": self.units,
            "multiplier": self.multiplier,
            "bias": self.bias_start,
        }


@keras.saving.register_keras_serializable(package="models")
class Modulated(keras.layers.Layer):
    """A convolution whose kernel each image scales by a style of its own.

    The style, an affine function of a latent, scales the kernel along its input
    channels (modulation). Each filter of the scaled kernel is then divided by
    its norm (demodulation), which keeps the statistics of the output whatever
    the style. Neither needs a kernel for each image: a convolution is linear,
    so scaling its input and output channels does the same. (A
    `ContentAwareConv2D` is not quite: it looks at the scaled input.)

    Kernels start with unit variance, as in `EqualizedDense`. A kernel of
    phases (sub-pixel convolution) is divided by the mean norm of its phases, so
    that demodulation never tells one phase from another.

    Args:
        convolution: Layer with a `kernel` and without bias: `PaddedConv2D` or
            what `make_upsampler` returns.
        deviation: Norm of each filter afterwards; it is the standard deviation
            of the output for independent inputs of unit variance, where the
            convolution does not upsample. `None` to not demodulate.
        **kwargs: `name`, `dtype`.

    Input shape:
        A pair: `(batch, height, width, channels)` and latents `(batch, n)`.

    Output shape:
        That of the convolution.
    """

    def __init__(self, convolution, deviation=_ROOT, **kwargs):
        super().__init__(**kwargs)
        self.convolution = convolution
        self.deviation = deviation

    def build(self, input_shape):
        features, latents = input_shape
        self.affine = EqualizedDense(
            features[-1], bias=1.0, dtype=self.dtype_policy
        )
        self.affine.build(latents)
        if not self.convolution.built:  # as one read from a file is
            self.convolution.build(features)
        self.bias = self.add_weight(
            name="bias", shape=(self.convolution.filters,), initializer="zeros"
        )
        taps = math.prod(self.convolution.kernel_size)
        self.gain = 1 / math.sqrt(features[-1] * taps)

    def call(self, inputs):
        x, latents = inputs
        styles = self.affine(latents) * self.gain
        y = self.convolution(x * styles[:, None, None])
        if self.deviation is not None:
            y = y * self._demodulation(styles)[:, None, None]
        return y + self.bias

    def _demodulation(self, styles):
        """Returns what the filters are multiplied by, `(batch, filters)`."""
        kernel = ops.cast(self.convolution.kernel, self.compute_dtype)
        power = ops.sum(ops.square(kernel), axis=(0, 1))
        if isinstance(self.convolution, keras.layers.Conv2DTranspose):
            power = ops.transpose(power)
        phases = (styles.shape[-1], -1, self.convolution.filters)
        power = ops.mean(ops.reshape(power, phases), axis=1)
        norms = ops.matmul(ops.square(styles), power)
        return self.deviation * ops.rsqrt(norms + 1e-8)

    def get_config(self):
        return super().get_config() | {
            "convolution": keras.saving.serialize_keras_object(
                self.convolution
            ),
            "deviation": self.deviation,
        }

    @classmethod
    def from_config(cls, config):
        convolution = keras.saving.deserialize_keras_object(
            config["convolution"]
        )
        return cls(**config | {"convolution": convolution})


@keras.saving.register_keras_serializable(package="models")
class Noise(keras.layers.Layer):
    """Adds the same noise to all channels, with a strength that is learned.

    New noise for each image in training, the same for all images elsewhere: a
    latent then has one image, and what differs between two is due to latents.

    Args:
        seed: Seed of both kinds of noise.
        **kwargs: `name`, `dtype`.

    Input and output shape:
        `(batch, height, width, channels)`, height and width known.
    """

    def __init__(self, seed=0, **kwargs):
        super().__init__(**kwargs)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape):
        self.strength = self.add_weight(
            name="strength", shape=(), initializer="zeros"
        )
        self.fixed = self.add_weight(
            name="fixed",
            shape=(1, *input_shape[1:-1], 1),
            initializer=_normal(1.0, self.seed),
            trainable=False,
        )

    def call(self, x, training=False):
        noise = self.fixed
        if training:
            count, *sides, _ = ops.shape(x)
            noise = replicas.rows(
                lambda n: keras.random.normal(
                    (n, *sides, 1),
                    dtype=self.compute_dtype,
                    seed=self.seed_generator,
                ),
                count,
            )
        return x + self.strength * noise

    def get_config(self):
        return super().get_config() | {"seed": self.seed}


@keras.saving.register_keras_serializable(package="models")
class LearnedConstant(keras.layers.Layer):
    """What the synthesis starts from: one learned image for every latent.

    Args:
        shape: `(height, width, channels)`.
        **kwargs: `name`, `dtype`.

    Input and output shape:
        Anything with a batch axis, to `(batch, *shape)`.
    """

    def __init__(self, shape, **kwargs):
        super().__init__(**kwargs)
        self.shape = tuple(shape)

    def build(self, input_shape):
        self.image = self.add_weight(
            name="image", shape=(1, *self.shape), initializer=_normal(1.0)
        )

    def call(self, latents):
        return ops.repeat(self.image, ops.shape(latents)[0], axis=0)

    def get_config(self):
        return super().get_config() | {"shape": self.shape}


@keras.saving.register_keras_serializable(package="models")
class MinibatchDeviation(keras.layers.Layer):
    """Appends a channel that says how much the images of a batch differ.

    The standard deviation over the batch of each feature, averaged over all
    features, as in Karras et al. 2018 (arXiv 1710.10196): a discriminator that
    knows it refuses a generator whose images are all alike.

    Input and output shape:
        `(batch, height, width, channels)` to one channel more.
    """

    def call(self, x):
        variance = ops.var(ops.cast(x, "float32"), axis=0)
        mean = ops.mean(ops.sqrt(variance + 1e-8))
        channel = ops.ones_like(x[..., :1]) * ops.cast(mean, x.dtype)
        return ops.concatenate([x, channel], axis=-1)


def _normal(deviation, seed=None):
    return keras.initializers.RandomNormal(stddev=deviation, seed=seed)
