"""What a model makes, as pictures."""

import math

import keras
import numpy as np

from tfupsample.errors import UnusableInput, summary
from tfupsample.inspection.keras_graph import channel_axis
from tfupsample.inspection.replay import picture_of


class Outputs:
    """Runs a model and returns the output in which patterns are measured.

    It is the largest picture among the outputs, or the largest array if none
    is a picture.

    Args:
        networks: Its networks, by `tfupsample.inspection.keras_graph`.
    """

    def __init__(self, networks):
        steps = [picture_of(network) for network in networks]
        self.picture = next(filter(None, steps), None)

    def __call__(self, model, inputs):
        """Returns the output, as an array of the model's own shape.

        Raises:
            UnusableInput: if the model does not run.
        """
        try:
            outputs = model.predict(inputs, batch_size=32, verbose=0)
        # The model's own code may raise anything, and so may the processor.
        except Exception as error:
            raise UnusableInput(
                f"The model {model.name!r} does not run on inputs drawn for "
                f"it.{advice(model)} {summary(error)}"
            ) from error
        return self.chosen(keras.tree.flatten(outputs))

    def chosen(self, arrays):
        """Returns that one of all outputs."""
        return max(
            arrays, key=lambda array: (self._is_picture(array), array.size)
        )

    def _is_picture(self, array):
        if self.picture is None:
            return False
        sizes = self.picture.shape[1:]
        return array.ndim == 4 or math.prod(array.shape[1:]) == math.prod(sizes)

    def pictures(self, array):
        """Returns outputs as pictures of 1 or 3 channels, channels last.

        Images with other channels become one grey picture for each channel.
        The result is `None` if the outputs are no images.
        """
        if not self._is_picture(array):
            return None
        if array.ndim != 4:  # flattened, or without a channel axis
            array = array.reshape(-1, *self.picture.shape[1:])
        images = np.moveaxis(array, self.picture.channel_axis, -1)
        if images.shape[-1] in (1, 3):
            return images
        return np.moveaxis(images, -1, 1).reshape(-1, *images.shape[1:3], 1)


def advice(model):
    """Says what to do if the processor cannot convolve channels first."""
    if channel_axis(model) == -1 or keras.backend.backend() != "tensorflow":
        return ""
    return (
        " It computes channels first, which TensorFlow can on a processor "
        "only with oneDNN: set TF_ENABLE_ONEDNN_OPTS=1."
    )
