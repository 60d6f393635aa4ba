"""Distances between generated images and real ones not seen in training."""

import dataclasses
import sys

import keras
import numpy as np

from models.classifier import feature_model
from tfupsample.errors import UnusableInput
from tfupsample.images.arrays import from_uint8
from tfupsample.measures.frechet_distance import frechet_distance
from tfupsample.measures.kernel_distance import kernel_distance
from tfupsample.measures.sliced_wasserstein import sliced_wasserstein_distance
from tfupsample.measures.spectrum import spectral_distance
from train.data import DataError, load_images
from train.data.folder import spread
from train.engine.options import UsageError, option, refuse_unused
from train.evaluation import artifacts
from train.networks.load import load_network
from train.networks.weights import in_float32

_INCEPTION_SIZE = 299  # pixels a side


@dataclasses.dataclass(frozen=True)
class DistanceConfig:
    """What the trainer of a generator measures at the end."""

    test_dir: str = option(
        "",
        "Folder of real pictures to measure distances to, for "
        "--dataset=folder; the training images if empty.",
        may_differ=True,
    )
    classifier: str = option(
        "",
        "Name or path of a trained classifier: also measure the KID of its "
        "features and its confidence.",
        may_differ=True,
    )
    samples: int = option(
        artifacts.SAMPLES,
        "Number of images to generate and compare at the end.",
        least=2,
        may_differ=True,
    )
    inception_weights: str = option(
        "",
        "File with the weights of Keras's InceptionV3 without its top "
        "(*_notop.h5): also measure the KID of its features.",
        may_differ=True,
    )


class Judge:
    """Measures how far images are from real ones.

    Args:
        real: The real images, uint8 `(n, height, width, channels)`.
        reference: What to call the real images.
        classifier: Name or path of a classifier, or empty.
        inception_weights: Path of the weights of InceptionV3, or empty.

    Raises:
        UsageError: if a file cannot be used for these images.
    """

    def __init__(self, real, reference, classifier="", inception_weights=""):
        artifacts.check_rounded(real)
        self.real = from_uint8(real)
        self.reference = reference
        self.confidence = None
        networks = {}
        if classifier:
            model = load_classifier(classifier, real.shape[-1])
            networks["classifier"] = feature_model(model)
            self.confidence = lambda images: confidence(model, images)
        if inception_weights:
            networks["inception"] = inception(inception_weights, real.shape[-1])
        if networks and len(real) < 2:
            raise UsageError("Distances of features need at least 2 images.")
        self.networks = {
            name: (network, _features(network, self.real))
            for name, network in networks.items()
        }
        for name, (_, features) in self.networks.items():
            _warn_of_few(name, *features.shape)

    def distances(self, images):
        """Returns how far images are from the real ones.

        It compares equal numbers of images, chosen evenly from the larger set.

        Args:
            images: Images of the size of the real ones, uint8 as those are:
                the rounding of a picture file is seen by every distance.

        Returns:
            `sliced_wasserstein` by pyramid level, `spectral_db`, and `kid` and
            `frechet` for each network, all 0 for the same distribution; the
            `confidence` of the classifier, if there is one; the name of the
            `reference`; and the number of `images` compared.
        """
        artifacts.check_rounded(images)
        images = from_uint8(images)
        count = min(len(images), len(self.real))
        images, real = (spread_over(x, count) for x in (images, self.real))
        scores = {
            "reference": self.reference,
            "images": count,
            "sliced_wasserstein": sliced_wasserstein_distance(images, real),
            "spectral_db": spectral_distance(images, real),
        }
        for name, (network, real) in self.networks.items():
            features = _features(network, images), spread_over(real, count)
            scores |= {
                f"kid on {name}": kernel_distance(*features),
                f"frechet on {name}": frechet_distance(*features),
            }
        if self.confidence:
            scores["confidence"] = self.confidence(images)
        return scores


def sample_distances(images, real):
    """Returns the distances that need no network, one number each.

    Args:
        images: uint8 images.
        real: As many real ones.

    Returns:
        `sliced_wasserstein`, the mean over the levels, and `spectral_db`.
    """
    images, real = from_uint8(images), from_uint8(real)
    levels = sliced_wasserstein_distance(images, real)
    return {
        "sliced_wasserstein": float(np.mean([*levels.values()])),
        "spectral_db": float(spectral_distance(images, real)),
    }


def judge(config, training):
    """Returns the `Judge` of a `DistanceConfig`, and training images.

    The judge compares with held-out images or, if the data set has none, with
    half of the training images.

    Args:
        config: The settings, including those of the data.
        training: The training images, uint8; they may stay in their files.

    Returns:
        The `Judge`, and up to `config.samples` training images that it does
        not compare with (unless there is only one).

    Raises:
        UsageError: if a setting or file cannot be used.
    """
    if config.dataset != "folder":
        refuse_unused(config, ["test_dir"], "without --dataset=folder")
    real, reference = held_out(config), "held-out images"
    beside = spread_over(training, config.samples)
    if real is None:
        both = spread_over(training, 2 * config.samples)
        beside, real = both[::2], both[min(1, len(both) - 1) :: 2]
        reference = "other training images"
    files = config.classifier, config.inception_weights
    return Judge(real, reference, *files), beside


def held_out(config):
    """Returns up to `config.samples` uint8 test images, or `None`."""
    size, most = config.image_size, config.samples
    if config.dataset == "folder":
        if not config.test_dir:
            return None
        return load_images("folder", size, config.test_dir, most).images
    try:
        return load_images(
            config.dataset, size, config.data_dir, most, "test"
        ).images
    except DataError:
        return None  # not every data set has a split "test"


def spread_over(images, count):
    """Returns at most `count` images, chosen evenly, as folders are sorted."""
    return images[spread(len(images), count)]


def load_classifier(path, channels):
    """Returns a classifier of images with the given number of channels.

    Raises:
        UsageError: if the file cannot be used for such images.
    """
    try:
        model = load_network(path)
    except UnusableInput as error:
        raise UsageError(str(error)) from error
    names = {layer.name for layer in model.layers}
    if "features" not in names or model.input_shape[-1] != channels:
        raise UsageError(
            "--classifier must be a network that train.classifier trained on "
            f"images of {channels} channels. Received: {path}"
        )
    return model


def inception(weights, channels):
    """Returns InceptionV3 up to its pooled features, `(batch, 2048)`.

    Images are enlarged to 299 pixels (Szegedy et al., 2015, arXiv 1512.00567).
    The weights are those of Keras, so distances compare with one another, but
    not with published ones, which use another conversion.

    Args:
        weights: Path of the file.
        channels: Channels of the images, 1 or 3.

    Raises:
        UsageError: if the file cannot be read.
    """
    network = keras.applications.InceptionV3(
        include_top=False, weights=None, pooling="avg"
    )
    try:
        network.load_weights(weights)
    # h5py, zipfile and Keras each have errors of their own for bad files.
    except Exception as error:
        raise UsageError(
            f"--inception_weights={weights} cannot be loaded: {error}"
        ) from error
    images = keras.Input((None, None, channels))
    colour = keras.layers.Concatenate()([images] * (3 // channels))
    # The layer Resizing would put all layers after it in training mode.
    size = (_INCEPTION_SIZE, _INCEPTION_SIZE)
    large = keras.ops.image.resize(colour, size, antialias=True)
    return keras.Model(images, in_float32(network)(large))


def confidence(model, images):
    """Returns how clearly the images show one of the classes.

    This is the mean probability of the most likely class. An image between two
    classes, or of none, counts little. Missing classes are not noticed.

    Args:
        model: A classifier that returns logits.
        images: Images in [-1, 1].

    Returns:
        A float from `1 / classes` (no class is recognised) to 1 (each image
        clearly shows one class); compare it with that of real images.
    """
    logits = model.predict(images, batch_size=64, verbose=0)
    probabilities = keras.ops.convert_to_numpy(keras.ops.softmax(logits))
    return float(probabilities.max(axis=1).mean())


def distance_table(rows):
    """Returns text: a line for each score in `{name: Judge.distances(...)}`."""
    columns = [_lines(scores) for scores in rows.values()]
    head = f"Distances to {next(iter(rows.values()))['reference']}"
    lines = [f"{head:40}" + "".join(f"{name:>18}" for name in rows)]
    for label in columns[0]:
        values = "".join(f"{column[label]:18.5g}" for column in columns)
        lines.append(f"{label:40}{values}")
    return "\n".join(lines)


def _lines(scores):
    levels = scores["sliced_wasserstein"].items()
    return {
        f"sliced Wasserstein x 1000, {size} pixels": 1000 * value
        for size, value in levels
    } | {
        name: v for name, v in scores.items() if not isinstance(v, (str, dict))
    }


def _warn_of_few(name, images, features):
    if images < features:
        print(
            f"{images} images are few for the {features} features of the "
            f"{name}: KID is noisy, and the Fréchet distance too large. More "
            "--samples, and as many held-out pictures, help.",
            file=sys.stderr,
        )


def _features(network, images):
    return np.asarray(network.predict(images, batch_size=64, verbose=0))
