"""Trains a repaired network to imitate the unrepaired one, without data."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
from keras import ops

from tfupsample.arguments import finite, positive_integer
from tfupsample.inspection.upsamplings import Upsampling
from tfupsample.layers.constraints import KeepsRamps
from tfupsample.repair.methods import equal_offsets

CHECK = 50
"""Steps between two checks of the PSNR."""

_PATIENCE = 3  # checks without improvement after which the training ends

_STATISTICS = 1024  # inputs from which batch statistics are computed anew


class Distillation(keras.Model):
    """Trains a student, by `fit`, to give the outputs of a fixed teacher.

    Both run as in inference, and the loss is their mean squared difference. No
    loss can teach the student what the constraint on its kernels forbids.

    Args:
        student: The model to train.
        teacher: The model to imitate, with the same inputs and outputs.
    """

    def __init__(self, student, teacher):
        super().__init__(name="distillation")
        self.student = student
        self.teacher = teacher
        teacher.trainable = False

    def call(self, inputs, training=False):
        del training  # batch statistics stay what `recompute` made them
        return self.student(inputs, training=False), ops.stop_gradient(
            self.teacher(inputs, training=False)
        )

    def compute_loss(self, x, y, y_pred, sample_weight=None, training=True):
        student, teacher = y_pred
        return ops.mean(ops.square(student - teacher))


class Batches(keras.utils.PyDataset):
    """The `CHECK` batches between two checks, new ones each time.

    Args:
        draw: A function of `(count, seed)` that returns inputs.
        batch_size: The number of inputs in a batch.
    """

    def __init__(self, draw, batch_size):
        super().__init__()
        self.draw = draw
        self.batch_size = batch_size
        self.round = 1

    def __len__(self):
        return CHECK

    def __getitem__(self, index):
        seed = self.round * CHECK + index
        # Without the tuple, a model with one input would take it for three.
        return (self.draw(self.batch_size, seed),)

    def on_epoch_end(self):
        self.round += 1


class Check(keras.callbacks.Callback):
    """Adds scores to the logs, where the progress bar shows them.

    Args:
        score: A function of the student that returns `{name: number}`.
    """

    def __init__(self, score):
        super().__init__()
        self.score = score

    def on_epoch_end(self, epoch, logs=None):
        logs.update(self.score(self.model.student))


def distill(
    student: keras.Model,
    teacher: keras.Model,
    upsamplings: Sequence[Upsampling],
    draw: Callable[[int, int], Any],
    score: Callable[[keras.Model], dict[str, float]],
    steps: int,
    batch_size: int = 16,
    learning_rate: float = 2e-3,
    verbose: int = 0,
) -> tuple[int, str]:
    """Trains a student to imitate a teacher under `KeepsRamps`.

    Equal phase gains alone do not suffice: the student relearns the pattern
    through the first moments of its phases. The statistics of batch
    normalisation are computed anew before the training and then kept.

    Args:
        student: The model to train in place.
        teacher: The model to imitate.
        upsamplings: The student's `Upsampling`s whose kernels are constrained.
        draw: A function of `(count, seed)` that returns inputs.
        score: A function of a model that returns `{name: number}`, including
            `"psnr"`. Training stops early when that no longer grows, and the
            weights of the best check are kept.
        steps: The number of optimizer steps, rounded up to a multiple of
            `CHECK`.
        batch_size: The number of inputs in each step.
        learning_rate: Adam's first learning rate; it falls to 0 along a
            cosine.
        verbose: As for `keras.Model.fit`.

    Returns:
        The number of steps made, and why they were fewer than requested, or
        `""`.

    Raises:
        ValueError: for a number that is not positive.
    """
    steps = positive_integer("steps", steps)
    batch_size = positive_integer("batch_size", batch_size)
    learning_rate = finite("learning_rate", learning_rate, 0)
    model = Distillation(student, teacher)
    rounds = -(-steps // CHECK)
    rate = keras.optimizers.schedules.CosineDecay(learning_rate, rounds * CHECK)
    with constrained(upsamplings):
        model.compile(keras.optimizers.Adam(rate))
        recompute_statistics(student, draw, batch_size)
        history = model.fit(
            Batches(draw, batch_size),
            epochs=rounds,
            verbose=verbose,
            callbacks=[
                Check(score),
                keras.callbacks.EarlyStopping(
                    "psnr",
                    min_delta=0.02,
                    patience=_PATIENCE,
                    mode="max",
                    restore_best_weights=True,
                ),
            ],
        )
    made = len(history.epoch)
    if made == rounds:
        return made * CHECK, ""
    return made * CHECK, (
        f"stopped after {made * CHECK} of {rounds * CHECK} steps: no better "
        f"for {_PATIENCE * CHECK}"
    )


@contextlib.contextmanager
def constrained(upsamplings: Sequence[Upsampling]) -> Iterator[None]:
    """Constrains kernels inside this context.

    The constraint is set on the variable and removed again, so that the file
    of the model needs no class of this package. Normalisations between a
    convolution and its depth-to-space are frozen: new statistics would differ
    from phase to phase.
    """
    kernels = [u.layer.kernel for u in upsamplings]
    frozen = [x for u in upsamplings for x in u.between if x.trainable]
    before = [kernel.constraint for kernel in kernels]
    for u, kernel in zip(upsamplings, kernels):
        kernel.constraint = KeepsRamps(u.strides, u.transposed)
        kernel.assign(kernel.constraint(kernel))
    for layer in frozen:
        layer.trainable = False
    try:
        yield
    finally:
        for layer in frozen:
            layer.trainable = True
        for u, kernel, constraint in zip(upsamplings, kernels, before):
            kernel.constraint = constraint
            equal_offsets(u)


def recompute_statistics(
    model: keras.Model, draw: Callable[[int, int], Any], batch_size: int
) -> None:
    """Sets the statistics of batch normalisation to those of new inputs.

    In effect this goes layer by layer: each pass in training mode normalises
    by its own batch, and the running averages, which are made fast for this,
    follow.
    """
    layers = [
        layer
        for layer in model._flatten_layers(include_self=False)
        if isinstance(layer, keras.layers.BatchNormalization)
    ]
    if not layers:
        return
    before = [layer.momentum for layer in layers]
    for seed in range(-(-_STATISTICS // batch_size)):
        for layer in layers:
            layer.momentum = seed / (seed + 1)  # the plain mean
        model(draw(batch_size, -1 - seed), training=True)
    for layer, momentum in zip(layers, before):
        layer.momentum = momentum
