import sys

import numpy as np
import pytest

from tfupsample.errors import UnusableInput
from tfupsample.measures.border import BorderDeviation, BorderError
from tfupsample.measures.lines import LongTimeSpectrum
from tfupsample.measures.spectrum import Spectrum
from tfupsample.report import plots

IMAGES = np.random.default_rng(0).normal(size=(4, 32, 32, 3))
RINGS = np.linspace(0, 1, 8)
FIGURES = {
    "overlap": lambda: plots.overlap_figure([(3, 2), (5, 2)]),
    "operator": lambda: plots.operator_figure(np.eye(5)),
    "gains": lambda: plots.gains_figure(np.zeros((4, 3, 2))),
    "pattern": lambda: plots.pattern_figure(IMAGES, 4),
    "prominence": lambda: plots.prominence_figure(IMAGES, 3),
    "strength": lambda: plots.strength_figure({"clean": RINGS, "not": -RINGS}),
    "spectrum": lambda: plots.spectrum_figure({"one": Spectrum(RINGS, RINGS)}),
    "border_error": lambda: plots.border_error_figure(
        {"zeros": BorderError(np.append(40 * RINGS, np.inf), 3)}
    ),
    "border_deviation": lambda: plots.border_deviation_figure(
        {"zeros": BorderDeviation(RINGS, RINGS)}
    ),
    "lines": lambda: plots.lines_figure(
        LongTimeSpectrum(100 * np.arange(8), 1 + RINGS), [200.0, 400.0]
    ),
    "gradient": lambda: plots.gradient_figure({"flat": IMAGES, "one": IMAGES}),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figures_say_what_they_show(name, tmp_path):
    figure = FIGURES[name]()
    figure.savefig(tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 2000
    panels = [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]
    assert all(p.get_xlabel() or p.get_title() or p.images for p in panels)


def test_every_figure_is_tested():
    names = {n[:-7] for n in vars(plots) if n.endswith("_figure")}
    assert names - {""} == set(FIGURES)


def test_figures_show_the_numbers_they_are_given():
    line, plane = plots.overlap_figure([(3, 2)]).axes[:2]
    assert [bar.get_height() for bar in line.patches] == [2, 1] * 8
    assert plane.images[0].get_array().max() == 4
    (axes,) = plots.spectrum_figure({"a": Spectrum(RINGS, 2 * RINGS)}).axes
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), 2 * RINGS)


@pytest.mark.parametrize("period", [2, 3, 4])
def test_marks_are_on_the_peaks_of_the_pattern(period):
    pattern = np.zeros((48, 48))
    pattern[::period, ::period] = 1
    figure = plots.prominence_figure(pattern[None, ..., None], period)
    axes = figure.axes[0]
    power = axes.images[0].get_array()
    left, right, bottom, top = axes.images[0].get_extent()
    marks = axes.lines[0].get_xydata()
    assert len(marks) == period**2 - 1
    for x, y in marks:
        column = int((x - left) / (right - left) * 48)
        row = int((y - top) / (bottom - top) * 48)
        assert power[row, column] > power.max() - 0.1


def test_no_state_of_pyplot_is_touched():
    from matplotlib import pyplot

    plots.operator_figure(np.eye(3))
    assert pyplot.get_fignums() == []


def test_missing_matplotlib_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(UnusableInput, match="need matplotlib"):
        plots.operator_figure(np.eye(3))
