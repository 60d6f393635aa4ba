"""What can be done to a Keras model to repair it."""

from tfupsample.errors import UnusableInput
from tfupsample.inspection.keras_graph import channel_axis, networks_of
from tfupsample.inspection.outputs import Outputs
from tfupsample.inspection.upsamplings import find_upsamplings
from tfupsample.ops.ramps import ramp_keeping
from tfupsample.repair import methods, surgery
from tfupsample.repair.distill import distill
from tfupsample.repair.moved import moved


class KerasSubject:
    """A Keras model that a `Trial` repairs.

    Args:
        model: The model, which is not changed.
        verbose: 1 shows a progress bar.

    Attributes:
        channel_axis: The axis of the channels of its images, 1 or -1.
        networks: Its `Network`s.
    """

    def __init__(self, model, verbose=0):
        self.model, self._verbose = model, verbose
        self.channel_axis = channel_axis(model)
        self.networks = networks_of(model)
        self._outputs = Outputs(self.networks)
        self._upsamplings = find_upsamplings(model)

    def run(self, model, inputs):
        """Returns the output of a model, as `Outputs` does."""
        return self._outputs(model, inputs)

    def pictures(self, outputs):
        """Returns outputs as pictures, or `None`."""
        return self._outputs.pictures(outputs)

    def copy(self):
        """Returns a copy with weights of its own."""
        return surgery.copy_model(self.model)

    def paths(self, method):
        """Returns `{path: strides}` of the layers that a method is for.

        Raises:
            UnusableInput: if there are none.
        """
        if method == "pad":
            found = dict.fromkeys(surgery.zero_padded(self.model), ())
        else:
            found = {u.path: u.strides for u in self._upsamplings}
        if not found:
            raise UnusableInput(
                "The model has no transposed or sub-pixel convolution."
                if method != "pad"
                else "No convolution of the model pads with zeros."
            )
        return found

    def repaired(self, candidate, paths):
        """Returns a copy that a `Candidate` repairs, but for its training."""
        if candidate.method == "balance":
            return methods.balance(self.model, paths)
        if candidate.method == "ramps":
            return methods.balance(self.model, paths, ramp_keeping)
        if candidate.method == "resize":
            return methods.resize(
                self.model, paths, candidate.interpolation, candidate.pad_mode
            )
        if candidate.method == "smooth":
            return methods.smooth(self.model, paths)
        pad_mode = candidate.pad_mode or "symmetric"
        return methods.exchange_padding(self.model, paths, pad_mode)

    def distil(self, model, candidate, paths, draw, score):
        """Trains a repaired model; see `tfupsample.repair.distill.distill`."""
        held = []  # after the other methods there is nothing left to constrain
        if candidate.method in ("balance", "ramps"):
            held = methods.chosen(find_upsamplings(model), paths)
        return distill(
            model,
            self.copy(),
            held,
            draw,
            score,
            candidate.steps,
            verbose=self._verbose,
        )

    def moved(self, model):
        """Returns `{path: relative L2 distance}` of the kernels that moved."""
        return moved(self.model, model)
