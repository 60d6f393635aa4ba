"""The feature networks of perceptual losses, by name."""

from absl import logging

from models import perceptual
from tfupsample.errors import UnusableInput
from train.data import DataError
from train.engine.options import UsageError
from train.networks.load import load_network


def load_features(config):
    """Returns the feature network that a config names, or the next best.

    Args:
        config: Settings with `features`, `vgg_weights`, `classifier`.

    Returns:
        The key of `FEATURES` that was used, and the network.

    Raises:
        UsageError: if a file that the config names cannot be used.
    """
    name = config.features
    try:
        return name, FEATURES[name](config)
    except DataError as error:  # only of VGG19
        name = "classifier" if config.classifier else "multiscale"
        logging.warning("%s. Using --features=%s instead.", error, name)
        return name, FEATURES[name](config)


def _vgg19(config):
    try:
        return perceptual.vgg19(config.vgg_weights or "imagenet")
    # Downloading, the cache and HDF5 each fail in their own way.
    except Exception as error:
        if config.vgg_weights:
            raise UsageError(
                f"--vgg_weights={config.vgg_weights} cannot be used: {error}"
            ) from error
        raise DataError(
            "The weights of VGG19 cannot be downloaded; --vgg_weights can name "
            "a file"
        ) from error


def _classifier(config):
    if not config.classifier:
        raise UsageError(
            "--features=classifier needs --classifier, the name or path of a "
            "classifier that train.classifier trained."
        )
    try:
        model = load_network(config.classifier)
        return perceptual.classifier(model)
    except UnusableInput as error:
        raise UsageError(str(error)) from error
    except ValueError as error:  # another network, without such layers
        raise UsageError(
            f"--classifier={config.classifier} is not a classifier that "
            "train.classifier trained."
        ) from error


def _multiscale(config):
    return perceptual.multiscale(seed=config.seed)


FEATURES = {
    "vgg19": _vgg19,
    "classifier": _classifier,
    "multiscale": _multiscale,
}
"""Functions of a config, by name."""
