"""What a run does after each epoch: samples, metrics and a checkpoint."""

import importlib.util
import time

import keras

from tfupsample.images import arrays
from tfupsample.images.files import save_image
from train.engine import checkpoint
from train.engine.options import UsageError

_FIRST, _LAST = 2, 6  # executions that are traced; the first one compiles


class EndOfEpoch(keras.callbacks.Callback):
    """Draws samples, logs metrics and writes a checkpoint, in this order.

    An epoch that another callback stopped may be incomplete.

    Args:
        run: The `Run`.
        steps: Steps per epoch.
        sample: As for `Run.fit`.
    """

    def __init__(self, run, steps, sample):
        super().__init__()
        self.run = run
        self.steps = steps
        self.sample = sample
        self.board = _tensorboard(run.path / "tensorboard")

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.monotonic()
        self.batches = 0

    def on_train_batch_end(self, batch, logs=None):
        # The last of several steps at once may exceed the epoch.
        self.batches = min(batch + 1, self.params["steps"])

    def on_epoch_end(self, epoch, logs=None):
        done, config = epoch + 1, self.run.config
        seconds = time.monotonic() - self.started
        images = self.batches * config.batch_size
        missing = self.params["steps"] - self.batches
        metrics = {
            "epoch": done,
            "step": done * self.steps - missing,
            **{name: float(value) for name, value in (logs or {}).items()},
            "images_per_second": images / seconds,
        }
        model = self.model  # on JAX, reading it brings the state up to date
        grid = arrays.grid(arrays.to_uint8(self.sample()))
        path = self.run.path / "samples" / f"epoch_{done:05d}.png"
        save_image(path, arrays.picture(grid))
        self.run.log(metrics)
        self._summarise(metrics, grid)
        position = (epoch, self.steps - missing) if missing else (done, 0)
        checkpoint.save(model, self.run.checkpoints, *position)
        left = (config.epochs - done) * seconds / 60
        print(f"  {left:.1f} minutes left, samples: {path}", flush=True)

    def _summarise(self, metrics, grid):
        if self.board:
            import tensorflow as tf

            with self.board.as_default(step=metrics["step"]):
                for name, value in metrics.items():
                    tf.summary.scalar(name, value)
                tf.summary.image("samples", grid[None])
            self.board.flush()


def _tensorboard(folder):
    """Returns a summary writer, or `None` if TensorBoard is not installed."""
    if not importlib.util.find_spec("tensorboard"):
        return None
    import tensorflow as tf

    return tf.summary.create_file_writer(str(folder))


class Trace(keras.callbacks.Callback):
    """Writes a trace of a few of the first steps of `fit`.

    Args:
        folder: The folder of TensorBoard; the trace goes to `plugins/profile/`
            in it.

    Raises:
        UsageError: if no trace can be taken.
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
                raise UsageError(
                    f"--profile: no trace can be taken ({error})."
                ) from error
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
    """Returns the functions that start a trace in a folder, and end it."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        from tensorflow import profiler

        return profiler.experimental.start, profiler.experimental.stop
    if backend == "jax":
        import jax

        return jax.profiler.start_trace, jax.profiler.stop_trace
    raise UsageError(f"--profile: no trace can be taken on {backend}.")
