"""What a training step of DCGAN costs with each upsampler.

    python -m benchmarks.training_step

At 64 pixels, width 32, batch 64, as `python -m train.dcgan` trains: graph mode,
both networks, one Adam step each. `deconv` with 5×5 kernels, the usual DCGAN,
is the reference.
"""

import keras
import numpy as np

from benchmarks import timing
from models import dcgan
from models.gan import GAN

SETTINGS = {
    "nearest 3x3": ("nearest", 3),
    "deconv 5x5": ("deconv", 5),
    "deconv 4x4": ("deconv", 4),
    "subpixel 3x3": ("subpixel", 3),
    "bilinear 3x3": ("bilinear", 3),
}
REFERENCE = "deconv 5x5"
BATCH, SIZE, WIDTH, ROUNDS = 64, 64, 32, 15


def step(upsample, kernel_size):
    """Returns a function that trains a new DCGAN on one batch."""
    keras.utils.set_random_seed(0)
    model = GAN(
        dcgan.generator(
            SIZE, width=WIDTH, upsample=upsample, kernel_size=kernel_size
        ),
        dcgan.discriminator(SIZE, width=WIDTH),
    )
    model.compile_adam(jit_compile=False)
    images = np.random.uniform(-1, 1, (BATCH, SIZE, SIZE, 3)).astype("float32")
    return lambda: model.train_on_batch(images)


def main():
    """Prints a table and writes the results."""
    steps = {name: step(*setting) for name, setting in SETTINGS.items()}
    times = timing.interleaved(steps, ROUNDS)
    rows = {
        name: timing.summary(values)
        | {f"ratio to {REFERENCE}": timing.ratio(values, times[REFERENCE])}
        for name, values in times.items()
    }
    for name, row in rows.items():
        print(f"{name:14}", row)
    settings = {"batch": BATCH, "image_size": SIZE, "width": WIDTH}
    results = {"settings": settings, "rounds": ROUNDS, "rows": rows}
    print(timing.write("training_step", results))


if __name__ == "__main__":
    main()
