import numpy as np
import pytest

from tfupsample.report.before_after import before_after


def test_a_row_of_the_difference_shows_what_changed_and_nothing_else():
    before = np.zeros((3, 64, 64, 3))
    before[:, :32] = 1
    after = before.copy()
    after[:, 40:48:2, 40:48] += 0.1
    sheet = np.asarray(before_after(before, after)).astype(int)
    first, second, third = np.split(sheet, 3)
    detail = np.s_[22:, 256:512]  # beside the first picture
    assert np.ptp(third[22:150, :100]) == 0  # grey where nothing changed
    assert np.ptp(third[detail]) > 100
    assert np.ptp(first[detail]) == 0 < np.ptp(second[detail])


@pytest.mark.parametrize(
    "shape", [(2, 7, 9, 1), (5, 28, 28, 1), (1, 600, 300, 3)]
)
def test_any_size_makes_a_sheet_of_the_same_height(shape, rng):
    images = rng.normal(size=shape)
    sheet = before_after(images, images)
    assert sheet.height == 3 * (256 + 22)
    assert sheet.width == 2 * 256 * min(len(images), 3)
