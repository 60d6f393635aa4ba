"""Segments textures by a U-Net with three kinds of upsampling.

    python examples/unet_segmentation.py

Ellipses of gravel lie on grass, both of the same mean brightness and contrast,
so that only texture tells them apart; the masks are known exactly. The same
U-Net learns to find them with each of three upsamplings: the usual transposed
convolution 2×2 with zeros beyond every border, the 3×3 one that many copies
have instead, and the resize-convolution, with borders mirrored in every layer.

For each, prints the intersection over union on new pictures, the share of
wrong pixels, also within 4 pixels of the picture's border, and up to how many
pixels from the border the result for a crop differs from that for the whole
picture. Draws pictures, masks, and the probability that each network gives.
This is one seed and a short training: differences of a hundredth of IoU are
chance.

Takes about a minute on two cores.
"""

import argparse
import functools
import pathlib

import keras
import numpy as np
from keras import layers
from skimage import data, draw

from tfupsample import PaddedConv2D, ResizeConv2D
from tfupsample.images.arrays import grid, picture, to_uint8
from tfupsample.measures.border import border_error

BORDER = 4

UPSAMPLINGS = {
    "deconv 2x2, zeros": (
        functools.partial(layers.Conv2DTranspose, kernel_size=2, strides=2),
        "constant",
    ),
    "deconv 3x3, zeros": (
        functools.partial(
            layers.Conv2DTranspose, kernel_size=3, strides=2, padding="same"
        ),
        "constant",
    ),
    "nearest, mirrored": (ResizeConv2D, "symmetric"),
}


def unet(up, pad_mode, width, depth):
    """Returns a U-Net from grey pictures to the logits of a mask.

    Args:
        up: Makes an upsampling layer from filters.
        pad_mode: The padding of all convolutions.
        width: Filters at the full resolution.
        depth: How many times the sides are halved.
    """

    def convolutions(x, filters):
        for _ in range(2):
            x = PaddedConv2D(filters, 3, pad_mode=pad_mode, use_bias=False)(x)
            x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
        return x

    pictures = x = keras.Input((None, None, 1))
    skips = []
    for level in range(depth):
        skips.append(convolutions(x, width << level))
        x = layers.MaxPooling2D()(skips[-1])
    x = convolutions(x, width << depth)
    for level in reversed(range(depth)):
        x = layers.Concatenate()([up(width << level)(x), skips[level]])
        x = convolutions(x, width << level)
    return keras.Model(pictures, layers.Conv2D(1, 1, name="logits")(x))


def scenes(count, side, seed):
    """Returns pictures and masks, both `(count, side, side, 1)`."""
    rng = np.random.default_rng(seed)
    gravel, grass = data.gravel(), data.grass()
    masks = np.zeros((count, side, side, 1), "float32")
    pictures = np.empty_like(masks)
    for i in range(count):
        for _ in range(3 * side**2 // 64**2):
            row, column = rng.uniform(0, side, size=2)
            radii = rng.uniform(6, 18, size=2)
            inside = draw.ellipse(
                row, column, *radii, (side, side), rng.uniform(0, np.pi)
            )
            masks[i][inside] = 1
        inner, outer = part(rng, gravel, side), part(rng, grass, side)
        pictures[i] = masks[i] * inner + (1 - masks[i]) * outer
    return pictures, masks


def part(rng, texture, side):
    """Returns a random part `(side, side, 1)` of mean 0 and deviation 1."""
    row, column = rng.integers(np.subtract(texture.shape, side))
    crop = texture[row : row + side, column : column + side, None]
    return (crop - crop.mean()) / crop.std()


def measure(network, depth, seed=2):
    """Returns the printed measures by name (see above)."""
    pictures, masks = scenes(64, 64, seed)
    answers = network.predict(pictures, verbose=0) > 0
    wrong = answers != (masks > 0)
    inner = wrong[:, BORDER:-BORDER, BORDER:-BORDER]
    whole = scenes(1, 192, seed)[0][0]
    return {
        "IoU": np.sum(answers * masks) / np.sum((answers + masks) > 0),
        "wrong": wrong.mean(),
        "wrong near the border": (wrong.sum() - inner.sum())
        / (wrong.size - inner.size),
        "border": border_error(
            lambda x: keras.ops.sigmoid(network(x)),
            whole,
            64,
            multiple=2**depth,
        ).width,
    }


def main(argv=None):
    """Trains all three networks; returns `{name: measures}`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--toy", action="store_true", help="one step only")
    parser.add_argument("-o", "--output", default="runs/examples")
    arguments = parser.parse_args(argv)
    width, depth, count = (2, 1, 8) if arguments.toy else (8, 3, 1600)
    pictures, masks = scenes(count, 64, seed=0)
    shown, shown_masks = scenes(8, 64, seed=1)
    found, rows = {}, [shown / 3, 2 * shown_masks - 1]
    for name, (up, pad_mode) in UPSAMPLINGS.items():
        keras.utils.set_random_seed(0)
        network = unet(up, pad_mode, width, depth)
        # The rate falls to 0, so that batch normalisation's averages catch up.
        rate = keras.optimizers.schedules.CosineDecay(5e-3, count // 8)
        network.compile(
            keras.optimizers.Adam(rate),
            keras.losses.BinaryCrossentropy(from_logits=True),
        )
        network.fit(pictures, masks, 8, verbose=2)
        found[name] = measure(network, depth)
        values = [f"{key} {value:.3g}" for key, value in found[name].items()]
        print(f"{name}: {', '.join(values)}")
        rows.append(np.tanh(network.predict(shown, verbose=0) / 2))
    folder = pathlib.Path(arguments.output)
    folder.mkdir(parents=True, exist_ok=True)
    together = to_uint8(grid(np.concatenate(rows), columns=8))
    picture(together).save(folder / "unet_segmentation.jpg", quality=85)
    return found


if __name__ == "__main__":
    main()
