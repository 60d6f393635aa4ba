"""Stops a training between two steps, and saves what was learned."""

import contextlib
import signal
import threading

import keras
import numpy as np

# Of a loss in float16: smaller, gradients of 1 would be smaller than the least
# number, so that no gradient overflows for its size.
_SMALLEST_SCALE = 2.0**-24


class NotFinite(Exception):
    """Losses or gradients are NaN or infinite; the message is for the user."""


class Terminated(Exception):
    """SIGTERM came; what was learned until then has been saved."""


def listen():
    """Makes SIGTERM raise `Terminated` and SIGINT `KeyboardInterrupt`.

    Otherwise programs that a script starts in the background ignore SIGINT.
    """

    def terminate(number, frame):
        raise Terminated

    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, terminate)


class Request(threading.Event):
    """Set when a training should stop; `interrupted` if by Ctrl-C."""

    interrupted = False


@contextlib.contextmanager
def deferred_termination():
    """Yields a `Request` that SIGTERM and Ctrl-C set instead of raising.

    A `KeyboardInterrupt` that is raised while TensorFlow calls Python may be
    lost. A second Ctrl-C does not wait for the end of the step.
    """
    requested = Request()

    def interrupt(number, frame):
        signal.signal(signal.SIGINT, signal.default_int_handler)
        requested.interrupted = True
        requested.set()

    if threading.current_thread() is not threading.main_thread():
        yield requested  # only the main thread has signals
        return
    before = {
        number: signal.signal(number, handler)
        for number, handler in (
            (signal.SIGTERM, lambda *_: requested.set()),
            (signal.SIGINT, interrupt),
        )
    }
    try:
        yield requested
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Guard(keras.callbacks.Callback):
    """Stops a training after a step, on a signal or if a loss is not finite.

    In float16, steps whose gradients overflow are left out: the training stops
    only if none is finite any more.

    It must come after the callback that writes the checkpoint of an epoch.

    Args:
        requested: The `Request` of `deferred_termination`.
        save: A function of `(model, epoch, step)` that writes a checkpoint.
        steps: Steps per epoch.
    """

    def __init__(self, requested, save, steps):
        super().__init__()
        self.requested = requested
        self.save = save
        self.steps = steps

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch
        # A resumed epoch has fewer steps left.
        self.offset = self.steps - self.params["steps"]

    def on_train_batch_end(self, batch, logs=None):
        # The last of several steps at once may exceed the epoch.
        step = min(self.offset + batch + 1, self.steps)
        for name, value in (logs or {}).items():
            if not np.isfinite(value):
                raise NotFinite(
                    f"{name} is {value} at step {step} of epoch "
                    f"{self.epoch + 1}. The checkpoints are older. Try a "
                    "smaller --learning_rate or --precision=float32."
                )
        if self.requested.is_set() and step < self.steps:
            self.save(self.model, self.epoch, step)
            self._stop()

    def on_epoch_end(self, epoch, logs=None):
        scale = getattr(self.model.optimizer, "dynamic_scale", 1.0)
        if np.asarray(scale) < _SMALLEST_SCALE:
            raise NotFinite(
                f"The gradients overflow in float16 at the end of epoch "
                f"{epoch + 1}, however small the loss is made, so that nothing "
                "is learned. Try a smaller --learning_rate or "
                "--precision=float32."
            )
        if self.requested.is_set():
            self._stop()

    def _stop(self):
        raise KeyboardInterrupt if self.requested.interrupted else Terminated
