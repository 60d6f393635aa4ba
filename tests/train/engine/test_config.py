import dataclasses

import pytest

from train.engine.command_line import parse
from train.engine.config import RunConfig
from train.engine.options import UsageError, option


@dataclasses.dataclass(frozen=True)
class Config(RunConfig):
    """Settings of a trainer that does not exist."""

    colour: str = option("red", "Which colour.", ("red", "blue"))
    rate: float = option(0.5, "How fast.")
    shiny: bool = option(True, "Whether to shine.")


def parsed(*arguments):
    return parse(Config, ["program", *arguments], "Does nothing.")


def test_defaults_are_those_of_the_dataclass():
    assert parsed() == Config()


def test_every_field_is_a_flag():
    config = parsed("--colour=blue", "--rate=2", "--noshiny", "--epochs=3")
    assert config == Config(colour="blue", rate=2.0, shiny=False, epochs=3)


def test_later_flags_win_and_files_are_read(tmp_path):
    flagfile = tmp_path / "flags"
    flagfile.write_text("--rate=3\n--epochs=4\n")
    config = parsed("--rate=1", f"--flagfile={flagfile}", "--epochs=5")
    assert (config.rate, config.epochs) == (3.0, 5)


@pytest.mark.parametrize(
    "argument, message",
    [
        ("--color=blue", "Unknown command line flag 'color'"),
        ("--colour=green", "should be one of <red|blue>"),
        ("--rate=fast", "rate=fast"),
        ("--epochs=1.5", "epochs=1.5"),
        ("nearest", "must be --name=value. Received: nearest"),
        ("--flagfile=nowhere", "nowhere"),
    ],
)
def test_what_cannot_be_used_is_named(argument, message):
    with pytest.raises(UsageError, match=message.replace("|", r"\|")):
        parsed(argument)


def test_help_names_every_flag_and_ends_well(capsys):
    with pytest.raises(SystemExit) as end:
        parsed("--help")
    text = capsys.readouterr().out
    assert end.value.code == 0
    assert text.startswith("Does nothing.")
    for field in dataclasses.fields(Config):
        assert f"--{field.name}=" in text
    assert "red|blue" in text
    assert max(map(len, text.splitlines())) <= 80
