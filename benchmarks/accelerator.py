"""What training steps cost on an accelerator, in images a second.

    KERAS_BACKEND=jax python -m benchmarks.accelerator --seeds 0 1 2
    make bench-gpu

Four networks at sizes that fill a GPU, with resize-convolution and with the
transposed convolution that it replaces, in 32 and in 16 bits; and the DCGAN
written in PyTorch, where that is installed. Random pictures, compiled steps,
both networks of a GAN, Adam. Every row trains in a process of its own; a seed
is a round, in which all rows have their turn. Results go to
`results/accelerator.json`; `cells.py` says how to resume.
"""

import argparse
import time

import keras
import numpy as np

from benchmarks import cells
from benchmarks.torch_dcgan import torch_dcgan
from models import dcgan, perceptual, style_transfer, stylegan2
from models.gan import GAN
from models.super_resolution import SuperResolution, super_resolution

KERNELS = {"nearest": 3, "deconv": 4}  # of equal arithmetic
POLICIES = ("float32", "mixed_bfloat16")
SIDES = {"dcgan": 64, "stylegan2": 64, "super_resolution": 64, "style": 256}
BATCHES = {"dcgan": 128, "stylegan2": 64, "super_resolution": 32, "style": 8}
WIDTH = 64
ROUNDS = 3


def gan_of_dcgan(side, upsample, kernel_size):
    """Returns a compiled DCGAN."""
    model = GAN(
        dcgan.generator(
            side, width=WIDTH, upsample=upsample, kernel_size=kernel_size
        ),
        dcgan.discriminator(side, width=WIDTH),
    )
    model.compile_adam()
    return model


def gan_of_stylegan2(side, upsample, kernel_size):
    """Returns a compiled StyleGAN2."""
    model = stylegan2.StyleGAN2(
        stylegan2.generator(
            side, width=WIDTH, upsample=upsample, kernel_size=kernel_size
        ),
        stylegan2.discriminator(side, width=WIDTH),
    )
    model.compile_adam()
    return model


def enlarger(side, upsample, kernel_size):
    """Returns a compiled network that doubles the sides of pictures."""
    network = super_resolution(
        2, width=WIDTH, upsample=upsample, kernel_size=kernel_size
    )
    model = SuperResolution(network)
    model.compile(keras.optimizers.Adam())
    return model


def stylist(side, upsample, kernel_size):
    """Returns a compiled network of one style; its features are random."""
    network = style_transfer.network(
        1, width=WIDTH // 2, upsample=upsample, kernel_size=kernel_size
    )
    loss = perceptual.PerceptualLoss(
        perceptual.multiscale(), pictures(1, side), 1.0, 1.0, 0.0
    )
    model = style_transfer.StyleTransfer(network, loss)
    model.compile(keras.optimizers.Adam())
    return model


BUILDERS = {
    "dcgan": gan_of_dcgan,
    "stylegan2": gan_of_stylegan2,
    "super_resolution": enlarger,
    "style": stylist,
}
NAMES = [
    f"{network} {upsample} {policy}"
    for network in BUILDERS
    for upsample in KERNELS
    for policy in POLICIES
] + [f"dcgan torch {policy}" for policy in POLICIES]


def pictures(count, side):
    """Returns random pictures in [-1, 1]."""
    rng = np.random.default_rng(0)
    return rng.uniform(-1, 1, (count, side, side, 3)).astype("float32")


def measure(name, steps):
    """Returns the images a second of a training, and its peak memory."""
    network, upsample, policy = name.split()
    side, batch = SIDES[network], BATCHES[network]
    given = pictures(batch * steps, side)
    if upsample == "torch":
        run = torch_dcgan(given, batch, WIDTH, policy == "mixed_bfloat16")
    else:
        keras.config.set_dtype_policy(policy)
        model = BUILDERS[network](side, upsample, KERNELS[upsample])
        fed = [given]
        if network == "super_resolution":
            fed.append(given.repeat(2, axis=1).repeat(2, axis=2))

        def run():
            model.fit(*fed, batch_size=batch, verbose=0, shuffle=False)
            return memory()

    if run is None:
        return {"missing": "torch is not installed"}
    run()  # compiles
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        peak = run()
        seconds.append(time.perf_counter() - start)
    return {
        "images_per_second": round(len(given) / float(np.median(seconds)), 1),
        "peak_mb": peak,
    }


def memory():
    """Returns the peak of a GPU's memory in MB, or `None` on a processor."""
    if keras.backend.backend() != "jax":
        return None
    import jax

    known = jax.devices()[0].memory_stats() or {}
    peak = known.get("peak_bytes_in_use")
    return peak and round(peak / 2**20)


def main():
    """Measures what is missing of the rows named, or of all."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    cells.add_arguments(parser, NAMES)
    parser.add_argument("--steps", type=int, default=30)
    given = parser.parse_args()
    settings = {
        "steps": given.steps,
        "width": WIDTH,
        "sides": SIDES,
        "batches": BATCHES,
        "backend": keras.backend.backend(),
    }
    cells.measure_missing(
        __spec__.name,
        given,
        settings,
        lambda name, seed: measure(name, given.steps),
    )


if __name__ == "__main__":
    main()
