"""Makes textures that tile without a seam, by circular padding.

    python examples/seamless_textures.py

A small generator turns noise into a texture of any size. It learns from one
picture of gravel, by the Gram matrices of the features of a trained classifier
(texture networks, Ulyanov et al. 2016, arXiv 1603.03417), with zeros beyond its
borders, as usual. Then the same weights go into the same generator with
`pad_mode="circular"`, without further training.

Prints how much pixels differ across the seam of two copies, divided by how
much they differ elsewhere (1 means no seam), and by how many standard
deviations brightness and contrast at the border are off (0 means no frame).
Draws two by two copies, with zeros on the left and circular on the right.

Takes less than a minute on two cores.
"""

import argparse
import pathlib

import keras
import numpy as np
from keras import layers
from PIL import Image
from skimage import data

from models import perceptual
from tfupsample import PaddedConv2D, ResizeConv2D, load_pretrained
from tfupsample.images.arrays import picture, to_uint8
from tfupsample.measures.border import border_deviation

CHANNELS = 8  # channels of the noise
FACTOR = 8  # pixels of the texture per pixel of the noise


def generator(pad_mode, width=32):
    """Returns a network from noise to textures `FACTOR` times as large.

    Args:
        pad_mode: What all layers see beyond the border.
        width: Filters of all layers but the last.
    """
    noise = x = keras.Input((None, None, CHANNELS))
    for _ in range(3):
        x = PaddedConv2D(width, 3, pad_mode=pad_mode, activation="relu")(x)
        x = ResizeConv2D(width, 3, 2, pad_mode=pad_mode, activation="relu")(x)
    x = PaddedConv2D(3, 3, pad_mode=pad_mode)(x)
    return keras.Model(noise, layers.Activation("tanh")(x))


def style_of(texture):
    """Returns a loss that is 0 where pictures have the style of a texture.

    Args:
        texture: `(height, width, 3)` in [-1, 1].
    """
    classifier = load_pretrained("classifier_cifar10", "keras")
    features = perceptual.classifier(classifier)
    targets = [perceptual.gram(m) for m in features(texture[None])["style"]]
    whitenings = [
        perceptual.whitening(t[0])[None].astype("float32") for t in targets
    ]

    def loss(y_true, pictures):
        grams = [perceptual.gram(m) for m in features(pictures)["style"]]
        distances = map(perceptual.style_loss, grams, targets, whitenings)
        return sum(distances) + 100 * perceptual.range_loss(pictures)

    return loss


def gravel():
    """Returns the texture, `(256, 256, 3)` in [-1, 1]."""
    half = Image.fromarray(data.gravel()).resize((256, 256)).convert("RGB")
    return np.asarray(half, "float32") / 127.5 - 1


def seam(textures):
    """Returns the difference of pixels across the seam divided by the usual.

    The usual one is that between other pixels of the noise: an enlargement is
    smoother within one such pixel than between two.

    Args:
        textures: `(batch, height, width, channels)`.
    """
    ratios = []
    for axis in (1, 2):
        steps = np.abs(textures - np.roll(textures, 1, axis))
        others = tuple({0, 1, 2, 3} - {axis})
        across, *elsewhere = steps.mean(others)[::FACTOR]
        ratios.append(across / np.mean(elsewhere))
    return float(np.mean(ratios))


def main(argv=None):
    """Trains with zeros, changes the padding; returns both seams and frames."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--toy", action="store_true", help="one step only")
    parser.add_argument("-o", "--output", default="runs/examples")
    arguments = parser.parse_args(argv)
    width, steps, side = (4, 1, 4) if arguments.toy else (32, 200, 12)
    keras.utils.set_random_seed(0)
    trained = generator("constant", width)
    trained.compile(keras.optimizers.Adam(3e-3), style_of(gravel()))
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(4 * steps, side, side, CHANNELS))
    trained.fit(noise, np.zeros(len(noise)), batch_size=4, verbose=2)
    seamless = generator("circular", width)
    seamless.set_weights(trained.get_weights())
    found, tiled = {}, []
    for name, network in (("zeros", trained), ("circular", seamless)):
        textures = network.predict(noise[:16], verbose=0)
        deviation = border_deviation(textures)
        frame = float(deviation.mean[0] + deviation.spread[0])
        found[name] = seam(textures), frame
        tiled.append(np.tile(textures[0], (2, 2, 1)))
        print("{}: seam {:.2f}, frame {:.2f}".format(name, *found[name]))
    folder = pathlib.Path(arguments.output)
    folder.mkdir(parents=True, exist_ok=True)
    together = to_uint8(np.concatenate(tiled, axis=1))
    picture(together, 2).save(folder / "seamless_textures.jpg", quality=70)
    return found


if __name__ == "__main__":
    main()
