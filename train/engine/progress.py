"""The progress of a training as people see it, on a terminal or in a file."""

import datetime
import shutil
import sys
import time

import keras

_WIDTH = 20  # characters of the bar
_SECONDS = 0.2  # between two looks


class ProgressBar(keras.callbacks.Callback):
    """Shows the steps of each epoch in one line that fits the terminal.

    Metrics that do not fit are left out. In a file, each epoch is one line with
    all metrics. Use it as a context manager, so that a training that stops
    ends its line.

    Args:
        epochs: Number of the last epoch.
        steps: Steps per epoch.
    """

    def __init__(self, epochs, steps):
        super().__init__()
        self.epochs = epochs
        self.steps = steps
        self.on_terminal = sys.stdout.isatty()
        self.unfinished = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.unfinished:
            print(flush=True)

    def on_epoch_begin(self, epoch, logs=None):
        self.title = f"Epoch {epoch + 1}/{self.epochs}"
        # A resumed epoch has fewer steps left.
        self.offset = self.steps - self.params["steps"]
        self.started = self.shown = time.monotonic()
        self._show(0, {})

    def on_train_batch_end(self, batch, logs=None):
        now = time.monotonic()
        if now >= self.shown + _SECONDS:
            self.shown = now
            # The last of several steps at once may exceed the epoch.
            self._show(min(batch + 1, self.params["steps"]), logs or {})

    def on_epoch_end(self, epoch, logs=None):
        if self.on_terminal:
            self._show(self.params["steps"], logs or {})
            self.unfinished = False
            print(flush=True)
        else:
            seconds = round(time.monotonic() - self.started)
            parts = [f"{self.title}: {self.steps} steps in {seconds} s"]
            print(", ".join([*parts, *_metrics(logs or {})]), flush=True)

    def _show(self, done, logs):
        if not self.on_terminal:
            return
        self.unfinished = True
        reached = self.offset + done
        bar = "#" * (_WIDTH * reached // self.steps)
        parts = [f"{self.title} [{bar:{_WIDTH}}] {reached}/{self.steps}"]
        if done:
            parts.append(self._time(done))
        line = ""
        for part in [*parts, *_metrics(logs)]:
            longer = f"{line}  {part}".lstrip()
            # The last column stays free: some terminals wrap after it.
            if len(longer) >= shutil.get_terminal_size().columns:
                break
            line = longer
        print(f"\r{line}\x1b[K", end="", flush=True)

    def _time(self, done):
        """Returns the time left, or at the end the time taken."""
        taken = time.monotonic() - self.started
        left = self.params["steps"] - done
        seconds = round(taken / done * left if left else taken)
        text = str(datetime.timedelta(seconds=seconds)).removeprefix("0:")
        return f"{text} left" if left else text


def _metrics(logs):
    return [f"{name} {float(value):.4g}" for name, value in logs.items()]
