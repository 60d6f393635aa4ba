"""How often a classifier is right, and what it leaves when it is trained."""

import keras
import numpy as np

from tfupsample.images.arrays import from_uint8
from train.networks.write import export_saved_model, of_size, save_keras

_SHOWN = 64  # hardest test images after each epoch,
_LOOKED_AT = 1024  # out of this many
_AT_ONCE = 1024  # images in memory
_CONFUSIONS = 5


def predicted(model, images):
    """Returns the probabilities `(n, classes)` of uint8 images."""
    logits = [
        model.predict(
            from_uint8(images[i : i + _AT_ONCE]), batch_size=256, verbose=0
        )
        for i in range(0, len(images), _AT_ONCE)
    ]
    probabilities = keras.ops.softmax(np.concatenate(logits))
    return keras.ops.convert_to_numpy(probabilities)


def hardest(model, test):
    """Returns test images in [-1, 1], those recognised worst first."""
    spread = slice(None, None, -(-len(test.images) // _LOOKED_AT))
    images, labels = test.images[spread], test.labels[spread]
    found = predicted(model, images)[np.arange(len(labels)), labels]
    return from_uint8(images[np.argsort(found)[:_SHOWN]])


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
