import numpy as np
import pytest

from tfupsample.pretrained.style_shares import style_shares


@pytest.mark.parametrize(
    "style, shares",
    [
        ("b", [0, 1, 0]),
        ("a:0.5,c:0.5", [0.5, 0, 0.5]),
        ("a,b,c:2", [0.25, 0.25, 0.5]),
    ],
)
def test_style_is_names_with_shares(style, shares):
    actual = style_shares(style, ["a", "b", "c"])
    np.testing.assert_allclose(actual, shares)


@pytest.mark.parametrize("style", ["d", "a:x", "a:-1,b:2", "a:0", "a:inf", ""])
def test_wrong_styles_are_named(style):
    with pytest.raises(ValueError, match="--style must"):
        style_shares(style, ["a", "b", "c"])
