"""Every form of a convolution gives the numbers of the plain one."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfupsample.ops import convolution


def numbers(rng, *shape):
    return tf.constant(rng.normal(size=shape).astype("float32"))


@pytest.mark.parametrize("height", [9, 24, 37])
@pytest.mark.parametrize("strides", [1, 2, (2, 1), (1, 3)])
def test_strips_are_the_whole(rng, height, strides):
    x, kernel = numbers(rng, 1, height, 11, 3), numbers(rng, 5, 4, 3, 2)
    made = convolution.in_strips(x, kernel, strides)
    expected = convolution.plain(x, kernel, strides)
    np.testing.assert_allclose(made, expected, atol=1e-5)


@pytest.mark.parametrize("size", [(5, 5), (9, 2), (2, 3), (1, 1)])
def test_rows_add_up_to_the_kernel(rng, size):
    x, kernel = numbers(rng, 2, 12, 13, 4), numbers(rng, *size, 4, 3)
    made = convolution.row_by_row(x, kernel)
    expected = convolution.plain(x, kernel)
    np.testing.assert_allclose(made, expected, atol=1e-5)


def derivatives(form, x, kernel):
    """The gradients, and the gradient of the length of that of the input."""
    with tf.GradientTape() as outer:
        outer.watch([x, kernel])
        with tf.GradientTape() as tape:
            tape.watch([x, kernel])
            loss = tf.reduce_sum(form(x, kernel) ** 2)
        first = tape.gradient(loss, [x, kernel])
        length = tf.reduce_sum(first[0] ** 2)
    return [*first, *outer.gradient(length, [x, kernel])]


def test_derivatives_are_those_of_the_plain_form(rng):
    x, kernel = numbers(rng, 1, 19, 8, 2), 0.1 * numbers(rng, 5, 3, 2, 3)
    expected = derivatives(convolution.plain, x, kernel)
    for form in (
        convolution.row_by_row,
        convolution.in_strips,
        lambda x, k: convolution.in_strips(x, k, 1, convolution.row_by_row),
    ):
        for one, two in zip(derivatives(form, x, kernel), expected):
            np.testing.assert_allclose(one, two, rtol=1e-3, atol=1e-3)


@pytest.fixture
def forms(monkeypatch):
    """Lets every picture count as large; lists the forms that were taken."""
    taken = []
    monkeypatch.setattr(convolution, "_LARGE", 0)
    for name in ("in_strips", "row_by_row"):
        form = getattr(convolution, name)

        def spy(*args, name=name, form=form):
            taken.append(name)
            return form(*args)

        monkeypatch.setattr(convolution, name, spy)
    return taken


def test_each_form_is_taken_where_it_is_quicker(rng, forms):
    x, kernel = numbers(rng, 1, 20, 20, 4), numbers(rng, 9, 9, 4, 3)
    expected = convolution.plain(x, kernel)
    made = convolution.convolve_valid(x, kernel)
    np.testing.assert_allclose(made, expected, atol=1e-4)
    assert forms == ["in_strips", "row_by_row"]
    forms.clear()
    convolution.convolve_valid(tf.repeat(x, 2, 0), kernel)
    assert forms == ["row_by_row"]
    forms.clear()
    convolution.convolve_valid(x, kernel, 2)
    convolution.convolve_valid(x, numbers(rng, 3, 3, 4, 16))
    assert forms == ["in_strips"] * 2


def test_what_cannot_be_cut_is_computed_plainly(rng, forms):
    x, kernel = numbers(rng, 2, 20, 20, 4), numbers(rng, 3, 3, 4, 16)
    convolution.convolve_valid(x, kernel)
    convolution.convolve_valid(x[:1], kernel, dilation_rate=2)
    convolution.convolve_valid(x[:1], numbers(rng, 9, 9, 2, 4))  # two groups
    model = keras.Sequential([keras.Input((None, None, 4))])
    model.add(
        keras.layers.Lambda(lambda x: convolution.convolve_valid(x, kernel))
    )
    assert model.output_shape == (None, None, None, 16)
    assert forms == []
