"""What a run does after each epoch: samples, metrics, checkpoint."""

import importlib.util
import time

import keras

from train import checkpoint, pictures


class EndOfEpoch(keras.callbacks.Callback):
    """Draws samples, logs metrics and writes a checkpoint, in this order.

    Then it stops `fit`, which is called for each epoch.

    Args:
        run: The `Run`.
        steps: Batches of an epoch.
        sample: As for `Run.fit`.
        waiting: The `WaitingTime` of the batches.
    """

    def __init__(self, run, steps, sample, waiting):
        super().__init__()
        self.run = run
        self.steps = steps
        self.sample = sample
        self.waiting = waiting
        self.board = _tensorboard(run.path / "tensorboard")

    def on_epoch_begin(self, epoch, logs=None):
        self.started, self.waited = time.monotonic(), self.waiting.seconds

    def on_epoch_end(self, epoch, logs=None):
        done, config = epoch + 1, self.run.config
        seconds = time.monotonic() - self.started
        images = self.params["steps"] * config.batch_size
        waited = self.waiting.seconds - self.waited
        metrics = {
            "epoch": done,
            "step": done * self.steps,
            **{name: float(value) for name, value in (logs or {}).items()},
            "images_per_second": images / seconds,
            "wait_share": waited / seconds,
        }
        model = self.model  # on JAX, reading it brings the state up to date
        grid = pictures.grid(pictures.to_uint8(self.sample()))
        path = self.run.path / "samples" / f"epoch_{done:05d}.png"
        pictures.picture(grid).save(path)
        self.run.log(metrics)
        self._summarise(metrics, grid)
        checkpoint.save(model, self.run.checkpoints, done)
        left = (config.epochs - done) * seconds / 60
        self.model.stop_training = True
        print(f"Epoch {done} done, {left:.1f} minutes left, samples: {path}")

    def _summarise(self, metrics, grid):
        if self.board:
            import tensorflow as tf

            with self.board.as_default(step=metrics["step"]):
                for name, value in metrics.items():
                    tf.summary.scalar(name, value)
                tf.summary.image("samples", grid[None])
            self.board.flush()


def _tensorboard(folder):
    """A summary writer, or `None` where TensorBoard is not installed."""
    if not importlib.util.find_spec("tensorboard"):
        return None
    import tensorflow as tf

    return tf.summary.create_file_writer(str(folder))
