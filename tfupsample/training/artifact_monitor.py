"""A Keras callback that measures what a model paints while it trains."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from tfupsample.arguments import integer
from tfupsample.inspection.judge import periods_of
from tfupsample.inspection.keras_graph import layers_inside, networks_of
from tfupsample.inspection.outputs import Outputs
from tfupsample.measures.periods import measure_periods

LEAST_DB = 1.5  # what photographs have at most
RISE_DB = 1.0  # more than the same pictures differ by from epoch to epoch
EPOCHS = 2


class ArtifactMonitor(keras.callbacks.Callback):
    """Logs the patterns of upsampling in what a model makes, each epoch.

    For each period the logs receive `coherent_score_<period>`, and, where the
    pictures are large enough, `prominence_db_<period>`: see
    `tfupsample.measures.artifacts`. They appear in the history and in the logs
    of every callback that follows, such as `CSVLogger` and `TensorBoard`.

    The monitor prints one sentence, once, when a pattern grows: when for two
    epochs in a row the prominence of a period is above 1.5 dB and more than
    1 dB above its lowest value so far.

    Args:
        images: What the model makes them of, as `model.predict` takes it:
            latents or pictures, always the same, some 64 or more. Or a
            function of the model that returns pictures `(batch, height,
            width, channels)`, in any unit, such as `lambda gan:
            gan.generator(latents)`.
        periods: Periods in pixels; by default those that the layers of the
            model can write, or 2, 4 and 8 where they cannot be read.

    Raises:
        ValueError: if a period is no integer of at least 2.

    Example:
    >>> latents = np.random.default_rng(0).normal(size=(64, 100))
    >>> monitor = ArtifactMonitor(lambda gan: gan.generator(latents))
    >>> # gan.fit(images, callbacks=[monitor, keras.callbacks.CSVLogger("a")])
    """

    def __init__(
        self,
        images: Any | Callable[[keras.Model], Any],
        periods: Sequence[int] | None = None,
    ):
        super().__init__()
        self.images = images
        self.periods = periods and [integer("periods", p, 2) for p in periods]
        self._networks: list | None = None
        self._lowest: dict[int, float] = {}
        self._epochs_above: dict[int, int] = {}
        self._told = False

    def on_epoch_end(self, epoch, logs=None):
        model = self.model  # on JAX, reading it brings the state up to date
        images = self._pictures(model)
        if not np.isfinite(images).all():
            return  # others, such as TerminateOnNaN, see to that
        rows = measure_periods(images, self.periods)
        for period, row in rows.items():
            logs[f"coherent_score_{period}"] = row["coherent"]
            if row["prominence_db"] is not None:
                logs[f"prominence_db_{period}"] = row["prominence_db"]
                self._watch(epoch, period, row["prominence_db"])

    def _pictures(self, model):
        """Returns the pictures of this epoch; reads the model at the first."""
        if self._networks is None:
            self._networks = _readable_networks(model)
            self.periods = self.periods or periods_of(self._networks)[0]
        if callable(self.images):
            images = ops.cast(self.images(model), "float32")
            return ops.convert_to_numpy(images)
        outputs = Outputs(self._networks)
        images = outputs.pictures(outputs(model, self.images))
        if images is None:
            raise ValueError(
                "`images` must be a function of the model that returns "
                f"pictures, as {model.name!r} returns none."
            )
        return images

    def _watch(self, epoch, period, decibels):
        lowest = self._lowest.setdefault(period, decibels)
        self._lowest[period] = min(lowest, decibels)
        grown = decibels > max(LEAST_DB, lowest + RISE_DB)
        above = self._epochs_above.get(period, 0) + 1 if grown else 0
        self._epochs_above[period] = above
        if above == EPOCHS and not self._told:
            self._told = True
            print(
                f"\nEpoch {epoch + 1}: a pattern of period {period} grows in "
                f"the pictures, from {lowest:.1f} to {decibels:.1f} dB; "
                "tfupsample.inspect_model says which layers can paint it.",
                flush=True,
            )


def _readable_networks(model):
    """Returns the networks of a model, or of those that it holds."""
    try:
        return networks_of(model)
    except ValueError:  # it is trained without being called, as GANs may be
        held = [layer for _, layer in layers_inside(model)]
        return [
            network
            for layer in held
            if isinstance(layer, keras.Model) and layer.built
            for network in networks_of(layer)
        ]
