"""One figure for each measure. Figures are returned, not shown or saved.

Every function returns its own `matplotlib.figure.Figure`, without the state of
`pyplot`; `figure.savefig(path)` writes it. Without matplotlib they raise
`UnusableInput`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from tfupsample.errors import UnusableInput
from tfupsample.inspection.gains import imbalance, imbalance_per_channel
from tfupsample.measures.border import BorderDeviation, BorderError
from tfupsample.measures.lines import LongTimeSpectrum
from tfupsample.measures.overlap import overlap
from tfupsample.measures.pattern import phase_tiles
from tfupsample.measures.spectrum import Spectrum, power_spectrum

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SIGNED, _UNSIGNED = "RdBu_r", "viridis"


def overlap_figure(layers: Sequence[Sequence[int]]) -> Figure:
    """Draws how many taps reach each output pixel, in 1-D and 2-D.

    Args:
        layers: As for `tfupsample.measures.overlap.overlap`.
    """
    figure, (line, plane) = _figure(2)
    counts = np.tile(overlap(layers), 16)[:16]
    line.bar(np.arange(16), counts)
    line.set(xlabel="output pixel", ylabel="taps")
    line.locator_params(integer=True)
    counts = np.tile(overlap(layers, rank=2), (16, 16))[:16, :16]
    _map(plane, counts, "taps", vmin=0)
    figure.suptitle(
        ", then ".join(f"kernel {k}, stride {s}" for k, s in layers)
    )
    return figure


def operator_figure(matrix: ArrayLike) -> Figure:
    """Draws the matrix of a linear layer.

    Args:
        matrix: `(outputs, inputs)`, the result of `operator_matrix`.
    """
    figure, (axes,) = _figure(1)
    _signed_map(axes, matrix, "weight")
    axes.set(xlabel="input value", ylabel="output value", aspect="auto")
    return figure


def gains_figure(gains: ArrayLike) -> Figure:
    """Draws the gain of each phase for flat inputs, and the imbalance.

    Args:
        gains: `(phases, outputs, inputs)`, the result of `upsampling_gains` or
            `gradient_gains`.
    """
    figure, (flat, channels) = _figure(2)
    _signed_map(flat, np.sum(gains, axis=-1), "sum of gains")
    flat.set(xlabel="channel", ylabel="phase", aspect="auto")
    each = imbalance_per_channel(gains)
    channels.bar(np.arange(len(each)), each)
    channels.axhline(imbalance(gains), color="black", label="layer")
    channels.set(xlabel="channel", ylabel="imbalance", ylim=(0, 1))
    channels.locator_params("x", integer=True)
    channels.legend()
    return figure


def pattern_figure(images: ArrayLike, period: int) -> Figure:
    """Draws the mean and variance of each phase, and so the pattern itself.

    Args:
        images: `(batch, height, width, channels)`.
        period: Period in pixels.
    """
    figure, (mean, variance) = _figure(2)
    tiles = phase_tiles(images, period)
    _signed_map(mean, tiles[0], "mean")
    _map(variance, tiles[1], "variance")
    for axes in (mean, variance):
        axes.set(
            xlabel=f"column modulo {period}", ylabel=f"row modulo {period}"
        )
    return figure


def prominence_figure(images: ArrayLike, period: int) -> Figure:
    """Draws the power spectrum, with the harmonics of a period marked.

    Args:
        images: `(batch, height, width, channels)`.
        period: Period in pixels.
    """
    figure, (axes,) = _figure(1)
    height, width = np.shape(images)[1:3]
    edges = [
        (np.fft.fftshift(np.fft.fftfreq(n))[0] - 0.5 / n) + np.array([0, 1])
        for n in (width, height)
    ]
    _map(
        axes, power_spectrum(images), "dB", extent=[*edges[0], *edges[1][::-1]]
    )
    steps = np.arange(-(period // 2), (period + 1) // 2) / period
    columns, rows = np.meshgrid(steps, steps)
    apart = (rows != 0) | (columns != 0)
    axes.plot(
        columns[apart],
        rows[apart],
        "o",
        mfc="none",
        mec="red",
        ms=9,
        clip_on=False,
    )
    axes.set(xlabel="cycles a pixel", ylabel="cycles a pixel")
    return figure


def strength_figure(strengths: Mapping[str, ArrayLike]) -> Figure:
    """Draws how the strengths of single pictures are distributed.

    Args:
        strengths: `{name: (pictures,)}`, results of `pattern_strength`.
    """
    figure, (axes,) = _figure(1)
    edges = np.histogram_bin_edges(np.concatenate([*strengths.values()]), 40)
    for name, values in strengths.items():
        axes.hist(values, edges, alpha=0.6, label=name)
    axes.set(xlabel="strength of the pattern, dB", ylabel="pictures")
    axes.legend()
    return figure


def spectrum_figure(spectra: Mapping[str, Spectrum]) -> Figure:
    """Draws radial spectra over one another.

    Args:
        spectra: `{name: Spectrum}`, results of `radial_spectrum`.
    """
    figure, (axes,) = _figure(1)
    for name, (frequency, power) in spectra.items():
        axes.plot(frequency, power, label=name)
    axes.set(xlabel="cycles a pixel", ylabel="power, dB", xlim=(0, 0.5))
    axes.legend()
    return figure


def border_error_figure(errors: Mapping[str, BorderError]) -> Figure:
    """Draws the border error of each ring.

    Args:
        errors: `{name: BorderError}`, results of `border_error`.
    """
    figure, (axes,) = _figure(1)
    for name, (psnr, width) in errors.items():
        axes.plot(psnr, ".-", label=f"{name}: {width} px")
    axes.axhline(40, color="black", linewidth=0.8, linestyle="--")
    axes.set(xlabel="ring from the edge, px", ylabel="PSNR, dB", ylim=(0, 120))
    axes.legend()
    return figure


def border_deviation_figure(
    deviations: Mapping[str, BorderDeviation],
) -> Figure:
    """Draws the border deviation of each ring.

    Args:
        deviations: `{name: BorderDeviation}`, results of `border_deviation`.
    """
    figure, panels = _figure(2)
    for name, parts in deviations.items():
        for axes, values in zip(panels, parts):
            axes.plot(values, ".-", label=name)
    for axes, what in zip(panels, ("mean", "spread")):
        axes.set(xlabel="ring from the edge, px", ylabel=f"deviation of {what}")
    panels[0].legend()
    return figure


def lines_figure(spectrum: LongTimeSpectrum, lines: Sequence[float]) -> Figure:
    """Draws the spectrum of a sound, with the lines of an upsampling marked.

    Args:
        spectrum: The result of `long_time_spectrum`.
        lines: Frequencies in Hz, as in `ToneLines.frequency`.
    """
    figure, (axes,) = _figure(1)
    power = np.maximum(spectrum.power, 1e-20 * spectrum.power.max())
    level = 10 * np.log10(power)
    axes.plot(spectrum.frequency, level, linewidth=0.7)
    at = np.searchsorted(spectrum.frequency, np.asarray(lines) - 1e-6)
    axes.plot(lines, level[at], "o", mfc="none", color="tab:red", markersize=4)
    axes.set(xlabel="frequency, Hz", ylabel="power, dB")
    return figure


def gradient_figure(gradients: Mapping[str, np.ndarray]) -> Figure:
    """Draws input gradients: the first of each, averaged over the channels.

    Args:
        gradients: `{name: (batch, height, width, channels)}`, results of
            `mean_gradient`.
    """
    figure, panels = _figure(len(gradients))
    for axes, (name, gradient) in zip(panels, gradients.items()):
        _signed_map(axes, np.mean(gradient[0], axis=-1), "gradient")
        axes.set_title(name)
    return figure


def _figure(panels):
    """Returns a figure and its axes, side by side."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise UnusableInput(
            "Figures need matplotlib: pip install 'tfupsample[plots]'."
        ) from error
    width = 5 if panels == 1 else 3.7 * panels
    figure = Figure(figsize=(width, 3.2), dpi=80, layout="constrained")
    return figure, figure.subplots(1, panels, squeeze=False)[0]


def _map(axes, values, label, cmap=_UNSIGNED, **kwargs):
    picture = axes.imshow(values, cmap, interpolation="nearest", **kwargs)
    if "extent" not in kwargs:  # otherwise the axes would not count pixels
        axes.locator_params(integer=True)
    axes.figure.colorbar(picture, ax=axes, label=label)


def _signed_map(axes, values, label):
    """Zero is white."""
    limit = np.abs(values).max() or 1
    _map(axes, values, label, _SIGNED, vmin=-limit, vmax=limit)
