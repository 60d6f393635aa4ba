"""How long a training waits for its batches."""

import time

import numpy as np


class WaitingTime:
    """Adds up how long whoever takes batches of a dataset waits for them.

    The batches are timed where they leave the dataset, so that it does not
    matter that compiled steps take them, on any backend. Where several devices
    share a batch, TensorFlow takes it some steps ahead, and the sum is an upper
    bound.

    Attributes:
        seconds: The sum so far.
    """

    def __init__(self):
        self.seconds = 0.0

    def of(self, dataset):
        """Returns the same batches, whose takers are timed.

        Args:
            dataset: A `tf.data.Dataset`.
        """
        import tensorflow as tf

        def count(before, batch, after):
            tf.numpy_function(self._add, [after - before], [])
            return batch

        forever = tf.data.Dataset.from_tensors(0).repeat()
        # Of Python: TensorFlow's is refused where runs are deterministic.
        clock = forever.map(lambda _: tf.numpy_function(_now, [], tf.float64))
        # One after the other: a batch is asked for between two readings.
        timed = tf.data.Dataset.zip(clock, dataset, clock).map(count)
        options = tf.data.Options()
        # Or batches would be taken ahead here, and nobody seen to wait.
        options.experimental_optimization.inject_prefetch = False
        return timed.with_options(options)

    def _add(self, seconds):
        self.seconds += float(seconds)


def _now():
    return np.float64(time.perf_counter())
