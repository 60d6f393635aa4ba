"""Images a second of a training DCGAN, beside the tutorial's way to write it.

    python -m benchmarks.training_rate

At 64 pixels, width 32, batches of 64, each upsampler with XLA and without, as
`python -m train.dcgan` trains: both networks, one Adam step each, averaged
weights. The reference is the network of the `deconv` row written as in the
tutorial of TensorFlow: `Conv2DTranspose` with zero padding, two gradient tapes
in one `tf.function`. It keeps no averages, so some rows leave them out too.
"""

import keras
import numpy as np
import tensorflow as tf

from benchmarks import timing
from models import dcgan
from models.gan import GAN
from tfupsample import UPSAMPLERS

BATCH, SIZE, WIDTH, LATENT, ROUNDS = 64, 64, 32, 100, 10
KERNEL_SIZES = {"deconv": 5, "deconv_balanced": 5}  # 3 for the others
REFERENCE = "tutorial"
BARE = ("nearest", "deconv", "filtered")  # also without averages


def ours(upsample, jit_compile, momentum=0.999):
    """Returns a function that trains a new DCGAN on one batch."""
    keras.utils.set_random_seed(0)
    size = KERNEL_SIZES.get(upsample, 3)
    model = GAN(
        dcgan.generator(SIZE, width=WIDTH, upsample=upsample, kernel_size=size),
        dcgan.discriminator(SIZE, width=WIDTH),
        momentum,
    )
    model.compile_adam(jit_compile=jit_compile)
    batch = tf.constant(images())
    return lambda: model.train_on_batch(batch)


def tutorial(jit_compile):
    """Returns the same for plain layers and gradient tapes."""
    keras.utils.set_random_seed(0)
    generator, discriminator = (
        plain_generator(),
        dcgan.discriminator(SIZE, width=WIDTH),
    )
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    optimizers = [keras.optimizers.Adam(2e-4, 0.5) for _ in range(2)]

    @tf.function(jit_compile=jit_compile)
    def step(real):
        noise = tf.random.normal([BATCH, LATENT])
        with tf.GradientTape() as of_generator, tf.GradientTape() as of_other:
            made = generator(noise, training=True)
            for_real = discriminator(real, training=True)
            for_made = discriminator(made, training=True)
            fooled = loss(tf.ones_like(for_made), for_made)
            told = loss(tf.ones_like(for_real), for_real) + loss(
                tf.zeros_like(for_made), for_made
            )
        for tape, value, model, optimizer in (
            (of_generator, fooled, generator, optimizers[0]),
            (of_other, told, discriminator, optimizers[1]),
        ):
            gradients = tape.gradient(value, model.trainable_variables)
            optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        return fooled, told

    for model, optimizer in zip((generator, discriminator), optimizers):
        optimizer.build(model.trainable_variables)
    batch = tf.constant(images())
    return lambda: [float(value) for value in step(batch)]


def plain_generator():
    """Returns the layers of `dcgan.generator` as stock Keras has them."""
    layers = keras.layers
    filters = WIDTH << 3
    x = inputs = keras.Input((LATENT,))
    x = layers.Dense(16 * filters, use_bias=False)(x)
    x = layers.Reshape((4, 4, filters))(x)
    while filters > WIDTH:
        filters //= 2
        x = layers.ReLU()(layers.BatchNormalization()(x))
        x = layers.Conv2DTranspose(
            filters, 5, 2, padding="same", use_bias=False
        )(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Conv2DTranspose(3, 5, 2, padding="same", activation="tanh")(x)
    return keras.Model(inputs, x)


def images():
    """Returns a batch of noise in [-1, 1]."""
    rng = np.random.default_rng(0)
    return rng.uniform(-1, 1, (BATCH, SIZE, SIZE, 3)).astype("float32")


def row(times, reference):
    """Returns the rate of a setting and its ratio to the reference's."""
    return timing.summary(times) | {
        "images_per_second": round(float(BATCH / np.median(times) * 1e3), 1),
        "rate_to_tutorial": timing.ratio(reference, times),
    }


def main():
    """Prints a table and writes the results."""
    rows = {}
    for label, jit_compile in (("graph", False), ("XLA", True)):
        steps = {REFERENCE: tutorial(jit_compile)}
        for name in UPSAMPLERS:
            steps[name] = ours(name, jit_compile)
        for name in BARE:
            steps[f"{name}, no averages"] = ours(name, jit_compile, 0)
        times = timing.interleaved(steps, ROUNDS)
        for name, each in times.items():
            rows[f"{name}, {label}"] = row(each, times[REFERENCE])
    for name, values in rows.items():
        print(f"{name:32}", values)
    settings = {
        "batch": BATCH,
        "image_size": SIZE,
        "width": WIDTH,
        "kernel_size": {n: KERNEL_SIZES.get(n, 3) for n in UPSAMPLERS},
        "reference": REFERENCE,
    }
    results = {"settings": settings, "rows": rows}
    print(timing.write("training_rate", results))


if __name__ == "__main__":
    main()
