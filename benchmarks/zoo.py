"""What every untrained model of the zoo paints on every upsampler.

    python -m benchmarks.zoo

Small networks with new weights, run as for inference on standard normal inputs.
Coherent score and mean peak prominence (dB) at periods of 2, 4 and 8 pixels,
means over the seeds. 0 and 0 dB: no pattern. Periods above a model's total
enlargement are none of its upsamplings'.
"""

import keras
import numpy as np

from benchmarks import timing
from models import (
    autoencoder,
    dcgan,
    deep_image_prior,
    style_transfer,
    super_resolution,
)
from models.stylegan2 import networks as stylegan2
from tfupsample import UPSAMPLERS
from tfupsample.measures.artifacts import coherent_score, peak_prominence

SIZE, WIDTH, SAMPLES, SEEDS, PERIODS = 64, 8, 64, 2, (2, 4, 8)
MODELS = {
    "dcgan": lambda **kwargs: dcgan.generator(SIZE, width=WIDTH, **kwargs),
    "autoencoder": lambda **kwargs: autoencoder.decoder(
        SIZE, width=WIDTH, **kwargs
    ),
    "super_resolution": lambda **kwargs: super_resolution.super_resolution(
        2, WIDTH, 1, **kwargs
    ),
    "style_transfer": lambda **kwargs: style_transfer.network(
        2, WIDTH, 1, **kwargs
    ),
    "deep_image_prior": lambda **kwargs: deep_image_prior.network(
        size=SIZE, depth=3, width=WIDTH, **kwargs
    ),
    "stylegan2": lambda **kwargs: stylegan2.generator(
        SIZE, width=WIDTH, widest=32, **kwargs
    ),
}
KERNELS = {name: [3] for name in UPSAMPLERS} | {"deconv": [3, 4, 5]}


def outputs(model, seed):
    """Returns images of a model for standard normal inputs."""
    rng = np.random.default_rng(seed)
    inputs = [
        rng.normal(size=(SAMPLES, *(n or SIZE // 2 for n in x.shape[1:])))
        for x in model.inputs
    ]
    inputs = [x.astype("float32") for x in inputs]
    return model.predict(inputs if inputs[1:] else inputs[0], verbose=0)


def scores(build, upsample, kernel_size):
    """Returns `{"coherent", "prominence_db"}`, each by period."""
    rows = []
    for seed in range(SEEDS):
        keras.utils.clear_session()
        keras.utils.set_random_seed(seed)
        images = outputs(
            build(upsample=upsample, kernel_size=kernel_size), seed
        )
        rows.append(
            [
                [coherent_score(images, p) for p in PERIODS],
                [peak_prominence(images, p).mean for p in PERIODS],
            ]
        )
    coherent, prominence = np.mean(rows, axis=0)
    return {
        "coherent": np.round(coherent, 4).tolist(),
        "prominence_db": np.round(prominence, 2).tolist(),
    }


def main():
    """Prints the rows and writes them."""
    rows = {}
    for model, build in MODELS.items():
        for upsample, kernels in KERNELS.items():
            for kernel_size in kernels:
                name = f"{upsample} {kernel_size}x{kernel_size}"
                row = scores(build, upsample, kernel_size)
                rows.setdefault(model, {})[name] = row
                print(f"{model:18}{name:22}{row}", flush=True)
    settings = {"image_size": SIZE, "width": WIDTH, "samples": SAMPLES}
    settings |= {"seeds": SEEDS, "periods": PERIODS}
    print(timing.write("zoo", {"settings": settings, "models": rows}))


if __name__ == "__main__":
    main()
