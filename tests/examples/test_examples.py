"""Each example runs, at toy size, and does what it says."""

import importlib
import json
import pathlib
import re

import keras
import numpy as np
import pytest

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"
NOTEBOOKS = sorted(path.stem for path in EXAMPLES.glob("*.ipynb"))
LARGEST = 300_000  # bytes of a notebook, its pictures included

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("eager")]


@pytest.fixture
def example(monkeypatch):
    """Returns the module of an example by its name."""
    monkeypatch.syspath_prepend(EXAMPLES)
    return importlib.import_module


@pytest.fixture
def run(example, tmp_path):
    """Runs an example at toy size; returns what it found."""

    def run(name):
        found = example(name).main(["--toy", "-o", str(tmp_path)])
        assert list(tmp_path.glob(f"{name}.*")), "no picture"
        return found

    return run


@pytest.fixture
def execute(example):
    """Runs the cells of a notebook with other parameters."""

    def execute(name, **parameters):
        names = {}
        for cell in cells(EXAMPLES / f"{name}.ipynb"):
            exec("".join(cell["source"]), names)
            if "parameters" in cell["metadata"].get("tags", []):
                assert parameters.keys() <= names.keys()
                names |= parameters
        return names

    return execute


def cells(path):
    """Returns the code cells of a notebook."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return [c for c in notebook["cells"] if c["cell_type"] == "code"]


def paints(inspection):
    """Returns the periods of what paints."""
    return {f.period for f in inspection.findings if f.severity == "paints"}


def test_one_line_fixes_the_dcgan_tutorial(run):
    found = run("dcgan_tutorial")
    assert paints(found["tutorial"][0]) == {2, 4}
    assert paints(found["fixed"][0]) == set()
    assert found["tutorial"][1] > found["fixed"][1] + 6


def test_one_line_fixes_the_cyclegan_generator(run):
    found = run("cyclegan_generator")
    assert paints(found["example"][0]) == {2, 4}
    assert paints(found["fixed"][0]) == set()
    assert np.all(np.subtract(found["example"][1], found["fixed"][1]) > 3)


def test_unets_are_measured_and_mirrors_leave_flat_pictures_flat(run, example):
    found = run("unet_segmentation")
    assert all(0 <= m["IoU"] <= 1 for m in found.values())
    module = example("unet_segmentation")
    spread = {
        name: np.ptp(module.unet(up, pad_mode, 2, 1)(np.ones((1, 16, 16, 1))))
        for name, (up, pad_mode) in module.UPSAMPLINGS.items()
    }
    assert spread["nearest, mirrored"] < 1e-5 < spread["deconv 2x2, zeros"]


def test_circular_textures_have_no_seam(run, example, rng):
    run("seamless_textures")
    noise = rng.normal(size=(2, 4, 5, 8))
    module = example("seamless_textures")
    network = module.generator("circular", width=4)
    moved = network(np.roll(noise, (1, 2), (1, 2)))
    expected = np.roll(network(noise), (8, 16), (1, 2))
    np.testing.assert_allclose(moved, expected, atol=1e-5)


def test_resize_convolutions_are_silent_where_the_input_is(run):
    found = run("audio_1d")
    assert found["resize"]["silence"] < -120 < found["transposed"]["silence"]
    assert found["transposed"]["hum"] > found["resize"]["hum"] + 6


def test_tiles_with_overlap_equal_the_whole_picture(run):
    for apart, shared in run("tiles_with_overlap").values():
        assert shared < 1e-4 * 127.5
        assert apart > 1


def test_fine_tuning_begins_where_the_trained_network_is(run, tmp_path):
    found = run("fine_tune")
    assert found["as it comes"] > found["from scratch"]
    assert abs(found["fine-tuned"] - found["as it comes"]) < 1
    tuned = keras.saving.load_model(tmp_path / "fine_tuned.keras")
    assert tuned(np.zeros((1, 8, 9, 3))).shape == (1, 16, 18, 3)


def test_the_notebook_finds_and_repairs(execute):
    names = execute("find_measure_repair", SAMPLES=32, STEPS=0)
    assert names["inspection"].has("paints")
    balanced = names["balanced"]
    assert (
        balanced.after[2]["prominence_db"]
        < balanced.before[2]["prominence_db"] - 3
    )
    assert len(names["distilled"].layers) == 3


def test_the_notebook_fixes_the_tutorial(execute):
    curves = execute("fix_the_dcgan_tutorial", EPOCHS=1, WIDTH=4, DIGITS=64)[
        "curves"
    ]
    assert np.all(np.subtract(curves["tutorial"], curves["fixed"]) > 6)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebooks_show_their_results_and_are_small(name):
    path = EXAMPLES / f"{name}.ipynb"
    outputs = [o for cell in cells(path) for o in cell["outputs"]]
    kinds = {o["output_type"] for o in outputs}
    assert "error" not in kinds
    shown = {kind for o in outputs for kind in o.get("data", {})}
    assert shown & {"image/jpeg", "image/png"}
    assert path.stat().st_size < LARGEST


def test_the_table_names_every_example_and_its_picture():
    table = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    links = set(re.findall(r"\]\(([\w./]+)\)", table))
    files = [p for p in EXAMPLES.iterdir() if p.suffix in (".py", ".ipynb")]
    assert {p.name for p in files} <= links
    assert all((EXAMPLES / link).is_file() for link in links)
