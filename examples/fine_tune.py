r"""Fine-tunes a trained super-resolution network on a folder of pictures.

    python examples/fine_tune.py [FOLDER]

`super_resolution_photos_x2` has learned from photographs; pictures of another
kind, such as scanned print, have other edges. Without a folder, one is made of
strips of the two scanned texts that scikit-image ships. The last fifth of the
pictures, by name, is for testing only.

Prints the PSNR on these, in dB, of bicubic enlargement, of the network as it
comes, of the fine-tuned network, and of a new network after the same training.
Draws parts: bicubic, as it comes, fine-tuned, and the truth. Writes the
network as `fine_tuned.keras`; import tfupsample before you load it. Takes one
to two minutes on two cores.

The trainer does the same with run directories, resume and scores:

    python -m train.super_resolution --init_from=super_resolution_photos_x2 \
        --dataset=folder --data_dir=FOLDER
"""

import argparse
import pathlib

import keras
import numpy as np
from PIL import Image
from skimage import data

from models.super_resolution import super_resolution
from tfupsample import load_pretrained
from tfupsample.images import files
from tfupsample.images.arrays import grid, picture, to_uint8

SIDE = 64  # pixels of a crop


def make_folder(folder):
    """Writes strips of scanned texts into a folder; returns it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("page", "text"):
        strips = np.array_split(getattr(data, name)(), 5, axis=1)
        for i, strip in enumerate(strips):
            Image.fromarray(strip).save(folder / f"{i}_{name}.png")
    return folder


def read_folder(folder):
    """Returns pictures in [-1, 1] for training and for testing."""
    paths = files.list_pictures(folder)
    pictures = [files.read(path).colours for path in paths]
    tests = max(len(pictures) // 5, 1)
    return pictures[:-tests], pictures[-tests:]


def pairs(pictures, count, seed=0):
    """Returns random crops at half the resolution and at full resolution."""
    rng = np.random.default_rng(seed)
    high = []
    for i in rng.integers(len(pictures), size=count):
        free = np.subtract(pictures[i].shape[:2], SIDE)
        row, column = rng.integers(free + 1)
        high.append(pictures[i][row : row + SIDE, column : column + SIDE])
    low = [resized(crop, 0.5) for crop in high]
    return np.stack(low), np.stack(high)


def resized(pixels, factor):
    """Returns a picture in [-1, 1] resized bicubically, in 8 bits."""
    image = Image.fromarray(to_uint8(pixels))
    size = [round(factor * n) for n in image.size]
    image = image.resize(size, Image.Resampling.BICUBIC)
    return np.asarray(image, "float32") / 127.5 - 1


def psnr(results, truths):
    """Returns the PSNR of pictures in [-1, 1], in dB."""
    error = np.mean((np.clip(results, -1, 1) - truths) ** 2)
    return float(10 * np.log10(4 / error))


def fine_tune(network, low, high, epochs):
    """Trains a network with a learning rate that falls to 0."""
    steps = epochs * -(-len(low) // 16)
    rate = keras.optimizers.schedules.CosineDecay(5e-4, steps)
    network.compile(keras.optimizers.Adam(rate), "mean_absolute_error")
    network.fit(low, high, 16, epochs, verbose=2)


def main(argv=None):
    """Trains both networks; returns the PSNR `{name: dB}`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=pathlib.Path)
    parser.add_argument("--toy", action="store_true", help="one step only")
    parser.add_argument("-o", "--output", default="runs/examples")
    arguments = parser.parse_args(argv)
    output = pathlib.Path(arguments.output)
    folder = arguments.folder or make_folder(output / "texts")
    count, epochs = (4, 1) if arguments.toy else (512, 8)
    training, testing = read_folder(folder)
    low, high = pairs(training, count)
    low_tests, high_tests = pairs(testing, min(count, 64), seed=1)
    keras.utils.set_random_seed(0)
    tuned = load_pretrained("super_resolution_photos_x2", "keras")
    shown = {
        "bicubic": np.stack([resized(x, 2) for x in low_tests]),
        "as it comes": tuned.predict(low_tests, verbose=0),
    }
    fine_tune(tuned, low, high, epochs)
    shown["fine-tuned"] = tuned.predict(low_tests, verbose=0)
    fresh = super_resolution(scale=2)
    fine_tune(fresh, low, high, epochs)
    found = {name: psnr(made, high_tests) for name, made in shown.items()}
    made = fresh.predict(low_tests, verbose=0)
    found["from scratch"] = psnr(made, high_tests)
    for name, decibels in found.items():
        print(f"{name}: {decibels:.2f} dB")
    tuned.save(output / "fine_tuned.keras")
    columns = np.stack([*shown.values(), high_tests], axis=1)[:3]
    rows = to_uint8(grid(np.concatenate(columns), columns=4))
    picture(rows, zoom=3).save(output / "fine_tune.jpg", quality=70)
    return found


if __name__ == "__main__":
    main()
