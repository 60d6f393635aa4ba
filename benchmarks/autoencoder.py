"""What autoencoders reach that differ in their upsampling alone.

    for upsample in nearest deconv; do
      python -m train.autoencoder --dataset=photos --precision=mixed_bfloat16 \
        --upsample=$upsample --epochs=5 --workdir=runs/$upsample
    done
    python -m benchmarks.autoencoder nearest_3x3=runs/nearest \
        deconv_3x3=runs/deconv

For each finished run named: PSNR, SSIM and artifact scores of the
reconstructions of 1,000 crops of photographs that no training has seen, beside
the scores of these crops; how an image of 64 pixels alone is reconstructed
otherwise at its border than the same window of one of 192 pixels; steps and
wall time of the training.
"""

import json
import pathlib
import sys

import keras
import numpy as np

from benchmarks import timing
from models.autoencoder import autoencoder
from tfupsample.images.arrays import from_uint8, to_uint8
from tfupsample.measures.border import border_error
from train.autoencoder import Config, reconstruct
from train.data import load_images
from train.data.photos import FILES, photograph
from train.evaluation import artifacts

CROP, CONTEXT = 64, 64  # pixels; the models look about 40 around
RINGS = 16  # pixels from the edge; further inside little differs
SETTINGS = ("upsample", "kernel_size", "seed", "batch_size", "precision")


def measure(folder, images):
    """Returns the figures of a run in `folder`, on images in [-1, 1]."""
    folder = pathlib.Path(folder)
    settings = json.loads((folder / "config.json").read_text())["config"]
    network = keras.saving.load_model(folder / "autoencoder.keras")
    made = to_uint8(reconstruct(network, images))
    return {
        **{name: settings[name] for name in SETTINGS},
        **training(folder, settings["batch_size"]),
        **rounded(artifacts.similarity(to_uint8(images), made)),
        "border_error": border(network, Config(**settings)),
        "scores": rounded(artifacts.artifact_scores(made)),
    }


def training(folder, batch_size):
    """Returns the steps and seconds of a run."""
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    epochs = [json.loads(line) for line in lines]
    steps = epochs[-1]["step"]
    seconds = sum(
        steps / len(epochs) * batch_size / epoch["images_per_second"]
        for epoch in epochs
    )
    return {"steps": steps, "seconds": round(seconds, 1)}


def border(network, config):
    """Returns the mean border error over windows of unseen photographs."""
    of_any_size = autoencoder(
        None,
        3,
        config.width,
        config.code,
        config.depth,
        config.upsample,
        config.kernel_size,
        config.pad_mode,
    ).reconstructor()
    of_any_size.set_weights(network.get_weights())
    errors = [
        border_error(of_any_size, window, CROP, multiple=1 << config.depth)
        for window in windows()
    ]
    psnr = [error.psnr[:RINGS] for error in errors]
    return {
        "psnr_db": np.mean(psnr, axis=0).round(2).tolist(),
        "width_pixels": float(np.mean([e.width for e in errors])),
    }


def windows():
    """Yields crops in [-1, 1] of the photographs kept for the test."""
    side = CROP + 2 * CONTEXT
    for file in FILES["test"]:
        pixels = from_uint8(photograph(file))
        for row in range(0, pixels.shape[0] - side + 1, CROP):
            for column in range(0, pixels.shape[1] - side + 1, CROP):
                yield pixels[row : row + side, column : column + side]


def rounded(figures):
    """Rounds numbers in nested dictionaries to what can be told apart."""
    if isinstance(figures, dict):
        return {name: rounded(value) for name, value in figures.items()}
    return round(figures, 4)


def main(arguments):
    """Measures `NAME=FOLDER` runs and writes the results."""
    images = load_images("photos", CROP, split="test").images
    results = {"test images": rounded(artifacts.artifact_scores(images))}
    images = from_uint8(images)
    for argument in arguments:
        name, folder = argument.split("=", 1)
        results[name] = measure(folder, images)
        print(name, results[name], flush=True)
    print(timing.write("autoencoder", {"runs": results}))


if __name__ == "__main__":
    main(sys.argv[1:])
