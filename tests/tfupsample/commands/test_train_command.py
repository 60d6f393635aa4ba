"""`tfupsample train`, and trained models beside packages of the user's."""

import re
import sys

import processes
import pytest

from tfupsample import cli
from train.ship import record

FOREIGN = {  # which must never run
    "train.py": "raise SystemExit('own train.py')",
    "train/__init__.py": "raise SystemExit('own train')",
    "models/dcgan.py": "raise SystemExit('own models.dcgan')",
}


@pytest.fixture
def own_folder(tmp_path):
    """A working folder that has `models` and `train` of its own."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models/__init__.py").write_text("MINE = 1")
    for name, code in FOREIGN.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(code)
    return tmp_path


def start(code, folder):
    """Runs Python as it starts in a folder, which it looks into first."""
    first = "import sys; sys.path.insert(0, '')\n"
    return processes.run("-c", first + code, folder=folder)


def test_trained_models_load_beside_other_models(own_folder):
    result = start(
        "import models, numpy as np, tfupsample\n"
        "from PIL import Image\n"
        "from tfupsample.cli import main\n"
        "z = np.zeros((1, 100), 'float32')\n"
        "a = tfupsample.load_pretrained('dcgan_cifar10_nearest', 'keras')\n"
        "b = tfupsample.load_pretrained('dcgan_cifar10_nearest')\n"
        "assert np.allclose(a(z), b.serve(z), atol=1e-4)\n"
        "assert main(['sample', 'dcgan_cifar10_nearest', '-n', '1']) == 0\n"
        "Image.new('RGB', (24, 24)).save('in.png')\n"
        "name = 'style_transfer_paintings'\n"
        "assert main(['apply', name, 'in.png', '-o', 'out.png']) == 0\n"
        "style = tfupsample.load_pretrained(name, 'keras')\n"
        "import keras\n"
        "names = {keras.saving.get_registered_name(type(layer))\n"
        "         for layer in style.layers}\n"
        "print(models.MINE, [n for n in names if 'tfupsample.models' in n])\n",
        own_folder,
    )
    assert result.stdout.splitlines()[-1] == (
        "1 ['tfupsample.models>ConditionalInstanceNormalization']"
    ), result.stderr
    assert (own_folder / "grid.png").exists()
    assert (own_folder / "out.png").exists()


@pytest.mark.slow
def test_a_trainer_runs_beside_what_is_called_like_it(own_folder):
    result = start(
        "from tfupsample.cli import main\n"
        "main(['train', 'deep_image_prior', '--image_size=32', '--width=2',\n"
        "      '--dry_run'])\n",
        own_folder,
    )
    assert result.returncode == 0, result.stderr
    assert "Nothing was written." in result.stdout
    assert result.stderr == ""


def test_help_shows_what_was_typed(own_folder):
    result = start(
        "from tfupsample.cli import main; main(['train', 'dcgan', '--help'])",
        own_folder,
    )
    assert "    tfupsample train dcgan --upsample=nearest\n" in result.stdout
    assert "-m train" not in result.stdout
    assert "--latent_dim=INT" in result.stdout


def test_trainers_are_listed_in_the_width_of_the_terminal(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    assert cli.main(["train"]) == 0
    lines = capsys.readouterr().out.splitlines()
    names = {line.split()[0] for line in lines if line[0] != " "}
    assert {"dcgan", "stylegan2", "compare", "export", "reproduce"} <= names
    assert not {"__init__", "engine", "data"} & names
    assert max(map(len, lines)) <= 60
    assert re.search("^dcgan +Trains a DCGAN", "\n".join(lines), re.M)


def test_near_names_are_offered(capsys):
    assert cli.main(["train", "dcgn"]) == 2
    assert "Did you mean dcgan?" in capsys.readouterr().err


def test_a_defect_shows_its_trace(monkeypatch, capsys):
    def fail(*args, **kwargs):
        raise RuntimeError("of the trainer")

    monkeypatch.setattr("runpy.run_module", fail)
    monkeypatch.setattr(sys, "argv", sys.argv)
    assert cli.main(["train", "dcgan"]) == 1
    errors = capsys.readouterr().err
    assert "Traceback" in errors and "RuntimeError: of the trainer" in errors


@pytest.mark.parametrize(
    "program", ["/some where/train/dcgan.py", "tfupsample train dcgan"]
)
def test_cards_say_how_a_checkout_repeats_a_run(program):
    command = record._command({"command": [program, "--seed=1"]})
    assert command == "python -m train.dcgan --seed=1"
