"""Progress on a terminal, and in a file."""

import pytest

from tfupsample.commands import progress


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_a_file_gets_a_line_every_ten_seconds(clock, capsys):
    show = progress.Progress("tile")
    for done in range(1, 31):
        clock[0] += 1
        show(done, 30)
    assert capsys.readouterr().err.splitlines() == [
        "tile 10 of 30",
        "tile 20 of 30",
        "tile 30 of 30",
    ]


def test_a_terminal_gets_a_bar_that_fits(clock, capsys, monkeypatch):
    monkeypatch.setattr(progress.sys.stderr, "isatty", lambda: True, False)
    show = progress.Progress("picture")
    for done in range(1, 10001):
        show(done, 10000)
    text = capsys.readouterr().err
    *lines, last = text.split("\r")
    assert text.count("\n") == 1 and last.endswith("10000 of 10000\n")
    assert "#" * 30 in last and max(map(len, lines)) < 80
