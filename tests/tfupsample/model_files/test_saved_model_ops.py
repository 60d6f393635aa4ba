"""Operations that a SavedModel of this project may hold."""

import keras
import pytest

from tfupsample import UPSAMPLERS, make_upsampler
from tfupsample.model_files.loading import read_meta_graph
from tfupsample.model_files.saved_model_ops import check_operations
from train.networks.write import write_saved_model


@pytest.mark.parametrize("name", UPSAMPLERS)
def test_every_upsampler_can_ship(name, tmp_path):
    inputs = keras.Input((None, None, 4))
    network = keras.Model(inputs, make_upsampler(name, 3)(inputs))
    write_saved_model(network, tmp_path / "saved")
    check_operations(read_meta_graph(tmp_path / "saved"), tmp_path / "saved")
