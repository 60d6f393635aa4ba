"""How the learning rate changes during a training."""

import dataclasses

import keras
from keras import ops

from train.engine.options import option

SCHEDULES = ("constant", "cosine", "exponential")
_END = 0.01  # of an exponential decay, as a share of its start


def schedule_option(default):
    """Returns the field of the schedule, for trainers with another default."""
    return option(
        default,
        "Learning rate after the warm-up: constant; falling to 0 along a "
        "cosine; or exponential, falling by the same share each step, to a "
        "hundredth.",
        SCHEDULES,
    )


@dataclasses.dataclass(frozen=True)
class ScheduleConfig:
    """The schedule of the learning rate.

    A falling schedule ends with the last epoch. It belongs to the run: such a
    run cannot be resumed with other `--epochs`, as the rate would jump.
    """

    schedule: str = schedule_option("constant")
    warm_up: float = option(
        0.0,
        "Share of the steps in which the learning rate rises from 0.",
        most=1,
    )

    def may_differ(self, field):
        """Whether a run may be resumed with another value of a field."""
        if field.name == "epochs" and (
            self.schedule != "constant" or self.warm_up
        ):
            return False
        return super().may_differ(field)

    def scheduled(self, learning_rate, steps):
        """Returns what an optimizer takes as its learning rate.

        Args:
            learning_rate: The largest rate.
            steps: Number of steps in the whole training.
        """
        rising = round(self.warm_up * steps)
        falling = _falling(self.schedule, learning_rate, max(steps - rising, 1))
        return WarmUp(falling, learning_rate, rising) if rising else falling


def _falling(schedule, rate, steps):
    if schedule == "cosine":
        return keras.optimizers.schedules.CosineDecay(rate, steps)
    if schedule == "exponential":
        return keras.optimizers.schedules.ExponentialDecay(rate, steps, _END)
    return rate


@keras.saving.register_keras_serializable(package="tfupsample")
class WarmUp(keras.optimizers.schedules.LearningRateSchedule):
    """Lets a learning rate rise from 0 along a line before it follows another.

    Args:
        after: A rate or schedule, which begins after the warm-up.
        rate: The rate at the end of the warm-up.
        steps: Number of steps of the warm-up, at least 1.
    """

    def __init__(self, after, rate, steps):
        super().__init__()
        self.after = after
        self.rate = rate
        self.steps = steps

    def __call__(self, step):
        step = ops.cast(step, "float32")
        after = self.after
        if callable(after):
            after = after(ops.maximum(step - self.steps, 0.0))
        rising = self.rate * step / self.steps
        return ops.where(step < self.steps, rising, after)

    def get_config(self):
        return {"after": self.after, "rate": self.rate, "steps": self.steps}

    @classmethod
    def from_config(cls, config):
        after = keras.saving.deserialize_keras_object(config["after"])
        return cls(**config | {"after": after})
