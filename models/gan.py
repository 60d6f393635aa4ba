"""How a generator and a discriminator train together, with `fit`."""

import keras
from keras import ops

from tfupsample.layers.reconfigured import cloned
from tfupsample.ops.autodiff import input_gradient

from . import batch_statistics, replicas
from .conditional import balanced, joined
from .loss_scaling import loss_scaled

_BATCH, _BATCHES = 64, 16  # for the statistics of the averages


class GAN(keras.Model):
    """Trains a generator against a discriminator with `fit` on images.

    If both networks take labels too, `fit` takes pairs of images and labels as
    its inputs, and generated images have the labels of the real ones.

    Both networks take one optimizer step for each batch, at once, on the
    non-saturating loss. The two losses are added up, and gradients are stopped
    so that each loss reaches its own network only. The same code trains on
    every backend.

    Args:
        generator: Model from latents to images; or from latents and labels,
            one-hot.
        discriminator: Model from images, or images and labels, to logits.
        momentum: Momentum of the running average of the generator's weights,
            which `averaged_generator` returns; smaller at first. Each step
            moves it towards the weights before that step. 0 for no average.
        seed: Seed of the latents.
        image_loss: Function of real and generated images whose scalar is added
            to the generator's loss, or `None`.
        augment: Layer, such as `DiffAugment`, that changes all real and
            generated images that the discriminator is trained on, or `None`.
        r1: Weight of half the mean squared norm of the gradient of the logits
            at real images (Mescheder et al. 2018, arXiv 1801.04406); 0 for
            none.
        r1_interval: Steps up to the first R1 penalty, and from one to the next;
            each counts for them all.
    """

    def __init__(
        self,
        generator,
        discriminator,
        momentum=0.999,
        seed=0,
        image_loss=None,
        augment=None,
        r1=0.0,
        r1_interval=16,
    ):
        # Not in 16 bits, in which averages would stand still; the networks are
        # where the policy says so.
        super().__init__(name="gan", dtype="float32")
        self.generator = generator
        self.discriminator = discriminator
        self.momentum = momentum
        self.image_loss = image_loss
        self.augment = augment or keras.layers.Identity()
        self.r1 = r1
        self.r1_interval = r1_interval
        self._jit_with_conditions(r1)
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.generator_loss = keras.metrics.Mean("generator_loss")
        self.discriminator_loss = keras.metrics.Mean("discriminator_loss")
        self.averages = [
            self.add_weight(
                name="average_" + weight.path.replace("/", "_"),
                shape=weight.shape,
                initializer=_copy_of(weight),
                trainable=False,
                aggregation="only_first_replica",
            )
            for weight in generator.trainable_variables
        ]
        self.updates = self.add_weight(
            name="updates",
            initializer="zeros",
            trainable=False,
            aggregation="only_first_replica",
        )

    def compile(self, optimizer="rmsprop", **kwargs):
        """Compiles as every `keras.Model`; scales the loss for float16."""
        optimizer = loss_scaled(optimizer, self.generator, self.discriminator)
        super().compile(optimizer, **kwargs)

    def compile_adam(
        self,
        generator_learning_rate=2e-4,
        discriminator_learning_rate=2e-4,
        beta_1=0.5,
        beta_2=0.999,
        global_clipnorm=None,
        gradient_accumulation_steps=None,
        **kwargs,
    ):
        """Compiles with one Adam for each network.

        Args:
            generator_learning_rate: Step size or schedule.
            discriminator_learning_rate: Step size or schedule.
            beta_1: Decay of the first moment, in both.
            beta_2: Decay of the second moment, in both.
            global_clipnorm: Largest norm of the gradient of each network, or
                `None`.
            gradient_accumulation_steps: Batches whose gradients are averaged
                for each change of the weights; `None` for 1.
            **kwargs: Further arguments of `keras.Model.compile`.
        """
        rates = (
            (self.generator, generator_learning_rate),
            (self.discriminator, discriminator_learning_rate),
        )
        owners = {}
        for network, rate in rates:
            adam = keras.optimizers.Adam(
                rate,
                beta_1,
                beta_2,
                global_clipnorm=global_clipnorm,
                gradient_accumulation_steps=gradient_accumulation_steps,
                name=f"{network.name}_adam",
            )
            owners |= {id(v): adam for v in network.trainable_variables}
        if owners.keys() != {id(v) for v in self.trainable_variables}:
            raise ValueError("Each variable must belong to one network.")
        self.compile(
            keras.optimizers.MultiOptimizer(lambda v: owners[id(v)]), **kwargs
        )

    def call(self, inputs, training=False):
        """Returns the logits of real images, of fakes, and of fakes again.

        The second carries no gradient to the generator, the third none to the
        discriminator. With them come the fakes, as `"images"`.
        """
        images, *labels = keras.tree.flatten(inputs)
        fakes = self.fakes(ops.shape(images)[0], training, *labels)
        real, seen = images, fakes
        if training:
            real, seen = self.augment(images), self.augment(fakes)
        real = self.discriminator(joined(real, labels), training=training)
        fake, fooled = self._judged(seen, labels, training)
        if training:
            self.updates.assign_add(1.0)
            self._average()
        return {"real": real, "fake": fake, "fooled": fooled, "images": fakes}

    def _judged(self, fakes, labels, training):
        """The logits of fakes twice, for the loss of each network.

        Both passes take the weights from one reading. So TensorFlow computes
        the second only backward, as XLA would; a test counts.
        """
        network = self.discriminator
        weights = [ops.copy(v) for v in network.trainable_variables]
        states = [ops.copy(v) for v in network.non_trainable_variables]
        fake, updated = network.stateless_call(
            weights,
            states,
            joined(ops.stop_gradient(fakes), labels),
            training=training,
        )
        for variable, state in zip(network.non_trainable_variables, updated):
            variable.assign(state)
        fooled, _ = network.stateless_call(
            [ops.stop_gradient(w) for w in weights],
            states,
            joined(fakes, labels),
            training=training,
        )
        return fake, fooled

    def fakes(self, count, training, *labels):
        """Returns `count` images of new latents, and of labels if any."""
        size = self.generator.inputs[0].shape[-1]
        latents = replicas.rows(
            lambda n: keras.random.normal((n, size), seed=self.seed_generator),
            count,
        )
        return self.generator(joined(latents, labels), training=training)

    def penalty(self, images, *labels):
        """Returns the penalties that are due in this step, as one scalar."""
        if not self.r1:
            return 0.0
        penalty = self._lazily(
            self.r1_interval,
            lambda: self.r1_penalty(images, *labels),
            ops.zeros(()),
        )
        return self.r1 * self.r1_interval * penalty

    def _lazily(self, interval, compute, otherwise):
        due = ops.equal(ops.mod(self.updates.value, interval), 0)
        return ops.cond(due, compute, lambda: otherwise)

    def _jit_with_conditions(self, weight):
        """Gives XLA up if a condition computes the penalty of a weight."""
        # TensorFlow's XLA loses the shapes in the gradient of a condition.
        if weight and keras.backend.backend() == "tensorflow":
            self.supports_jit = False

    def r1_penalty(self, images, *labels):
        """Returns half the mean squared norm of the logits' gradient."""
        gradient = input_gradient(
            lambda x: ops.sum(self.discriminator(joined(x, labels))), images
        )
        squares = ops.sum(ops.square(gradient), axis=(1, 2, 3))
        return ops.mean(squares) / 2

    def compute_loss(self, x, y, y_pred, sample_weight=None, training=True):
        images, *labels = keras.tree.flatten(x)
        discriminator_loss = ops.mean(ops.softplus(-y_pred["real"])) + ops.mean(
            ops.softplus(y_pred["fake"])
        )
        generator_loss = ops.mean(ops.softplus(-y_pred["fooled"]))
        if self.image_loss:
            generator_loss += self.image_loss(images, y_pred["images"])
        self.discriminator_loss.update_state(discriminator_loss)
        self.generator_loss.update_state(generator_loss)
        penalty = self.penalty(images, *labels) if training else 0.0
        return replicas.share(
            self, discriminator_loss + generator_loss + penalty
        )

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
            average.assign_add((1 - momentum) * (weight - average))

    def restart_averages(self):
        """Sets the averages to the weights of the generator."""
        weights = self.generator.trainable_variables
        for average, weight in zip(self.averages, weights, strict=True):
            # A copy: on JAX, a step gives the buffers of both away.
            average.assign(ops.copy(weight))

    def averaged_generator(self):
        """Returns a copy of the generator with the averaged weights."""
        network = cloned(self.generator)
        self.copy_averages(network)
        return network

    def copy_averages(self, network):
        """Sets the weights of a copy of the generator to the averages.

        The statistics of its batch normalisations are those of the averages,
        over a thousand latents.
        """
        network.set_weights(self.generator.get_weights())
        if self.momentum:
            for variable, average in zip(
                network.trainable_variables, self.averages, strict=True
            ):
                # A copy: on JAX, prediction gives its buffers away.
                variable.assign(ops.copy(average))
            batch_statistics.estimate(network, self._latents())

    def _latents(self):
        """Returns the batches of latents that the statistics are taken of."""
        seed = keras.random.SeedGenerator(0)
        latents, *labels = self.generator.inputs
        shape = (_BATCH, latents.shape[-1])
        every = [balanced(given.shape[-1], _BATCH) for given in labels]
        return [
            joined(keras.random.normal(shape, seed=seed), every)
            for _ in range(_BATCHES)
        ]


def _copy_of(weight):
    return lambda shape, dtype: ops.copy(ops.cast(weight, dtype))
