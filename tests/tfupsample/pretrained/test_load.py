"""What comes with the package loads, and loads right."""

import keras
import numpy as np
import processes
import pytest

import tfupsample
from models import dcgan, style_transfer, stylegan2
from models.autoencoder import reconstructor
from models.super_resolution import super_resolution
from tfupsample.errors import UnusableInput
from tfupsample.model_files.loading import read_meta_graph
from tfupsample.model_files.saved_model_ops import check_operations
from tfupsample.pretrained import load
from train.networks.write import write_saved_model

NAMES = tfupsample.list_pretrained()


def serve_and_keras(name, rng):
    """What both kinds make of the same two random inputs."""
    model = tfupsample.load_pretrained(name, "keras")
    inputs = [
        rng.uniform(-1, 1, [2, *(n or 32 for n in t.shape[1:])])
        for t in model.inputs
    ]
    inputs = [x.astype("float32") for x in inputs]
    inputs = inputs if inputs[1:] else inputs[0]
    served = tfupsample.load_pretrained(name).serve(inputs)
    return np.asarray(served), keras.ops.convert_to_numpy(model(inputs))


def first_of_each_kind():
    """The others are left to `make soak`."""
    seen = set()
    for name in NAMES:
        kind = load.find_entry(name).kind
        yield pytest.param(name, marks=[pytest.mark.soak] * (kind in seen))
        seen.add(kind)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*first_of_each_kind()])
def test_both_kinds_compute_the_same(name, rng):
    served, computed = serve_and_keras(name, rng)
    assert served.std() > 0.01  # trained, and not of one colour
    np.testing.assert_allclose(served, computed, atol=1e-4)


def test_all_fit_into_the_wheel():
    entries = [load.find_entry(name) for name in NAMES]
    assert sum(entry.size for entry in entries) < 40e6
    for entry in entries:
        weights = entry.files["variables/variables.data-00000-of-00001"]
        # Four bytes for each parameter and little else: none is held twice.
        assert weights.size < 4.1 * entry.card["parameters"] + 10_000


def test_a_loaded_model_is_saved_and_trained(tmp_path):
    model = tfupsample.load_pretrained("super_resolution_photos_x2", "keras")
    model.save(tmp_path / "x.keras")
    again = keras.saving.load_model(tmp_path / "x.keras")
    x = np.zeros((1, 8, 8, 3), "float32")
    np.testing.assert_array_equal(again(x), model(x))
    model.compile("sgd", "mse")
    assert np.isfinite(model.train_on_batch(x, np.zeros((1, 16, 16, 3))))


def test_near_names_are_offered():
    with pytest.raises(UnusableInput, match="dcgan_cifar10_deconv"):
        tfupsample.load_pretrained("dcgan_cifar_deconv")


def test_another_kind_is_refused():
    with pytest.raises(ValueError, match="`kind` must be"):
        tfupsample.load_pretrained(NAMES[0], "onnx")


def test_saved_models_need_nothing_of_this_project(tmp_path):
    """Neither `tf.saved_model.load` nor `TFSMLayer`."""
    folder = load.fetch(load.find_entry("dcgan_cifar10_nearest"))
    code = (
        "import sys\n"
        "sys.modules.update(dict.fromkeys(['tfupsample', 'models', 'train']))\n"
        "import keras, numpy as np, tensorflow as tf\n"
        "z = np.ones((3, 100), 'float32')\n"
        f"loaded = tf.saved_model.load({str(folder)!r})\n"
        "a = loaded.serve(z)\n"
        f"layer = keras.layers.TFSMLayer({str(folder)!r}, "
        "call_endpoint='serve')\n"
        "print(a.shape, np.array_equal(a, layer(z)), len(layer.weights))\n"
    )
    result = processes.run("-c", code, folder=tmp_path)
    assert result.stdout == "(3, 32, 32, 3) True 17\n", result.stderr


@pytest.mark.soak
@pytest.mark.parametrize("upsample", tfupsample.UPSAMPLERS)
def test_graphs_of_every_upsampler_may_be_loaded(upsample, tmp_path):
    networks = (
        dcgan.generator(8, width=2, upsample=upsample),
        reconstructor(None, width=2, depth=2, upsample=upsample),
        stylegan2.generator(8, width=2, latent_dim=4, upsample=upsample),
        style_transfer.network(2, width=2, blocks=1, upsample=upsample),
        super_resolution(3, width=2, blocks=1, upsample=upsample),
    )
    for i, model in enumerate(networks):
        folder = tmp_path / str(i)
        write_saved_model(model, folder)
        check_operations(read_meta_graph(folder), folder)
