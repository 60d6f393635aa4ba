import numpy as np
import pytest

from tfupsample import UPSAMPLERS, make_upsampler
from tfupsample.layers.upsampler import upsampler_names


@pytest.mark.parametrize("name", UPSAMPLERS)
def test_every_name_makes_a_layer_of_the_promised_shape(name):
    layer = make_upsampler(name, 5, 4, 3, "edge", use_bias=False)
    assert layer(np.ones((2, 4, 3, 2), "float32")).shape == (2, 12, 9, 5)
    assert len(layer.weights) == 1


@pytest.mark.parametrize("name", UPSAMPLERS)
def test_only_deconv_paints_on_a_flat_image(name):
    layer = make_upsampler(name, 5, kernel_initializer="random_normal")
    y = layer(np.ones((1, 6, 6, 4), "float32")).numpy()[:, 4:-4, 4:-4]
    paints = np.ptp(y, axis=(1, 2)).max() > 1e-5
    assert paints == (name == "deconv")


def test_unknown_name_lists_the_choices():
    with pytest.raises(ValueError, match="`name` must be one of .*'deconv'"):
        make_upsampler("deconvolution", 5)


def test_names_for_each_upsampling():
    assert upsampler_names("nearest", 3) == ["nearest"] * 3
    assert upsampler_names("nearest,deconv", 2) == ["nearest", "deconv"]
    assert upsampler_names(["subpixel"], 2) == ["subpixel"] * 2
    with pytest.raises(ValueError, match="one name or 3"):
        upsampler_names("nearest,deconv", 3)
    with pytest.raises(ValueError, match="Received: 'linear'"):
        upsampler_names("nearest,linear", 2)
