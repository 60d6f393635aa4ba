"""Batches: their range, and an order that survives interruptions."""

import numpy as np
import pytest

from train.data import DataError, batches

COUNT, BATCH = 23, 5
STEPS = COUNT // BATCH


@pytest.fixture(scope="module")
def images():
    # Each picture is of one grey level of its own.
    levels = np.arange(COUNT, dtype=np.uint8) * 11
    return np.broadcast_to(levels[:, None, None, None], (COUNT, 4, 4, 3)).copy()


def served(images, seed, first, last, skip=0):
    """Which picture went into each place of each batch."""
    rows = []
    for batch in batches(images, BATCH, seed, first, last, skip=skip):
        levels = (batch.numpy()[:, 0, 0, 0] + 1) * 127.5
        rows.append(np.round(levels / 11).astype(int))
    return np.array(rows)


def test_batches_are_float32_from_minus_one_to_one():
    extremes = np.zeros((2, 4, 4, 1), np.uint8)
    extremes[1] = 255
    (batch,) = batches(extremes, 2, 0, 0, 1)
    assert batch.dtype == np.float32
    assert sorted(np.unique(batch)) == [-1.0, 1.0]


def test_shape_is_known_without_running(images):
    spec = batches(images, BATCH, 0, 0, 1).element_spec
    assert spec.shape == (BATCH, 4, 4, 3)


def test_number_of_batches_is_known_and_true(images):
    dataset = batches(images, BATCH, 0, 1, 4)
    assert len(dataset) == 3 * STEPS == len(list(dataset))


def test_no_picture_repeats_within_an_epoch(images):
    order = served(images, 0, 0, 1)
    assert order.shape == (STEPS, BATCH)
    assert len(np.unique(order)) == STEPS * BATCH


def test_order_differs_between_epochs(images):
    order = served(images, 0, 0, 2)
    assert not np.array_equal(order[:STEPS], order[STEPS:])


def test_order_is_the_same_for_the_same_seed(images):
    np.testing.assert_array_equal(
        served(images, 7, 0, 2), served(images, 7, 0, 2)
    )


def test_order_differs_between_seeds(images):
    assert not np.array_equal(served(images, 7, 0, 1), served(images, 8, 0, 1))


def test_order_does_not_depend_on_the_global_seed(images):
    import tensorflow as tf

    tf.random.set_seed(1)
    first = served(images, 7, 0, 1)
    tf.random.set_seed(2)
    np.testing.assert_array_equal(first, served(images, 7, 0, 1))


def test_resumed_run_sees_the_tail_of_the_undisturbed_run(images):
    whole = served(images, 7, 0, 4)
    np.testing.assert_array_equal(served(images, 7, 2, 4), whole[2 * STEPS :])


def test_run_resumed_inside_an_epoch_sees_what_is_left(images):
    whole = served(images, 7, 2, 4)
    for skip in (1, STEPS, STEPS + 1, 2 * STEPS):
        left = served(images, 7, 2, 4, skip)
        np.testing.assert_array_equal(left, whole[skip:].reshape(left.shape))
        assert len(batches(images, BATCH, 7, 2, 4, skip=skip)) == len(left)


def test_finished_run_has_no_batches_left(images):
    assert len(list(batches(images, BATCH, 0, 3, 3))) == 0


def test_pictures_are_held_in_memory_once():
    images = np.zeros((4, 4, 4, 1), np.uint8)
    dataset = batches(images, 4, 0, 0, 1)
    images[:] = 255
    assert next(iter(dataset)).numpy().min() == 1


def test_too_few_pictures_for_a_batch_are_an_error(images):
    with pytest.raises(DataError, match=f"{COUNT}.*received {COUNT + 1}"):
        batches(images, COUNT + 1, 0, 0, 1)
