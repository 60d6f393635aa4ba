"""The run directory: settings, metrics, samples, checkpoints, resume.

config.json        written before anything else
metrics.jsonl      a line for each epoch
samples/           a grid of images from fixed latents for each epoch
checkpoints/       the last three states
tensorboard/       where TensorBoard is installed
scores.json  saved_model/  <model>.keras     at the end
"""

import dataclasses
import importlib.util
import json
import os
import pathlib
import platform
import signal
import sys
import time

import keras
import numpy as np

from tfupsample.version import __version__
from train import checkpoint, pictures
from train.config import UsageError, parse
from train.data import Augmentation, DataError, batches

_MAY_DIFFER = {"workdir", "epochs"}  # between a run and its resumption


class Run:
    """One training in one folder.

    Args:
        trainer: Name of the entry point.
        config: Its settings, a `RunConfig`. Without a `workdir`, the folder is
            `runs/<trainer>-<dataset>-<upsample>`.

    Raises:
        UsageError: if the folder holds a run with other settings.
    """

    def __init__(self, trainer, config):
        if not config.workdir:
            config = dataclasses.replace(config, workdir=_name(trainer, config))
        self.config = config
        self.path = pathlib.Path(config.workdir)
        self.checkpoints = self.path / "checkpoints"
        (self.path / "samples").mkdir(parents=True, exist_ok=True)
        self._refuse_other(dataclasses.asdict(config))
        self.write(
            "config.json",
            {
                "trainer": trainer,
                "config": dataclasses.asdict(config),
                "command": sys.argv,
                "versions": versions(),
            },
        )

    def _refuse_other(self, config):
        path = self.path / "config.json"
        if not path.exists():
            return
        old = json.loads(path.read_text())["config"]
        differing = [
            f"{name}: {old.get(name)!r} there, {config.get(name)!r} here"
            for name in sorted((old.keys() | config.keys()) - _MAY_DIFFER)
            if old.get(name) != config.get(name)
        ]
        if differing:
            raise UsageError(
                f"{self.path} holds a run with other settings "
                f"({'; '.join(differing)}). Choose another --workdir or delete "
                "that folder."
            )

    def write(self, name, value):
        """Writes `value` as JSON to the file `name`, all or nothing."""
        with checkpoint.atomic(self.path / name) as file:
            file.write((json.dumps(value, indent=2) + "\n").encode())

    def log(self, metrics):
        """Appends an epoch to `metrics.jsonl`, over a former one of its number.

        An epoch that was logged but not checkpointed is trained again.
        """
        path = self.path / "metrics.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        kept = [x for x in lines if json.loads(x)["epoch"] < metrics["epoch"]]
        with checkpoint.atomic(path) as file:
            file.write("\n".join([*kept, json.dumps(metrics), ""]).encode())

    def fit(self, model, images, sample, labels=None):
        """Trains to `config.epochs`, from the newest checkpoint if any.

        Args:
            model: A built and compiled `keras.Model`.
            images: To train on, uint8 `(n, height, width, channels)`.
            sample: Function of no argument that returns images in [-1, 1],
                drawn after each epoch.
            labels: Targets of the images, `(n, ...)`; none by default.
        """
        config = self.config
        augment = Augmentation(config.flip, config.crop, config.colour)
        self.fit_dataset(
            model,
            lambda first, last: batches(
                images,
                config.batch_size,
                config.seed,
                first,
                last,
                labels,
                augment,
            ),
            len(images) // config.batch_size,
            sample,
        )

    def fit_dataset(self, model, dataset, steps, sample):
        """Does what `fit` does, on batches that are not whole images.

        Args:
            model: As for `fit`.
            dataset: Function from `(first_epoch, last_epoch)` to the batches of
                these epochs.
            steps: Batches of an epoch.
            sample: As for `fit`.
        """
        model.optimizer.build(model.trainable_variables)
        first, path = checkpoint.latest(self.checkpoints)
        if path:
            checkpoint.restore(model, path)
            print(f"Resuming after epoch {first} from {path}")
        else:
            checkpoint.save(model, self.checkpoints, 0)
        if first < self.config.epochs:
            model.fit(
                dataset(first, self.config.epochs),
                initial_epoch=first,
                epochs=self.config.epochs,
                steps_per_epoch=steps,
                callbacks=[EndOfEpoch(self, steps, sample)],
                shuffle=False,
                verbose=1 if sys.stdout.isatty() else 2,
            )


class EndOfEpoch(keras.callbacks.Callback):
    """Draws samples, logs metrics and writes a checkpoint, in this order.

    Args:
        run: The `Run`.
        steps: Batches of an epoch.
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

    def on_epoch_end(self, epoch, logs=None):
        done, config = epoch + 1, self.run.config
        seconds = time.monotonic() - self.started
        metrics = {
            "epoch": done,
            "step": done * self.steps,
            **{name: float(value) for name, value in (logs or {}).items()},
            "images_per_second": self.steps * config.batch_size / seconds,
        }
        model = self.model  # on JAX, reading it brings the state up to date
        grid = pictures.grid(pictures.to_uint8(self.sample()))
        path = self.run.path / "samples" / f"epoch_{done:05d}.png"
        pictures.picture(grid).save(path)
        self.run.log(metrics)
        self._summarise(metrics, grid)
        checkpoint.save(model, self.run.checkpoints, done)
        left = (config.epochs - done) * seconds / 60
        print(f"Epoch {done} done, {left:.1f} minutes left, samples: {path}")

    def _summarise(self, metrics, grid):
        if self.board:
            import tensorflow as tf

            with self.board.as_default(step=metrics["step"]):
                for name, value in metrics.items():
                    tf.summary.scalar(name, value)
                tf.summary.image("samples", grid[None])
            self.board.flush()


def _name(trainer, config):
    words = [trainer, config.dataset, getattr(config, "upsample", "")]
    return "runs/" + "-".join(w.replace(",", "-") for w in words if w)


def _tensorboard(folder):
    """A summary writer, or `None` where TensorBoard is not installed."""
    if not importlib.util.find_spec("tensorboard"):
        return None
    import tensorflow as tf

    return tf.summary.create_file_writer(str(folder))


def versions():
    """Returns what a result depends on beside the settings."""
    return {
        "tfupsample": __version__,
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
        "numpy": np.__version__,
        "python": platform.python_version(),
        "cores": os.cpu_count(),
    }


def main(config_class, train, description):
    """Runs `train` with the settings of the command line; sets the status.

    0: done, 2: unusable arguments, 3: unusable data, 130: stopped by Ctrl-C;
    1: the disk or folder cannot be written, or a defect, with its trace.

    Args:
        config_class: Dataclass of the settings.
        train: Function of a config.
        description: For `--help`.
    """
    # Ctrl-C also where a script started the run in its background.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        config = parse(config_class, sys.argv, description)
        keras.config.set_dtype_policy(config.precision)
        train(config)
    except UsageError as error:
        _quit(2, error)
    except DataError as error:
        _quit(3, error)
    except OSError as error:
        _quit(1, error)
    except KeyboardInterrupt:
        _quit(130, "Stopped. The same command goes on from the last epoch.")


def _quit(status, message):
    print(message, file=sys.stderr)
    sys.exit(status)
