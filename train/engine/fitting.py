"""One training in as few calls of `fit` as give each epoch its own batches."""

import keras


def fit_epochs(model, dataset, steps, position, epochs, callbacks):
    """Trains from a position to the end, or until a callback stops it.

    Usually `fit` is called once. The rest of an interrupted epoch is a call of
    its own, and so is each epoch that is no multiple of the steps that run at
    once, or the last of them would take batches of the next epoch. Callbacks
    see one training nevertheless.

    Args:
        model: A compiled and built `keras.Model`.
        dataset: A function from `(first_epoch, last_epoch, skip)` to the
            batches of these epochs without the first `skip`.
        steps: Steps per epoch.
        position: The position to begin at, `(epoch, step)`.
        epochs: The end.
        callbacks: A list of Keras callbacks.
    """
    seen = _OneTraining(callbacks, True, model=model, epochs=epochs, verbose=0)
    skipped = position[1]
    whole = steps % model.steps_per_execution == 0
    for first, last in _spans(*position, epochs, whole):
        seen.set_params(seen.params | {"steps": steps - skipped})
        count = (last - first) * steps - skipped
        model.fit(
            dataset(first, last, skipped).take(count),
            initial_epoch=first,
            epochs=last,
            steps_per_epoch=steps - skipped,
            callbacks=seen,
            shuffle=False,
            verbose=0,
        )
        skipped = 0
        if model.stop_training:
            break
    seen.finish()


def _spans(epoch, step, epochs, whole):
    """Yields the `(first, last)` epochs of each call of `fit`."""
    while epoch < epochs:
        last = epochs if whole and not step else epoch + 1
        yield epoch, last
        epoch, step = last, 0


class _OneTraining(keras.callbacks.CallbackList):
    """Lets callbacks begin with the first `fit` and end after the last."""

    begun = False
    logs = None

    def on_train_begin(self, logs=None):
        if not self.begun:
            self.begun = True
            super().on_train_begin(logs)

    def on_train_end(self, logs=None):
        self.logs = logs

    def finish(self):
        if self.begun:
            super().on_train_end(self.logs)
