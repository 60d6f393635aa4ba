"""Pictures of masks."""

import numpy as np

from tfupsample.images.masks import VOID, coloured


def test_classes_have_colours_of_their_own():
    shown = coloured(np.arange(VOID + 1).reshape(16, 16))
    assert shown.shape == (16, 16, 3) and shown.dtype == np.uint8
    assert (shown[0, 0] == 0).all() and (shown[15, 15] == 255).all()
    assert len(np.unique(shown[0], axis=0)) == 16
