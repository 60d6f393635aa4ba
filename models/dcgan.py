"""DCGAN (Radford et al. 2015, arXiv 1511.06434) on any upsampler."""

import keras
from keras import ops

from tfupsample.arguments import one_of, positive_integer
from tfupsample.layers.upsampler import make_upsampler, upsampler_names

_SMALLEST = 4  # pixels a side where the generator starts
DISCRIMINATOR_STEMS = ("strided", "regular")


def stages(image_size):
    """Returns the number of doublings from 4 pixels to `image_size`.

    Raises:
        ValueError: if `image_size` is not 4 times a power of two, at least 8.
    """
    size = positive_integer("image_size", image_size)
    count = (size // _SMALLEST).bit_length() - 1
    if count < 1 or _SMALLEST << count != size:
        raise ValueError(
            "`image_size` must be 4 times a power of two, at least 8, such as "
            f"32, 64 or 128. Received: {image_size!r}"
        )
    return count


def generator(
    image_size=64,
    channels=3,
    latent_dim=100,
    width=32,
    upsample="nearest",
    kernel_size=3,
    pad_mode="symmetric",
):
    """Returns the generator: latents `(batch, latent_dim)` to images.

    A projection to 4×4 pixels, then one upsampling with batch normalisation and
    ReLU for each doubling, halving the channels, down to `width`; the last
    upsampling makes the image.

    Args:
        image_size: Pixels a side: 32, 64, 128 or another `4 * 2**n`.
        channels: Channels of the image.
        latent_dim: Length of a latent, drawn from a standard normal.
        width: Channels before the last upsampling.
        upsample: Key of `UPSAMPLERS`, or one for each upsampling from the
            smallest resolution up, as a sequence or joined by commas.
        kernel_size: Of the upsamplings.
        pad_mode: Of the upsamplings.

    Returns:
        A `keras.Model` to `(batch, image_size, image_size, channels)`, float32
        in [-1, 1].

    Raises:
        ValueError: for an argument outside what is listed here.
    """
    count = stages(image_size)
    names = upsampler_names(upsample, count)
    init = {"kernel_initializer": keras.initializers.RandomNormal(stddev=0.02)}
    filters = width << (count - 1)
    latents = keras.Input((latent_dim,), name="latents")
    x = keras.layers.Dense(_SMALLEST**2 * filters, use_bias=False, **init)(
        latents
    )
    x = keras.layers.Reshape((_SMALLEST, _SMALLEST, filters))(x)
    for name in names[:-1]:
        filters //= 2
        x = _normed_relu(x)
        x = make_upsampler(
            name, filters, kernel_size, 2, pad_mode, use_bias=False, **init
        )(x)
    x = _normed_relu(x)
    x = make_upsampler(names[-1], channels, kernel_size, 2, pad_mode, **init)(x)
    # 16-bit images would be coarser than the 8 bits of a picture near ±1.
    images = keras.layers.Activation("tanh", dtype="float32", name="images")(x)
    return keras.Model(latents, images, name="generator")


def _normed_relu(x):
    return keras.layers.ReLU()(keras.layers.BatchNormalization()(x))


def discriminator(image_size=64, channels=3, width=32, stem="strided"):
    """Returns the discriminator: images to logits, positive for real.

    Strided 5×5 convolutions with batch normalisation (but for the first) and
    leaky ReLU, doubling the channels from `width`.

    Args:
        image_size: Pixels a side: 32, 64, 128 or another `4 * 2**n`.
        channels: Channels of the image.
        width: Channels of the first convolution.
        stem: `"strided"`, or `"regular"` for a first convolution of stride 1:
            a strided one sends a checkerboard back to the generator in its
            gradient (the experiment of the Distill article).

    Returns:
        A `keras.Model` from `(batch, image_size, image_size, channels)` to
        `(batch, 1)`, float32.

    Raises:
        ValueError: for an argument outside what is listed here.
    """
    stride = 2 if one_of("stem", stem, DISCRIMINATOR_STEMS) == "strided" else 1
    images = keras.Input((image_size, image_size, channels), name="images")
    x = _convolution(images, width, stride)
    for stage in range(1, stages(image_size)):
        x = keras.layers.LeakyReLU(0.2)(x)
        x = _convolution(x, width << stage, 2, use_bias=False)
        x = keras.layers.BatchNormalization()(x)
    x = keras.layers.Flatten()(keras.layers.LeakyReLU(0.2)(x))
    logits = keras.layers.Dense(1, dtype="float32", name="logits")(x)
    return keras.Model(images, logits, name="discriminator")


def _convolution(x, filters, stride, **kwargs):
    return keras.layers.Conv2D(
        filters,
        5,
        stride,
        padding="same",
        kernel_initializer=keras.initializers.RandomNormal(stddev=0.02),
        **kwargs,
    )(x)


class DCGAN(keras.Model):
    """Trains a generator against a discriminator with `fit` on images.

    Both networks take one optimizer step a batch on the non-saturating loss,
    written as one sum of two losses: gradients are stopped so that each loss
    reaches its own network only. The same code trains on every backend.

    Args:
        generator: Model from latents to images.
        discriminator: Model from images to logits.
        momentum: Of the running average of the generator's weights, which
            `averaged_generator` returns; 0 for none.
        seed: Seeds the latents.
        image_loss: Function of real and generated images whose scalar is added
            to the generator's loss, or `None`.
    """

    def __init__(
        self,
        generator,
        discriminator,
        momentum=0.999,
        seed=0,
        image_loss=None,
    ):
        # Not in 16 bits, in which averages would stand still; the networks are
        # where the policy says so.
        super().__init__(name="dcgan", dtype="float32")
        self.generator = generator
        self.discriminator = discriminator
        self.momentum = momentum
        self.image_loss = image_loss
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.generator_loss = keras.metrics.Mean("generator_loss")
        self.discriminator_loss = keras.metrics.Mean("discriminator_loss")
        self.averages = [
            self.add_weight(
                name=f"average_{i}",
                shape=weight.shape,
                initializer=_copy_of(weight),
                trainable=False,
                aggregation="only_first_replica",
            )
            for i, weight in enumerate(generator.trainable_variables)
        ]
        self.updates = self.add_weight(
            name="updates",
            initializer="zeros",
            trainable=False,
            aggregation="only_first_replica",
        )

    def compile_adam(
        self,
        generator_learning_rate=2e-4,
        discriminator_learning_rate=2e-4,
        beta_1=0.5,
        beta_2=0.999,
        **kwargs,
    ):
        """Compiles with one Adam for each network.

        Args:
            generator_learning_rate: Step size or schedule.
            discriminator_learning_rate: Step size or schedule.
            beta_1: Of both.
            beta_2: Of both.
            **kwargs: Further arguments of `keras.Model.compile`.
        """
        rates = (
            (self.generator, generator_learning_rate),
            (self.discriminator, discriminator_learning_rate),
        )
        owners = {}
        for network, rate in rates:
            adam = keras.optimizers.Adam(
                rate, beta_1, beta_2, name=f"{network.name}_adam"
            )
            owners |= {id(v): adam for v in network.trainable_variables}
        if owners.keys() != {id(v) for v in self.trainable_variables}:
            raise ValueError("Each variable must belong to one network.")
        self.compile(
            keras.optimizers.MultiOptimizer(lambda v: owners[id(v)]), **kwargs
        )

    def call(self, images, training=False):
        """Returns the logits of real images, of fakes, and of fakes again.

        The second carries no gradient to the generator, the third none to the
        discriminator. With them come the fakes, as `"images"`.
        """
        fakes = self.fakes(ops.shape(images)[0], training)
        real = self.discriminator(images, training=training)
        fake = self.discriminator(ops.stop_gradient(fakes), training=training)
        fooled, _ = self.discriminator.stateless_call(
            [
                ops.stop_gradient(v)
                for v in self.discriminator.trainable_variables
            ],
            [v.value for v in self.discriminator.non_trainable_variables],
            fakes,
            training=training,
        )
        if training:
            self.updates.assign_add(1.0)
            self._average()
        return {"real": real, "fake": fake, "fooled": fooled, "images": fakes}

    def fakes(self, count, training):
        """Returns `count` images of new latents."""
        latents = keras.random.normal(
            (count, self.generator.input_shape[-1]), seed=self.seed_generator
        )
        return self.generator(latents, training=training)

    def penalty(self, images):
        """Returns what a subclass adds to the loss of a training step."""
        del images
        return 0.0

    def compute_loss(self, x, y, y_pred, sample_weight=None, training=True):
        discriminator_loss = ops.mean(ops.softplus(-y_pred["real"])) + ops.mean(
            ops.softplus(y_pred["fake"])
        )
        generator_loss = ops.mean(ops.softplus(-y_pred["fooled"]))
        if self.image_loss:
            generator_loss += self.image_loss(x, y_pred["images"])
        self.discriminator_loss.update_state(discriminator_loss)
        self.generator_loss.update_state(generator_loss)
        # tf.distribute sums the gradients of the replicas; Keras scales its own
        # losses for that and leaves a custom one to us.
        strategy = getattr(self, "distribute_strategy", None)
        replicas = strategy.num_replicas_in_sync if strategy else 1
        penalty = self.penalty(x) if training else 0.0
        return (discriminator_loss + generator_loss + penalty) / replicas

    def _average(self):
        """Moves the averages; fast at first, to forget the initial weights."""
        if not self.momentum:
            return
        momentum = ops.minimum(
            self.momentum, self.updates / (self.updates + 10.0)
        )
        for average, weight in zip(
            self.averages, self.generator.trainable_variables
        ):
            average.assign(weight + momentum * (average - weight))

    def averaged_generator(self):
        """Returns a copy of the generator with the averaged weights."""
        network = keras.models.clone_model(self.generator)
        self.copy_averages(network)
        return network

    def copy_averages(self, network):
        """Sets the weights of a copy of the generator to the averages.

        The statistics of batch normalisation are already running averages.
        """
        network.set_weights(self.generator.get_weights())
        if self.momentum:
            for variable, average in zip(
                network.trainable_variables, self.averages, strict=True
            ):
                # A copy: on JAX, prediction gives its buffers away.
                variable.assign(ops.copy(average))


def _copy_of(weight):
    return lambda shape, dtype: ops.copy(ops.cast(weight, dtype))
