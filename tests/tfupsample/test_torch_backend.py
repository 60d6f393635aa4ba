"""The same on the PyTorch backend of Keras as on TensorFlow."""

import json
import os
import subprocess
import sys

import backend_outputs
import numpy as np
import processes
import pytest
from backend_cases import LOSSES, distilled_psnr, painter
from layer_cases import ALL, example
from layer_checks import assert_close
from numbered_arrays import numbered, stored

from tfupsample import list_pretrained
from tfupsample.pretrained.load import PLACE
from tfupsample.repair.choices import METHODS

TOLERANCE = 1e-5  # largest error over the largest value
MEASURES = (
    "border_error",
    "equivariance",
    "gradient_pattern",
    "operator_matrix",
    "power_spectrum",
    "radial_spectrum",
    "score",
    "spectral_distance",
)

pytestmark = pytest.mark.torch


def python(*words, folder=processes.ROOT):
    """Runs Python with PyTorch, in a process that has imported nothing yet."""
    path = os.pathsep.join([str(processes.ROOT), f"{processes.ROOT}/tests"])
    return subprocess.run(
        [sys.executable, *map(str, words)],
        env=os.environ | {"KERAS_BACKEND": "torch", "PYTHONPATH": path},
        cwd=folder,
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """`(arrays, said)` of TensorFlow, then of PyTorch."""
    rng, inputs = np.random.default_rng(0), {}
    for name, make_layer in ALL.items():
        layer, x = make_layer(), example(rng, make_layer)
        layer.build(x.shape)
        inputs |= numbered(name, [x, *layer.get_weights()])
    folder = tmp_path_factory.mktemp("torch")
    np.savez(folder / "inputs.npz", **inputs)
    ended = python("-m", "backend_outputs", folder)
    assert ended.returncode == 0, ended.stderr
    arrays, said = backend_outputs.other_arrays()
    arrays |= backend_outputs.layer_arrays(inputs)
    found = dict(np.load(folder / "outputs.npz"))
    assert found.keys() == arrays.keys()
    return (arrays, json.loads(json.dumps(said))), (
        found,
        json.loads((folder / "said.json").read_text()),
    )


@pytest.mark.parametrize(
    "name",
    [
        *ALL,
        *(f"loss {name}" for name in LOSSES),
        *(f"measure {name}" for name in MEASURES),
        *(f"trained {name}" for name in list_pretrained()),
        *(f"repair {method}" for method in METHODS),
    ],
)
def test_arrays_are_those_of_tensorflow(name, results):
    """Of layers and losses the gradients too, of first and second order."""
    (expected, _), (found, _) = results
    assert_close(stored(found, name), stored(expected, name), TOLERANCE)


@pytest.mark.parametrize("name", ["inspected", *METHODS])
def test_words_and_scores_are_those_of_tensorflow(name, results):
    """Of the painter; the numbers of a clean model are rounding."""
    (_, expected), (_, found) = results
    expected, found = dict(leaves(expected[name])), dict(leaves(found[name]))
    assert found.keys() == expected.keys()
    for path, value in expected.items():
        if isinstance(value, float):
            clean = path[0] == "clean"
            assert clean or found[path] == pytest.approx(value, 1e-4, 1e-4)
        else:
            assert found[path] == value, path


def leaves(tree, path=()):
    """Yields what is in dictionaries and lists, with the way to it."""
    if not isinstance(tree, dict | list):
        yield path, tree
        return
    items = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, value in items:
        yield from leaves(value, (*path, key))


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    path = tmp_path_factory.mktemp("gradients") / "failures.json"
    ended = python("-m", "torch_gradients", path)
    assert ended.returncode == 0, ended.stderr
    return json.loads(path.read_text())


def test_derivatives_are_those_of_finite_differences(checked):
    """In float64, of first and second order."""
    planted = checked.pop("float32")
    assert "Jacobian mismatch" in planted
    assert len(checked) > 20
    assert not {name: said for name, said in checked.items() if said}


def test_importing_everything_imports_no_tensorflow():
    code = (
        "import sys, tfupsample\n"
        "for name in tfupsample.__all__: getattr(tfupsample, name)\n"
        "print('torch' in sys.modules, 'tensorflow' in sys.modules)"
    )
    ended = python("-c", code)
    assert ended.stdout == "True False\n", ended.stderr


@pytest.fixture(scope="module")
def painting(tmp_path_factory):
    path = tmp_path_factory.mktemp("painter") / "painter.keras"
    painter().save(path)
    return path


def test_commands_inspect_and_repair_files(painting):
    command = ("-m", "tfupsample.cli")
    ended = python(*command, "inspect", painting)
    assert ended.returncode == 1, ended.stderr
    assert "paints" in ended.stdout
    target = painting.with_name("repaired.keras")
    smooth = ("repair", painting, "-o", target, "--method=smooth", "--force")
    ended = python(*command, *smooth)
    assert ended.returncode == 0, ended.stderr
    assert target.exists()
    ended = python(*command, "score", target.parent)  # the picture beside it
    assert ended.returncode == 0, ended.stderr


SAVED_MODEL = PLACE / "dcgan_cifar10_deconv"


def test_commands_read_saved_models_but_do_not_run_them():
    command = ("-m", "tfupsample.cli", "inspect", SAVED_MODEL)
    ended = python(*command)
    assert ended.returncode == 1, ended.stderr
    ended = python(*command, "--run")
    assert ended.returncode == 2
    assert "run on the TensorFlow backend alone" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_commands_draw_with_trained_models(tmp_path):
    words = ("sample", "dcgan_cifar10_nearest", "-n", "4", "-o", "grid.png")
    ended = python("-m", "tfupsample.cli", *words, folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "grid.png").exists()


@pytest.mark.parametrize("trainer", ["dcgan", "classifier", "deep_dream"])
def test_trainers_name_the_backends_they_need(trainer, tmp_path):
    ended = python("-m", f"train.{trainer}", f"--workdir={tmp_path}/run")
    assert ended.returncode == 2
    assert ended.stderr == (
        "Trainers need TensorFlow or JAX: set KERAS_BACKEND=tensorflow or "
        "KERAS_BACKEND=jax. Received: KERAS_BACKEND=torch\n"
    )
    assert not list(tmp_path.iterdir())


def test_distillation_ends_where_tensorflow_ends():
    code = "from backend_cases import distilled_psnr\nprint(distilled_psnr())"
    ended = python("-c", code)
    assert ended.returncode == 0, ended.stderr
    assert float(ended.stdout) == pytest.approx(distilled_psnr(), abs=0.01)
