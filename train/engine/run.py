"""The run directory: settings, metrics, samples, checkpoints, resuming.

config.json        the settings, written before anything else, what each start
                   ran on, and a fingerprint of the pictures and labels
metrics.jsonl      a line for each epoch
samples/           a grid of images for each epoch, from fixed latents
checkpoints/       the last three states
tensorboard/       the same for TensorBoard, if it is installed
best/              the best network so far, with --keep_best
early_stop.json    where a callback ended the training, if one did
scores.json  saved_model/  <model>.keras     at the end
"""

import dataclasses
import json
import pathlib
import tempfile

import filelock

from tfupsample.model_files.atomic import write_json, write_text
from train.data import Augmentation, batches
from train.data.files import identities
from train.engine import checkpoint, hosts, sharing
from train.engine.dry_run import DryRun, describe
from train.engine.epoch_end import EndOfEpoch, Trace
from train.engine.fitting import fit_epochs
from train.engine.interruptions import Guard, deferred_termination
from train.engine.metrics_file import read_metrics
from train.engine.options import UsageError
from train.engine.progress import ProgressBar
from train.engine.settings_file import SettingsFile
from train.engine.user_callbacks import user_callbacks

_STOPPED = "early_stop.json"


class Run:
    """One training in one folder.

    Args:
        trainer: Name of the trainer.
        config: Its settings, a `BasicConfig`. Without a `workdir` the folder is
            `runs/<trainer>-<dataset>-<upsample>`.

    Raises:
        UsageError: if the folder holds a run with other settings.
    """

    def __init__(self, trainer, config):
        if config.steps_per_execution < 1:
            raise UsageError(
                "--steps_per_execution must be at least 1. Received: "
                f"{config.steps_per_execution}"
            )
        if not config.workdir:
            config = dataclasses.replace(config, workdir=_name(trainer, config))
        self.config = config
        if config.dry_run:
            self._nowhere = tempfile.TemporaryDirectory()
            config = dataclasses.replace(config, workdir=self._nowhere.name)
        self.path = pathlib.Path(config.workdir)
        self.checkpoints = self.path / "checkpoints"
        (self.path / "samples").mkdir(parents=True, exist_ok=True)
        self._lock = self._only_one()
        self._settings = SettingsFile(self.path / "config.json")
        self._settings.begin(trainer, config, resumed=self._begun())
        self._callbacks = user_callbacks(config.callbacks, self.path)

    def _only_one(self):
        """Locks the folder until this object is deleted or the program ends."""
        try:
            return filelock.FileLock(self.path / ".lock", timeout=0).acquire()
        except filelock.Timeout as error:
            raise UsageError(
                f"Another program is training in {self.path}. Wait for it to "
                "end, or choose another --workdir."
            ) from error

    def _begun(self):
        """Returns whether the folder holds more than settings."""
        return any(
            path.is_file() and path.name not in (".lock", "config.json")
            for path in self.path.rglob("*")
        )

    def write(self, name, value):
        """Writes `value` as JSON to the file `name`, all or nothing."""
        write_json(self.path / name, value)

    def log(self, metrics):
        """Appends an epoch to `metrics.jsonl`.

        It replaces an epoch with the same number, which was trained again
        because it had no checkpoint.
        """
        path = self.path / "metrics.jsonl"
        kept = [x for x in read_metrics(path) if x["epoch"] < metrics["epoch"]]
        lines = [json.dumps(line) for line in [*kept, metrics]]
        write_text(path, "\n".join([*lines, ""]))

    def expect_pictures(self, pictures, labels=None, classes=()):
        """Records what a new run learns from; refuses other when it resumes.

        Args:
            pictures: The arrays that the run learns from, or what stands for
                those that stay in files.
            labels: The class of each, as an array, if it learns classes.
            classes: The names of the classes.

        Raises:
            UsageError: if the run began with other pictures or labels.
        """
        self._settings.expect_pictures(identities(pictures), labels, classes)

    def fit(
        self,
        model,
        images,
        sample,
        labels=None,
        classes=(),
        augment=None,
        callbacks=(),
        conditional=False,
    ):
        """Trains up to `config.epochs`, from the newest checkpoint if any.

        Args:
            model: A compiled and built `keras.Model`.
            images: The training images, uint8 `(n, height, width, channels)`,
                in memory or `FileImages`.
            sample: A function without arguments that returns images in [-1, 1]
                to draw after each epoch.
            labels: Targets of the images, `(n, ...)`, if any.
            classes: The names of the classes, if the targets are such.
            augment: An `Augmentation`; by default that of the config.
            callbacks: Keras callbacks, besides those of `--callbacks`.
            conditional: Whether the model takes the labels as inputs beside the
                images, and not as targets.
        """
        config = self.config
        self.expect_pictures(images, labels, classes)
        augment = augment or Augmentation(
            config.flip, config.crop, config.colour
        )

        def dataset(first, last, skip):
            served = batches(
                images,
                config.batch_size,
                config.seed,
                first,
                last,
                labels,
                augment,
                skip,
            )
            if not conditional:
                return served
            return served.map(lambda *pair: (pair,))

        self.fit_dataset(
            model,
            dataset,
            len(images) // config.batch_size,
            sample,
            callbacks,
        )

    def fit_dataset(self, model, dataset, steps, sample, callbacks=()):
        """Trains as `fit` does, on batches of any kind.

        Args:
            model: As for `fit`.
            dataset: A function from `(first_epoch, last_epoch, skip)` to the
                batches of these epochs without the first `skip`.
            steps: Steps per epoch.
            sample: As for `fit`.
            callbacks: As for `fit`.
        """
        # One that scales losses would build its variables twice.
        if not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)
        model.steps_per_execution = self.config.steps_per_execution
        if self.config.dry_run:
            self._nowhere.cleanup()
            raise DryRun(describe(model, dataset(0, 1, 0), steps, self.config))
        start = hosts.agree(self.config, model, self._resume(model))
        sample = sharing.on_one_device(model, sample)
        given = [*callbacks, *self._callbacks]
        traces = []
        if self.config.profile:
            traces.append(Trace(self.path / "tensorboard"))
        with (
            sharing.shared_batches(model, self.config),
            deferred_termination() as requested,
            ProgressBar(self.config.epochs, steps) as bar,
        ):
            fit_epochs(
                model,
                dataset,
                steps,
                start,
                self.config.epochs,
                [
                    *traces,
                    *given,  # their logs and changes are shown and kept
                    bar,
                    EndOfEpoch(self, steps, sample),
                    Guard(requested, self._save, steps),
                ],
            )
        if given:
            self._keep_changes(model)
        hosts.part(self.config)

    def _keep_changes(self, model):
        """Saves what callbacks did at the end, and whether they stopped it."""
        position = self._newest()
        self._save(model, *position)
        if model.stop_training:
            self.write(_STOPPED, self._stop_at(position))
            print(f"A callback ended the training {_after(position)}.")

    def _newest(self):
        return checkpoint.position(checkpoint.paths(self.checkpoints)[-1])

    def _stop_at(self, position):
        return {**position._asdict(), "epochs": self.config.epochs}

    def _was_stopped(self, position):
        """Returns whether a callback ended this training here."""
        try:
            written = json.loads((self.path / _STOPPED).read_text())
        except (OSError, ValueError):
            return False
        return written == self._stop_at(position)

    def _resume(self, model):
        """Restores the newest checkpoint or writes the first one."""
        path = checkpoint.restore_latest(model, self.checkpoints)
        if path is None:
            self._save(model, 0, 0)
            return 0, 0
        position = checkpoint.position(path)
        if self._was_stopped(position):
            print(
                f"A callback ended the training in {self.path} "
                f"{_after(position)}; other --epochs continue it."
            )
            return self.config.epochs, 0
        print(f"Resuming {_after(position)} from {path}")
        return position

    def _save(self, model, epoch, step):
        checkpoint.save(model, self.checkpoints, epoch, step)


def _after(position):
    inside = f" and {position.step} steps" if position.step else ""
    return f"after epoch {position.epoch}{inside}"


def _name(trainer, config):
    words = [trainer, config.dataset, getattr(config, "upsample", "")]
    return "runs/" + "-".join(w.replace(",", "-") for w in words if w)
