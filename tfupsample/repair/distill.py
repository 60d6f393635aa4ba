"""Trains a repaired network to imitate the unrepaired one, without data."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
from keras import ops

from tfupsample.arguments import finite, positive_integer
from tfupsample.inspection.upsamplings import Upsampling
from tfupsample.layers.constraints import KeepsRamps
from tfupsample.repair.methods import equal_bias

CHECK = 50
"""Steps between two checks of the PSNR."""

_PATIENCE = 3  # checks without a better one that end the training

_STATISTICS = 1024  # inputs from which batch statistics are computed anew


class Distillation(keras.Model):
    """Trains a student to the outputs of a fixed teacher with `fit`.

    Both run as in inference, and the loss is their mean squared difference.
    What the constraint on the student's kernels forbids, no loss can teach it.

    Args:
        student: Model to train.
        teacher: Model to imitate, of the same inputs and outputs.
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
        draw: Function of `(count, seed)` that returns inputs.
        batch_size: Inputs a batch.
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
        # Without the tuple, a model of one array would take it for three.
        return (self.draw(self.batch_size, seed),)

    def on_epoch_end(self):
        self.round += 1


class Check(keras.callbacks.Callback):
    """Adds scores to the logs, where the progress bar shows them.

    Args:
        score: Function of the student that returns `{name: number}`.
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

    Equal phase gains alone do not do: the student learns the pattern anew by
    the first moments of its phases. The statistics of batch normalisation are
    computed anew before the training and then kept.

    Args:
        student: Model to train in place.
        teacher: Model to imitate.
        upsamplings: Those of the student that shall keep ramps ramps.
        draw: Function of `(count, seed)` that returns inputs.
        score: Function of a model that returns `{name: number}`, with `"psnr"`
            among them. Training stops early when that no longer grows, and
            the weights of the best check are kept.
        steps: Optimizer steps, rounded up to a multiple of `CHECK`.
        batch_size: Inputs a step.
        learning_rate: Where Adam starts; it falls to 0 along a cosine.
        verbose: As for `keras.Model.fit`.

    Returns:
        The number of steps made, and why they were fewer than asked for, or
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
    model.compile(keras.optimizers.Adam(rate))
    with constrained(upsamplings):
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
    """Holds kernels to their constraint for a while.

    It is set on the variable and taken away again, so that the model's file
    needs no class of this package.
    """
    before = [u.layer.kernel.constraint for u in upsamplings]
    for u in upsamplings:
        u.layer.kernel.constraint = KeepsRamps(u.strides, u.transposed)
        u.layer.kernel.assign(u.layer.kernel.constraint(u.layer.kernel))
    try:
        yield
    finally:
        for u, constraint in zip(upsamplings, before):
            u.layer.kernel.constraint = constraint
            equal_bias(u)


def recompute_statistics(
    model: keras.Model, draw: Callable[[int, int], Any], batch_size: int
) -> None:
    """Sets the statistics of batch normalisation to those of new inputs.

    Layer by layer in effect: each pass in training mode normalises by its own
    batch, and the running averages, made fast for it, follow.
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
