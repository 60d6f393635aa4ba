"""Scores on held-out images while a network trains, and the best network."""

import dataclasses

import keras
import numpy as np

from train.data.files import only
from train.data.folder import spread
from train.engine.metrics_file import read_metrics
from train.engine.options import UsageError, option, refuse_unused
from train.engine.sharing import on_one_device
from train.networks.write import save_keras

_MOST = 1024  # images that are held out
_LOWER_IS_BETTER = ("sliced_wasserstein", "spectral_db")


def keep_best_option(*metrics):
    """Returns the field of the score by which the best network is kept."""
    return option(
        "none",
        "With --validation, score by which the best network so far is kept in "
        "best/; none: only the last network is written.",
        ("none", *metrics),
    )


@dataclasses.dataclass(frozen=True)
class ValidationConfig:
    """What is measured while a network trains; trainers add `keep_best`."""

    validation: float = option(
        0.0,
        "Share of the training images that are held out, at most 1024, to "
        "measure the network on while it trains.",
        most=0.5,
    )
    evaluate_every: int = option(
        1,
        "Epochs from one measurement to the next, with --validation.",
        least=1,
        may_differ=True,
    )


def held_out(config, count):
    """Returns which of `count` training images are held out, as a mask.

    Raises:
        UsageError: if they are too few, or flags have no effect.
    """
    mask = np.zeros(count, bool)
    if not config.validation:
        names = ["evaluate_every", "keep_best"]
        refuse_unused(config, names, "without --validation")
        return mask
    kept = min(round(count * config.validation), _MOST)
    if kept < 2:
        raise UsageError(
            f"--validation={config.validation} must hold out at least 2 of the "
            f"{count} training images."
        )
    mask[spread(count, kept)] = True
    return mask


def divided(config, images):
    """Returns the images to train on, and those that are held out.

    Args:
        config: A `ValidationConfig`.
        images: uint8 images, which may stay in their files.
    """
    mask = held_out(config, len(images))
    return only(images, ~mask), images[np.flatnonzero(mask)]


class Validation(keras.callbacks.Callback):
    """Measures a network while it trains, and keeps the best.

    The scores of earlier epochs are those in `metrics.jsonl`, so a resumed run
    goes on from them.

    Args:
        run: The `Run`, whose config is a `ValidationConfig`.
        name: Name of the network's file, without suffix.
        measure: A function without arguments that returns `{metric: value}` of
            the network as it is.
        network: A function without arguments that returns the network to keep,
            in float32; it is called after `measure`.
    """

    def __init__(self, run, name, measure, network):
        super().__init__()
        self.run, self.name = run, name
        self.measure, self.network = measure, network
        self.key = f"val_{run.config.keep_best}"
        self.sign = -1 if run.config.keep_best in _LOWER_IS_BETTER else 1

    def on_epoch_end(self, epoch, logs=None):
        config, done = self.run.config, epoch + 1
        due = done == config.epochs or done % config.evaluate_every == 0
        if config.validation and due:
            evaluate = on_one_device(self.model, lambda: self._evaluate(epoch))
            logs.update(evaluate())

    def _evaluate(self, epoch):
        scores = {f"val_{k}": v for k, v in self.measure().items()}
        value = scores.get(self.key)
        best = self._best(epoch)
        if value is not None and (not best or self._better(value, best)):
            folder = self.run.path / "best"
            folder.mkdir(exist_ok=True)
            save_keras(self.network(), folder, self.name)
        return scores

    def _better(self, value, best):
        return self.sign * value > self.sign * best[self.key]

    def _best(self, epochs):
        """Returns the metrics of the best of the first epochs, or `None`."""
        best = None
        for metrics in read_metrics(self.run.path / "metrics.jsonl"):
            if metrics["epoch"] <= epochs and self.key in metrics:
                if not best or self._better(metrics[self.key], best):
                    best = metrics
        return best

    def announce(self):
        """Names the best network at the end of a training, if one is kept."""
        if best := self._best(self.run.config.epochs):
            print(
                f"Best network: {self.run.path / 'best' / self.name}.keras, "
                f"{self.key} {best[self.key]:.4g} after epoch {best['epoch']}"
            )
