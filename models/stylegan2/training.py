"""How StyleGAN2 trains: style mixing and two lazy regularisations."""

import keras
from keras import ops

from tfupsample.ops.autodiff import input_gradient

from .. import replicas
from ..conditional import joined
from ..gan import GAN

_MEMORY = 0.99  # of the running mean of path lengths


class StyleGAN2(GAN):
    """Trains a `generator` against a `discriminator` with `fit` on images.

    Losses, steps and averaged weights are those of `GAN`: both networks step at
    once, where the paper lets them take turns. To these come style mixing, a
    penalty on the discriminator's gradient at real images (R1) and one on
    unequal path lengths of the synthesis. A penalty is computed in every n-th
    step only, and is added to the loss of that step n times over; in the paper
    it has a step of its own.

    Args:
        generator: The `generator` of this package.
        discriminator: Model from images to logits.
        momentum: Momentum of the running average of the generator's weights.
        seed: Seed of the latents, the mixing and the path noise.
        mixing: Share of images whose first and last styles come from two
            latents, 0 to 1.
        r1: Weight of half the mean squared gradient norm; 0 for none.
        r1_interval: Steps from one R1 penalty to the next.
        path_length: Weight of the mean squared deviation of path lengths from
            their running mean, which moves by a hundredth of the way with each
            penalty; 0 for none.
        path_interval: Steps from one path penalty to the next.
        augment: As for `GAN`.
    """

    def __init__(
        self,
        generator,
        discriminator,
        momentum=0.999,
        seed=0,
        mixing=0.9,
        r1=0.1,
        r1_interval=16,
        path_length=2.0,
        path_interval=8,
        augment=None,
    ):
        super().__init__(
            generator,
            discriminator,
            momentum,
            seed,
            augment=augment,
            r1=r1,
            r1_interval=r1_interval,
        )
        self._jit_with_conditions(path_length)
        self.mixing = mixing
        self.path_length = path_length
        self.path_interval = path_interval
        self.path_mean = self.add_weight(
            name="path_mean",
            initializer="zeros",
            trainable=False,
            aggregation="only_first_replica",
        )

    @property
    def mapping(self):
        """The network from z to w."""
        return self.generator.get_layer("mapping")

    @property
    def synthesis(self):
        """The network from styles to images."""
        return self.generator.get_layer("synthesis")

    def fakes(self, count, training, *labels):
        return self.synthesis(self.styles(count, *labels), training=training)

    def styles(self, count, *labels):
        """Returns mixed styles of new latents, `(count, layers, latent_dim)`.

        Up to a random layer the first latent's, from there the second's.
        """
        layers, size = self.synthesis.input_shape[1:]
        latents = replicas.rows(
            lambda n: ops.swapaxes(self._normal((2, n, size)), 0, 1), count
        )
        chance = replicas.rows(
            lambda n: keras.random.uniform((n, 1, 1), seed=self.seed_generator),
            count,
        )
        # Beyond the last layer for a share of 1 - mixing.
        place = chance / max(self.mixing, keras.config.epsilon())
        crossover = 1 + ops.floor((layers - 1) * place)
        depth = ops.arange(layers, dtype="float32")[None, :, None]
        first, second = (
            self.mapping(joined(latents[:, i], labels))[:, None] for i in (0, 1)
        )
        return ops.where(depth < crossover, first, second)

    def _normal(self, shape):
        return keras.random.normal(shape, seed=self.seed_generator)

    def penalty(self, images, *labels):
        """Returns the penalties that are due in this step, as one scalar."""
        total = super().penalty(images, *labels)
        if self.path_length:
            # Drawn in every step: a branch may not change the seed on JAX.
            half = (ops.shape(images)[0] + 1) // 2
            styles = self.styles(half, *(given[:half] for given in labels))
            noise = replicas.rows(
                lambda n: self._normal((n, *images.shape[1:])),
                ops.shape(styles)[0],
            )
            penalty, mean = self._lazily(
                self.path_interval,
                lambda: self.path_penalty(styles, noise),
                (ops.zeros(()), self.path_mean.value),
            )
            self.path_mean.assign(mean)
            total += self.path_length * self.path_interval * penalty
        return total

    def path_penalty(self, styles, noise):
        """Returns the penalty and the new running mean of path lengths.

        A path length is the norm of the gradient, by the styles, of an image
        times white noise of unit variance, over the side of the image.

        Args:
            styles: `(batch, layers, latent_dim)`.
            noise: Standard normal, of the shape of the images.
        """
        height, width = noise.shape[1:3]
        gradient = input_gradient(
            lambda w: ops.sum(self.synthesis(w) * noise), styles
        )
        squares = ops.sum(ops.square(gradient), axis=-1) / (height * width)
        lengths = ops.sqrt(ops.mean(squares, axis=-1) + 1e-8)
        mean = _MEMORY * self.path_mean + (1 - _MEMORY) * ops.mean(lengths)
        mean = ops.stop_gradient(mean)
        return ops.mean(ops.square(lengths - mean)), mean
