import keras
import numpy as np
import pytest

from tfupsample.measures.overlap import box_gain, overlap, unevenness


def test_the_facts_of_the_article():
    """Kernel 3, stride 2: every other pixel twice, 2-D one to four."""
    assert sorted(overlap([(3, 2)])) == [1, 2]
    assert sorted(overlap([(3, 2)], rank=2).ravel()) == [1, 2, 2, 4]
    assert unevenness([(3, 2)]) == 2
    assert unevenness([(3, 2)], rank=2) == 4
    assert unevenness([(4, 2)], rank=2) == 1


@pytest.mark.parametrize("kernel_size", range(1, 9))
@pytest.mark.parametrize("stride", range(1, 6))
def test_even_exactly_where_the_stride_divides_the_kernel(kernel_size, stride):
    even = unevenness([(kernel_size, stride)]) == 1
    assert even == (kernel_size % stride == 0)


def test_a_kernel_smaller_than_its_stride_leaves_pixels_out():
    assert overlap([(2, 3)]).tolist() == [1, 1, 0]
    assert unevenness([(2, 3)]) == float("inf")


STACKS = [
    [(3, 2)],
    [(5, 3)],
    [(3, 2), (3, 2)],
    [(3, 2), (3, 1)],
    [(4, 2), (3, 2), (3, 2)],
    [(5, 3), (4, 2)],
]


@pytest.mark.parametrize("layers", STACKS)
@pytest.mark.parametrize("rank", [1, 2])
def test_counts_are_what_ones_become(layers, rank):
    """In the interior, for kernels of ones."""
    kinds = {
        1: (keras.layers.Conv1DTranspose, keras.layers.Conv1D),
        2: (keras.layers.Conv2DTranspose, keras.layers.Conv2D),
    }
    period = int(np.prod([stride for _, stride in layers]))
    x = np.ones((1, *(12,) * rank, 1), "float32")
    for size, stride in layers:
        layer = kinds[rank][stride == 1](
            1, size, stride, kernel_initializer="ones", padding="valid"
        )
        x = layer(x)
    x = np.asarray(x)[0, ..., 0]
    middle = slice(x.shape[0] // 2, x.shape[0] // 2 + period)
    found = x[(middle,) * rank]
    shifts = [
        np.roll(overlap(layers, rank), shift, axis=range(rank))
        for shift in np.ndindex((period,) * rank)
    ]
    assert any((found == shifted).all() for shifted in shifts)


@pytest.mark.parametrize("stride, kernel_size", [(2, 3), (3, 5), (4, 6)])
@pytest.mark.parametrize("later", range(1, 9))
def test_a_later_layer_damps_harmonics_as_its_box(stride, kernel_size, later):
    before = np.fft.fft(overlap([(kernel_size, stride)]))
    after = np.fft.fft(overlap([(kernel_size, stride), (later, 1)])) / later
    gain = box_gain(later, stride)
    np.testing.assert_allclose(np.abs(after), gain * np.abs(before), atol=1e-9)


def test_removed_are_the_periods_that_divide_the_size():
    np.testing.assert_array_equal(box_gain(2, 4)[2], 0)  # period 2
    assert box_gain(2, 4)[1] == pytest.approx(np.sqrt(0.5))  # period 4
    assert (box_gain(4, 4)[1:] == 0).all()
    assert (box_gain(3, 2)[1:] > 0).all()
    assert unevenness([(3, 2), (2, 1)]) == 1
    assert unevenness([(3, 2), (3, 1)]) > 1


def test_wrong_numbers_are_named():
    with pytest.raises(ValueError, match="`stride` must be an integer"):
        overlap([(3, 0)])
    with pytest.raises(ValueError, match="`kernel_size` must be an integer"):
        box_gain(1.5, 2)
