"""What may stop a training between two steps, and what is kept then."""

import contextlib
import signal
import threading

import keras
import numpy as np


class Preempted(Exception):
    """The machine is taken away (SIGTERM); a checkpoint has been written."""


class NotFinite(Exception):
    """A loss is NaN or infinite; the message is for the user."""


class Terminated(Exception):
    """SIGTERM came where there was nothing to keep."""


def listen():
    """Turns SIGTERM into `Terminated` from now on, and SIGINT into Ctrl-C.

    Programs that a script starts in its background ignore SIGINT otherwise.
    """

    def terminate(number, frame):
        raise Terminated

    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, terminate)


class Request(threading.Event):
    """Set where a training is to stop; `interrupted` if by Ctrl-C."""

    interrupted = False


@contextlib.contextmanager
def deferred_termination():
    """Yields a `Request` that SIGTERM and Ctrl-C set; nothing else happens.

    A `KeyboardInterrupt` may come where TensorFlow calls Python, and be lost.
    A second Ctrl-C does not wait for the end of the step.
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
    """Ends a training at a step, on SIGTERM or where a loss is not finite.

    Comes after the callback that writes the checkpoint of an epoch, and guards
    one epoch.

    Args:
        requested: A `Request`, of `deferred_termination`.
        save: Function of `(model, epoch, step)` that writes a checkpoint.
        steps: Of the epoch.
        first_step: How many of them were done before.
    """

    def __init__(self, requested, save, steps, first_step=0):
        super().__init__()
        self.requested = requested
        self.save = save
        self.steps = steps
        self.offset = first_step

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        # Of several steps at once, the last may be beyond the epoch's end.
        step = min(self.offset + batch + 1, self.steps)
        for name, value in (logs or {}).items():
            if not np.isfinite(value):
                raise NotFinite(
                    f"{name} is {value} at step {step} of epoch "
                    f"{self.epoch + 1}. The last checkpoint is from before. "
                    "Try a smaller --learning_rate or --precision=float32."
                )
        if self.requested.is_set() and step < self.steps:
            if not self.requested.interrupted:
                self.save(self.model, self.epoch, step)
            self._stop()

    def on_epoch_end(self, epoch, logs=None):
        if self.requested.is_set():
            self._stop()

    def _stop(self):
        raise KeyboardInterrupt if self.requested.interrupted else Preempted
