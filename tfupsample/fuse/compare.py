"""Runs a model and its fused form side by side: outputs and times."""

import time

import keras
import numpy as np
from keras import ops

from tfupsample.errors import UnusableInput, summary
from tfupsample.inspection.outputs import advice

_FEWEST_ROUNDS = 3


def difference(before, after, inputs):
    """Returns how far the outputs of two models are apart.

    Args:
        before: A model.
        after: A model of the same inputs and outputs.
        inputs: What both are given.

    Returns:
        `{"absolute", "relative"}`: the largest difference of two numbers, and
        the same over the largest number of the output.

    Raises:
        UnusableInput: if one cannot be run.
    """
    return apart(*(_outputs(model, inputs) for model in (before, after)))


def apart(before, after):
    """Returns how far arrays are from others, as `difference` does.

    Args:
        before: A list of float64 arrays.
        after: As many of the same shapes.
    """
    pairs = zip(before, after, strict=True)
    found = [(_largest(a - b), _largest(a)) for a, b in pairs]
    return {
        "absolute": max(d for d, _ in found),
        "relative": max(d / (size or 1.0) for d, size in found),
    }


def _outputs(model, inputs):
    """Returns the outputs of a model as a list of float64 arrays."""
    try:
        outputs = keras.tree.flatten(model(inputs, training=False))
    # The layers of others, and inputs that they do not expect, raise anything.
    except Exception as error:
        raise UnusableInput(
            f"The model cannot be run: {summary(error)}.{advice(model)}"
        ) from error
    return [ops.convert_to_numpy(x).astype("float64") for x in outputs]


def milliseconds(before, after, inputs, rounds=15, patience=20):
    """Times two models in turn, so that a drifting machine hits both.

    Args:
        before: A function of the inputs that runs a model.
        after: The same of another one.
        inputs: What both are given.
        rounds: How often each runs; at least 3 times, but less often where it
            takes longer than `patience`.
        patience: In seconds.

    Returns:
        `{"before", "after", "ratio", "rounds"}`: medians of their times in
        milliseconds, and of the ratios.
    """
    for run in (before, after):
        run(inputs)  # compiles
    times, begin = [], time.perf_counter()
    while len(times) < rounds:
        times.append([_time(run, inputs) for run in (before, after)])
        patient = time.perf_counter() - begin < patience
        if len(times) >= _FEWEST_ROUNDS and not patient:
            break
    first, second = np.array(times).T * 1e3
    return {
        "before": float(np.median(first)),
        "after": float(np.median(second)),
        "ratio": float(np.median(second / first)),
        "rounds": len(times),
    }


def _time(run, inputs):
    start = time.perf_counter()
    run(inputs)
    return time.perf_counter() - start


def _largest(x):
    return float(np.max(np.abs(x), initial=0.0))
