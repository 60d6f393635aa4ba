"""The article's experiments: what is judged, kept and refused."""

import dataclasses
import json
import pathlib

import pytest

from train.engine.options import UsageError
from train.reproduce import __main__ as command
from train.reproduce import generators
from train.reproduce.findings import (
    Claim,
    Findings,
    Settings,
    excess,
    page,
    scores_of,
)


def scores(prominence):
    """As JSON has them."""
    return {str(p): {"prominence_db": v} for p, v in prominence.items()}


def run(**decibels):
    """Scores of a training whose images have patterns above the real ones."""
    real = {2: -3.0, 4: 0.5, 8: 1.0}
    return {
        "training images": scores(real),
        "untrained": scores(
            {p: v + decibels["untrained"] for p, v in real.items()}
        ),
        "trained": scores(
            {p: v + decibels["trained"] for p, v in real.items()}
        ),
    }


@pytest.fixture(scope="module")
def overlap(tmp_path_factory):
    folder = tmp_path_factory.mktemp("overlap")
    config = command.Config(workdir=str(folder), only="overlap")
    command.reproduce(config)
    return config


def test_excess_is_over_real_images():
    assert excess(scores({2: 9.0}), scores({2: 4.0})) == {2: 5.0}


def test_the_exact_claims_hold(overlap):
    report = pathlib.Path(overlap.workdir) / "report"
    found = json.loads((report / "results.json").read_text())
    claims = found["experiments"]["overlap"]["claims"]
    assert len(claims) == 5
    assert all(claim["confirmed"] for claim in claims)
    text = (report / "README.md").read_text()
    for name in found["experiments"]["overlap"]["figures"]:
        assert (report / name).stat().st_size > 1000
        assert f"]({name})" in text


def test_what_is_done_is_not_done_again(overlap, monkeypatch):
    monkeypatch.setitem(command.EXPERIMENTS, "overlap", ("", None))
    command.reproduce(overlap)


def test_findings_of_other_settings_are_refused(overlap):
    with pytest.raises(UsageError, match="other settings"):
        command.reproduce(dataclasses.replace(overlap, seed=1))


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", '{"settings": 1, "experiments": {"overlap": 2}}']
)
def test_damaged_findings_are_one_sentence(tmp_path, text):
    path = tmp_path / "report" / "results.json"
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(UsageError, match="results.json is damaged"):
        command.reproduce(command.Config(workdir=str(tmp_path), only="overlap"))


def test_damaged_scores_are_measured_again(tmp_path, capsys):
    path = tmp_path / "scores.json"
    path.write_text('{"trained": {')

    def train(config):
        path.write_text('{"trained": 1}')

    config = command.Config(workdir=str(tmp_path))
    assert scores_of(config, train) == {"trained": 1}
    assert "scores.json cannot be read" in capsys.readouterr().err
    assert scores_of(config, None) == {"trained": 1}


def test_unknown_experiments_are_named(tmp_path):
    with pytest.raises(UsageError, match="overlap, generators.*colour"):
        command.reproduce(command.Config(workdir=str(tmp_path), only="colour"))


@pytest.mark.parametrize("found", [True, False])
def test_patterns_before_and_after_training_decide_the_claims(found):
    painted = run(untrained=9.0 * found, trained=9.0 * found)
    clean = run(untrained=0.1, trained=0.1)
    assert generators._before("deconv in last", painted).confirmed == found
    assert generators._before("deconv in none", painted).confirmed != found
    two, one, none = generators._after(painted, painted, clean)
    assert [two.confirmed, one.confirmed, none.confirmed] == [
        found,
        found,
        True,
    ]
    assert not generators._after(clean, clean, run(untrained=0, trained=4))[
        2
    ].confirmed


@pytest.mark.parametrize(
    "asked, quick, expected", [(0, True, 1), (0, False, 6), (2, True, 2)]
)
def test_epochs_are_what_was_asked_or_what_is_needed(asked, quick, expected):
    settings = Settings(None, None, {}, quick, asked)
    assert settings.epochs_of(quick=1, full=6) == expected


def test_the_page_says_what_was_not_confirmed():
    text = page(
        {"Title": Findings([Claim("It is so.", "1 dB", False)], {}, {})}
    )
    assert "| It is so. | 1 dB | not confirmed |" in text
