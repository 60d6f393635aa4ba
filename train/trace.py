"""Traces some steps for the profiler of TensorBoard: `--profile`."""

import keras

from train.config import UsageError

_FIRST, _LAST = 2, 6  # executions; the first one compiles


class Trace(keras.callbacks.Callback):
    """Writes a trace of a few of the first steps that `fit` does.

    Args:
        folder: Of TensorBoard; the trace goes to `plugins/profile/` in it.

    Raises:
        UsageError: where no trace can be taken.
    """

    def __init__(self, folder):
        super().__init__()
        self.folder = str(folder)
        self.start, self.stop = _tracer()
        self.executions, self.tracing = 0, False

    def on_train_batch_begin(self, batch, logs=None):
        self.executions += 1
        if self.executions == _FIRST:
            try:
                self.start(self.folder)
            # Each tracer fails in its own way.
            except Exception as error:
                raise UsageError(f"--profile: no trace ({error}).") from error
            self.tracing = True

    def on_train_batch_end(self, batch, logs=None):
        if self.executions == _LAST:
            self._end()

    def on_epoch_end(self, epoch, logs=None):
        self._end()

    def _end(self):
        if self.tracing:
            self.tracing = False
            self.stop()
            print(f"\nTrace: {self.folder}/plugins/profile")


def _tracer():
    """The functions that start a trace in a folder, and end it."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        from tensorflow import profiler

        return profiler.experimental.start, profiler.experimental.stop
    if backend == "jax":
        import jax

        return jax.profiler.start_trace, jax.profiler.stop_trace
    raise UsageError(f"--profile: no trace can be taken on {backend}.")
