"""Every flag of every command at wrong values: status 2 or 3, one sentence.

Numbers and choices are refused where flags are read; what only a network, the
data or a file can refuse, by the trainer before it trains or writes.
"""

import dataclasses
import gc
import importlib
import os

import entry_points
import keras
import pytest

from tfupsample import cli
from train.engine.command_line import parse
from train.engine.options import UsageError

TRAINERS = {
    name: importlib.import_module(f"train.{name}")
    for name in (
        "autoencoder",
        "classifier",
        "dcgan",
        "deep_dream",
        "deep_image_prior",
        "deep_image_prior_sweep",
        "factors",
        "reproduce.__main__",
        "segmentation",
        "style_transfer",
        "stylegan2",
        "super_resolution",
        "vocoder",
    )
}
NUMBERS = ("", "two", "nan", "-inf", "inf", "1e400", "-2", str(10**12))
WRONG = {
    bool: ("2", "maybe", "nan"),
    int: (*NUMBERS, "1.5", "0x", str(2**64)),
    float: NUMBERS,
}
# Flags of text, and what may refuse them only when the trainer runs.
TEXTS = {
    "dcgan": {
        "upsample": "nothing",
        "classifier": "nowhere.keras",
        "inception_weights": "nowhere.h5",
        "init_from": "nowhere.keras",
        "data_dir": "nowhere",
        "dataset": "no_such_dataset",
        "hosts": "here",
        "callbacks": "nowhere:nothing",
        "momentum": "0.9 --ema_halflife=100",
        "keep_best": "spectral_db",
        "validation": "0.01",
        "config": "nowhere.json",
        "flagfile": "nowhere",
        "image_size": "33",
        "num_devices": "99",
        "batch_size": "3 --num_devices=2",
    },
    "stylegan2": {"upsample": "nothing"},
    "autoencoder": {"image_size": "20", "depth": "9"},
    "classifier": {"label": "nothing", "test_dir": "nowhere"},
    "deep_dream": {"layer": "nothing", "model": "nowhere.keras"}
    | {"image": "nowhere.png"},
    "deep_image_prior": {"image": "nowhere.png", "image_size": "33"}
    | {"upsample": "nearest,deconv"},
    "segmentation": {"data_dir": "nowhere", "dataset": "shapes"},
    "style_transfer": {
        "styles": "nowhere",
        "vgg_weights": "nowhere.h5",
        "classifier": "nowhere.keras --features=classifier",
    },
    "super_resolution": {"upsample": "nothing", "test_dir": "nowhere"},
}


def refused(config, argument):
    try:
        return f"{argument}: {parse(config, ['program', argument], '')}"
    except UsageError as error:
        assert str(error).count("\n") <= 1, error
        return None


@pytest.mark.parametrize("name", TRAINERS)
def test_flags_refuse_wrong_numbers_and_choices(name):
    config = TRAINERS[name].Config
    accepted = []
    for field in dataclasses.fields(config):
        choices = field.metadata["choices"]
        values = ("", "nothing", "0") if choices else WRONG.get(field.type, ())
        accepted += [
            found
            for value in values
            if (found := refused(config, f"--{field.name}={value}"))
        ]
        number = field.type in (int, float)
        assert not number or refused(config, f"--{field.name}") is None
    assert not accepted, "\n".join(accepted)


@pytest.mark.parametrize(
    "name, flag, said",
    [
        ("style_transfer", "--apply=a.png", "tfupsample apply RUN"),
        ("super_resolution", "--output=a.png", "tfupsample apply RUN"),
        ("stylegan2", "--traverse=hue", "train.traverse RUN"),
        ("deep_image_prior", "--sweep", "train.deep_image_prior_sweep"),
    ],
)
def test_flags_that_became_commands_say_so(name, flag, said):
    with pytest.raises(UsageError, match=f"no {flag.split('=')[0]}.*{said}"):
        parse(TRAINERS[name].Config, ["program", flag], "")


TOY = {
    "dataset": "folder",
    "image_size": 16,
    "epochs": 1,
    "batch_size": 8,
    "device": "cpu",
}
TEXT_CASES = [
    (name, flag, value)
    for name, values in TEXTS.items()
    for flag, value in values.items()
]


@pytest.mark.parametrize("name, flag, value", TEXT_CASES)
def test_trainers_refuse_before_they_train_or_write(
    name, flag, value, photos, tmp_path, monkeypatch, capsys
):
    trainer = TRAINERS[name]
    known = {field.name for field in dataclasses.fields(trainer.Config)}
    settings = TOY | {"data_dir": photos, "workdir": tmp_path / "run"}
    settings = {k: v for k, v in settings.items() if k in known}
    value, *others = value.split()
    others = dict(other.removeprefix("--").split("=") for other in others)
    settings |= {flag: value} | others
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        keras.Model, "fit", lambda *_, **__: pytest.fail("It trains.")
    )
    status, error = entry_points.end_here(
        trainer, settings, monkeypatch, capsys
    )
    assert status in (2, 3), error
    assert error.strip() and len(error.strip().splitlines()) == 1, error
    written = {p.name for p in tmp_path.rglob("*") if p.is_file()}
    assert written <= {".lock", "config.json", *os.listdir(photos)}


@pytest.mark.slow
def test_refused_settings_do_not_bind_the_folder(
    photos, tmp_path, monkeypatch, capsys
):
    settings = TOY | {"data_dir": photos, "workdir": tmp_path / "run"}

    def begun(*_, **__):
        raise UsageError("Begun.")

    monkeypatch.setattr(keras.Model, "fit", begun)
    for upsample, message in (("nothing", "`upsample`"), ("nearest", "Begun.")):
        given = settings | {"upsample": upsample}
        gc.collect()  # the folder's lock goes with the run
        assert (
            message
            in entry_points.end_here(
                TRAINERS["dcgan"], given, monkeypatch, capsys
            )[1]
        )


PARSED = {
    "score": ("--period=1", "--period=two", "--period=nan"),
    "inspect": ("--samples=-1", "--samples=1.5", f"--samples={10**12}"),
    "sample": ("-n=0", f"-n={10**12}", "--seed=-1", "--seed=nan")
    + ("--truncation=1.1", "--truncation=nan"),
    "repair": (
        "--method=nothing",
        "--interpolation=nothing",
        "--pad_mode=nothing",
        "--distill=-1",
        "--size=0",
        f"--size={10**9}",
        "--input_range=nan",
    ),
    "apply": ("--nothing",),
    "explore": ("--nothing",),
    "list": ("--nothing",),
    "nothing": (),
}
REFUSED = [
    ["inspect", "nowhere.keras"],
    ["score", "nowhere"],
    ["sample", "nothing"],
    ["sample", "classifier_cifar10"],
    ["sample", "dcgan_cifar10_nearest", "--truncation=0.5"],
    ["sample", "dcgan_cifar10_nearest", "-o", "grid.txt"],
    ["apply", "nothing", "in.png", "-o", "out.png"],
    ["apply", "dcgan_cifar10_nearest", "nowhere.png", "-o", "out.png"],
    ["apply", "super_resolution_photos_x2", "nowhere.png", "-o", "out.png"],
    ["repair", "nowhere.keras", "-o", "out.keras"],
    ["explore", "-o", "nowhere/explorer.html"],
]


@pytest.mark.parametrize("command", PARSED)
def test_the_parser_refuses(command, capsys):
    for flag in PARSED[command] or ("",):
        more = ["1"] if flag.startswith("--input_range") else []
        with pytest.raises(SystemExit) as end:
            cli.main([command, *flag.split("="), *more, "x", "-o=y.keras"])
        assert end.value.code == 2
        assert "error: " in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("argv", REFUSED, ids=" ".join)
def test_commands_refuse_files_and_names(argv, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(argv) == 2
    out, err = capsys.readouterr()
    assert not out and len(err.splitlines()) == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "name", ["compare", "export", "ship.__main__", "traverse"]
)
def test_commands_for_runs_refuse_what_is_no_run(
    name, tmp_path, monkeypatch, capsys
):
    module = importlib.import_module(f"train.{name}")
    said = ("--data=x", "--license=x", "--failures=x")
    positional = {"ship.__main__": ["toy", *said], "traverse": ["hue"]}
    more = positional.get(name, [])
    monkeypatch.chdir(tmp_path)
    for argv, in_parser in (
        (["nowhere", *more], False),
        (["nowhere", *more, "--nothing"], True),
    ):
        monkeypatch.setattr("sys.argv", [name, *argv])
        if in_parser:
            with pytest.raises(SystemExit, match="2"):
                module.main()
        else:
            assert module.main() == 2
        assert len(capsys.readouterr().err.strip().splitlines()[-1:]) == 1
    assert not list(tmp_path.iterdir())
