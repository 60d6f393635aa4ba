"""What untrained DCGAN generators paint, by the inspector's probe.

    python -m benchmarks.untrained_generators

64×64 generators of width 24 on 256 latents, each with several seeds, with the
statistics of the batch and as for inference (where an untrained batch
normalisation does nothing). Beside them stand the values of an earlier
experiment. The broad picture is the same there: unbalanced layers paint,
balanced ones less, nearest least. The numbers are not: no initialisation,
activation or width that was tried gives them.
"""

import keras
import numpy as np

from benchmarks import timing
from models import dcgan
from tfupsample import SubpixelConv2D
from tfupsample.inspection.probe import probe
from tfupsample.inspection.probe_inputs import Given

SAMPLES, SIZE, WIDTH, SEEDS, PERIODS = 256, 64, 24, 5, (2, 4, 8)

# Upsampler, kernel size; earlier experiment: coherent scores, variance ratios.
ROWS = {
    "Conv2DTranspose 3x3": (
        ("deconv", 3),
        ((0.369, 0.455, 0.484), (4.2, 13, 32)),
    ),
    "Conv2DTranspose 3x3, equal gains": (
        ("deconv_balanced", 3),
        ((0.009, 0.083, 0.133), (5.0, 11, 19)),
    ),
    "Conv2DTranspose 4x4": (
        ("deconv", 4),
        ((0.365, 0.417, 0.460), (1.5, 2.9, 5.4)),
    ),
    "Conv2DTranspose 4x4, equal gains": (
        ("deconv_balanced", 4),
        ((0.003, 0.015, 0.024), (1.05, 1.11, 1.21)),
    ),
    "Conv2DTranspose 5x5": (
        ("deconv", 5),
        ((0.292, 0.381, 0.413), (2.3, 3.2, 4.8)),
    ),
    "Conv2DTranspose 5x5, equal gains": (
        ("deconv_balanced", 5),
        ((0.010, 0.061, 0.090), (2.0, 2.3, 2.6)),
    ),
    "sub-pixel 3x3, no ICNR": (
        ("subpixel", 3),
        ((0.202, 0.279, 0.324), (1.2, 1.6, 3.3)),
    ),
    "nearest resize-convolution 3x3": (
        ("nearest", 3),
        ((0.002, 0.003, 0.008), (1.08, 1.12, 1.14)),
    ),
}


def generator(upsample, kernel_size):
    """Returns a new generator, its sub-pixel kernels without ICNR."""
    model = dcgan.generator(
        SIZE, width=WIDTH, upsample=upsample, kernel_size=kernel_size
    )
    for layer in model.layers:
        if isinstance(layer, SubpixelConv2D):
            normal = keras.initializers.RandomNormal(stddev=0.02)
            layer.kernel.assign(normal(layer.kernel.shape))
    return model


def measure(upsample, kernel_size, seed, training):
    """Returns `(2, periods)`: coherent scores and variance ratios."""
    keras.utils.set_random_seed(seed)
    model = generator(upsample, kernel_size)
    probed = probe(
        lambda z: model(z[0], training=training),
        [Given(model.input_shape[1:], "float32", image=False)],
        (PERIODS, ()),
        SAMPLES,
        seed,
        batch=SAMPLES,
    )
    rows = probed["forward"]["latents"].values()
    return [
        [row[name] for row in rows] for name in ("coherent", "variance_ratio")
    ]


def summary(values):
    """Returns mean and standard deviation over the seeds, by measure."""
    mean, spread = np.mean(values, 0), np.std(values, 0)
    return {
        name: {
            "mean": np.round(mean[i], 4).tolist(),
            "sd": np.round(spread[i], 4).tolist(),
        }
        for i, name in enumerate(("coherent", "variance_ratio"))
    }


def main():
    """Prints a table and writes the results."""
    rows = {}
    for name, (setting, (coherent, ratio)) in ROWS.items():
        rows[name] = {
            "earlier experiment": {
                "coherent": coherent,
                "variance_ratio": ratio,
            }
        }
        for training, label in (
            (True, "batch statistics"),
            (False, "inference"),
        ):
            values = [measure(*setting, s, training) for s in range(SEEDS)]
            rows[name][label] = summary(values)
        print(name, rows[name], flush=True)
    write(rows)


def write(rows):
    """Writes the rows with what they depend on."""
    settings = {
        "image_size": SIZE,
        "width": WIDTH,
        "samples": SAMPLES,
        "seeds": SEEDS,
        "periods": PERIODS,
    }
    timing.record("untrained_generators", {"settings": settings, "rows": rows})


if __name__ == "__main__":
    main()
