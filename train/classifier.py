"""Trains a classifier of images, also for styles, dreams and distances.

    python -m train.classifier --dataset=shapes --label=shape
    python -m train.classifier --dataset=digits --image_size=32
    python -m train.classifier --dataset=folder --data_dir=PICTURES/train
        --test_dir=PICTURES/test --image_size=32 --batch_size=128 --flip
        --crop=4 --precision=mixed_bfloat16

A folder of pictures has one subfolder for each class. The run directory
(--workdir) receives the settings, the metrics, a grid of the hardest test
images for each epoch, and checkpoints. At the end it receives the accuracy on
the test images and the most frequent confusions, the names of the classes in
classes.json, a SavedModel for images of --image_size, and classifier.keras for
images of any size, in float32 whatever the --precision of the training. Run the
same command again to resume.
"""

import dataclasses

import keras
import numpy as np

from models.classifier import POOLINGS, classifier
from train.data import load_images
from train.engine.config import RunConfig
from train.engine.main import main
from train.engine.options import UsageError, option, refuse_unused, usage_errors
from train.engine.run import Run
from train.networks.load import InitConfig, initialise
from train.networks.weights import in_float32
from train.networks.write import export_saved_model, save_keras

_SHOWN = 64  # hardest test images after each epoch,
_LOOKED_AT = 1024  # out of this many
_CONFUSIONS = 5


@dataclasses.dataclass(frozen=True)
class Config(InitConfig, RunConfig):
    """Settings of `python -m train.classifier`."""

    label: str = option("label", "Label of the data set to learn.")
    test_dir: str = option(
        "",
        "Folder of the test pictures, for --dataset=folder.",
        may_differ=True,
    )
    width: int = option(32, "Channels of the first block.", least=1)
    pooling: str = option(
        "average",
        "Pooling between blocks; max and strided paint in the gradient.",
        POOLINGS,
    )
    learning_rate: float = option(
        0.1, "Largest learning rate, between warm-up and cosine decay."
    )
    warm_up: float = option(
        0.2, "Share of the steps in which the learning rate rises.", most=1
    )
    weight_decay: float = option(
        5e-3, "Weight decay, scaled by the learning rate."
    )
    label_smoothing: float = option(
        0.1, "Probability that the targets spread over all classes.", most=1
    )


@dataclasses.dataclass(frozen=True, eq=False)
class Labelled:
    """Images with their labels.

    Attributes:
        images: uint8 `(n, height, width, channels)`.
        labels: Integers `(n,)`.
        classes: The name of each label.
    """

    images: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]


def load_labelled(config, split):
    """Returns the `Labelled` images of a split, `"train"` or `"test"`.

    Raises:
        UsageError: if there is no such label or no folder of test images.
        DataError: if the data cannot be loaded.
    """
    folder, part, most = config.data_dir, split, config.max_images
    if split == "test":
        most = 0
        if config.dataset == "folder":
            folder, part = config.test_dir, "train"
            if not folder:
                raise UsageError(
                    "--dataset=folder needs --test_dir, a folder with other "
                    "pictures of the same classes."
                )
    data = load_images(config.dataset, config.image_size, folder, most, part)
    if config.label not in data.classes:
        raise UsageError(
            f"--label must be one of {sorted(data.classes)} for this data set "
            "(a folder needs one subfolder for each class). "
            f"Received: {config.label}"
        )
    return Labelled(
        data.images, data.labels[config.label], data.classes[config.label]
    )


def build(config, channels, classes, steps):
    """Returns the compiled classifier of a config, its weights seeded.

    Args:
        config: The settings.
        channels: Channels of the images.
        classes: Number of classes.
        steps: Number of steps in the whole training.

    Raises:
        UsageError: if the network refuses a setting.
    """
    keras.utils.set_random_seed(config.seed)
    with usage_errors():
        model = classifier(
            None, channels, classes, config.width, config.pooling
        )
    warm_up = round(config.warm_up * steps)
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0,
        max(steps - warm_up, 1),
        warmup_target=config.learning_rate,
        warmup_steps=max(warm_up, 1),
    )
    model.compile(
        keras.optimizers.SGD(
            schedule,
            momentum=0.9,
            nesterov=True,
            weight_decay=config.weight_decay,
        ),
        keras.losses.CategoricalCrossentropy(
            from_logits=True, label_smoothing=config.label_smoothing
        ),
        metrics=["accuracy"],
        jit_compile=config.jit_compile,
    )
    return model


def predicted(model, images):
    """Returns the probabilities `(n, classes)` of uint8 images."""
    scaled = images.astype("float32") / 127.5 - 1
    logits = model.predict(scaled, batch_size=256, verbose=0)
    return keras.ops.convert_to_numpy(keras.ops.softmax(logits))


def hardest(model, test):
    """Returns test images in [-1, 1], those recognised worst first."""
    spread = slice(None, None, -(-len(test.images) // _LOOKED_AT))
    images, labels = test.images[spread], test.labels[spread]
    found = predicted(model, images)[np.arange(len(labels)), labels]
    return images[np.argsort(found)[:_SHOWN]] / 127.5 - 1


def accuracy_scores(probabilities, labels, classes):
    """Returns how often the most likely class is right.

    Args:
        probabilities: `(n, classes)`.
        labels: The right classes, `(n,)`.
        classes: The names of the classes.

    Returns:
        The accuracy from 0 to 1, overall and by class, and the most frequent
        confusions: which share of a class was taken for which other class.
    """
    guesses = probabilities.argmax(axis=1)
    counts = np.zeros((len(classes),) * 2)
    np.add.at(counts, (labels, guesses), 1)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    wrong = shares - np.diag(np.diag(shares))
    worst = np.argsort(-wrong, axis=None, kind="stable")[:_CONFUSIONS]
    pairs = zip(*np.unravel_index(worst, wrong.shape))
    return {
        "test images": len(labels),
        "accuracy": float(np.mean(guesses == labels)),
        "accuracy by class": dict(zip(classes, np.diag(shares).tolist())),
        "confusions": [
            {
                "class": classes[i],
                "taken for": classes[j],
                "share": float(wrong[i, j]),
            }
            for i, j in pairs
            if wrong[i, j]
        ],
    }


def train(config):
    """Trains into `config.workdir`; resumes from a checkpoint found there.

    Args:
        config: The settings.
    """
    if config.dataset != "folder":
        refuse_unused(config, ["test_dir"], "without --dataset=folder")
    run = Run("classifier", config)
    data, test = (load_labelled(config, split) for split in ("train", "test"))
    if data.classes != test.classes:
        raise UsageError(
            "The test pictures must have the same classes. Received: "
            f"{', '.join(test.classes)} instead of {', '.join(data.classes)}"
        )
    steps = len(data.images) // config.batch_size
    model = build(
        config, data.images.shape[-1], len(data.classes), steps * config.epochs
    )
    initialise(model, config)
    targets = np.eye(len(data.classes), dtype="float32")[data.labels]
    run.fit(model, data.images, lambda: hardest(model, test), targets)
    finish(run, in_float32(model), test)


def of_size(model, images):
    """Returns the model for the size of `images` only, for export on JAX."""
    inputs = keras.Input(images.shape[1:], name="images")
    return keras.Model(inputs, model(inputs), name="classifier")


def finish(run, model, test):
    """Writes the network and its scores on the test images; prints both."""
    scores = accuracy_scores(
        predicted(model, test.images), test.labels, test.classes
    )
    run.write("scores.json", scores)
    run.write("classes.json", test.classes)
    saved_model = export_saved_model(of_size(model, test.images), run.path)
    path = save_keras(model, run.path, "classifier")
    confusions = "\n".join(
        f"  {row['share']:6.1%} of {row['class']} taken for {row['taken for']}"
        for row in scores["confusions"]
    )
    print(
        f"\nAccuracy on {len(test.images)} test images: "
        f"{scores['accuracy']:.2%}\n{confusions}\n\n"
        f"Scores:       {run.path / 'scores.json'}\n"
        f"Classes:      {run.path / 'classes.json'}\n"
        f"SavedModel:   {saved_model}\n"
        f"Keras model:  {path}"
    )


if __name__ == "__main__":
    main(Config, train, __doc__)
